"""The statement as one file that needs nothing else: a page for people, or one JSON document.

Both are made of the sealed facts alone, so they can be made again and compared.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache, partial
from math import floor
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from pydantic import TypeAdapter

from connector.history.explain import BUCKET_WORDS
from connector.history.review import sentence, told
from connector.history.statement import charts
from connector.history.statement.chain import Record, canonical
from connector.history.statement.facts import from_records
from connector.history.statement.figures import Figures, figures
from connector.history.weblinks import web_address
from connector.model import BUCKETS
from connector.rules.causes import WORDS
from connector.rules.experience import px_text, sentiment
from connector.rules.lines import span, zone_named

LISTED = 100
"""Rows of one table on the page; the facts hold all."""
NAMED = 12
"""Tickets named in one sentence or cell."""
_FIGURES = TypeAdapter(Figures)


def document(records: Sequence[Record]) -> str:
    """The page. Raises what `from_records` raises."""
    facts = from_records(records)
    found = figures(facts)
    zone = zone_named(facts.head.timezone)
    window = [one for one in facts.ratings if one.rating.at > facts.window_since]
    page = (
        _environment()
        .get_template("statement.html")
        .render(
            head=facts.head,
            rules=facts.rules,
            facts=facts,
            fig=found,
            sentence=sentence(found.answers.px, facts.rules.terms.px),
            steps=[(place, facts.steps[place]) for place in found.contract.steps],
            told=partial(told, facts.head.client, found.answers.target),
            ratings=window[::-1],
            tickets={fact.id: fact for fact in facts.tickets},
            chart=charts.distribution,
            size=charts,
            listed=LISTED,
            named_most=NAMED,
            moment=partial(_moment, zone=zone),
            felt=lambda rating: sentiment(rating, facts.rules.terms.px),
            embedded=Markup(_harmless(canonical(list(records)))),  # noqa: S704 - escaped for a script
            chain_head=records[-1]["hash"],
            records=len(records),
        )
    )
    return page.replace("\r\n", "\n").replace("\r", "\n")  # what people wrote may hold either


def json_document(records: Sequence[Record]) -> str:
    """The same as one line of JSON: `facts`, the `chain`'s last hash, and the `figures` of them."""
    found = _FIGURES.dump_python(figures(from_records(records)), mode="json")
    body = {"chain": records[-1]["hash"], "figures": found, "facts": list(records)}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"


def _harmless(text: str) -> str:
    """JSON that cannot end the element it stands in, nor be read as markup."""
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _moment(at: datetime | None, *, zone: ZoneInfo) -> str:
    return "–" if at is None else f"{at.astimezone(zone):%d %b %Y %H:%M}"


def _percent(value: float | None) -> str:
    """One decimal, cut: 94.97 % must not read as 95 %."""
    return "not known" if value is None else f"{floor(value * 10 + 1e-9) / 10:.1f} %"


def _minutes(value: float | None) -> str:
    return "–" if value is None else span(value)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    env = Environment(
        loader=PackageLoader("connector.history.statement"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    env.filters.update(
        percent=_percent,
        minutes=_minutes,
        px=lambda figure: px_text(figure) or "–",
        bucket=lambda name: BUCKET_WORDS[name],
        web_address=web_address,
    )
    env.globals.update(causes=WORDS, buckets=BUCKETS)
    return env
