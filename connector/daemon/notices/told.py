"""What a message says, before it has a shape: counts first, worst first, grouped by client, and bounded.

Summaries and names come from strangers. Here they become one line each, of bounded length and without
characters that hide or turn text; what is special to a mail or a chat is dealt with by its shape.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.history.weblinks import web_address
from connector.rules.notices import WORST_FIRST, EventName
from connector.store.notices import Notice, Sending

MOST = 20
"""Things one message lists; the others are counted. A message of Slack's has 50 blocks at most."""

LINE, SUMMARY, NAME, URL = 240, 100, 60, 400

_HEADS: dict[EventName, str] = {
    "followup_late": "follow-up late",
    "missed": "{bucket} missed",
    "red": "zone red",
    "followup_due": "unhappy customer, a follow-up is due",
    "at_risk": "{bucket} at risk",
    "release": "right to leave: the improvement plan failed",
    "plan_opened": "improvement plan opened",
    "review_opened": "service review opened",
    "connection_stopped": "connection stopped",
    "audit_breach": "the auditor found something wrong",
    "dead_letter": "the PSA refused a write",
    "quarantined": "not understood",
}
_COUNTED: dict[EventName, tuple[str, str]] = {
    "followup_late": ("follow-up late", "follow-ups late"),
    "missed": ("missed", "missed"),
    "red": ("zone red", "zone red"),
    "followup_due": ("follow-up due", "follow-ups due"),
    "at_risk": ("at risk", "at risk"),
    "release": ("right to leave", "rights to leave"),
    "plan_opened": ("plan opened", "plans opened"),
    "review_opened": ("review opened", "reviews opened"),
    "connection_stopped": ("connection stopped", "connections stopped"),
    "audit_breach": ("audit breach", "audit breaches"),
    "dead_letter": ("write refused", "writes refused"),
    "quarantined": ("not understood", "not understood"),
}
"""For one and for more."""

_SPACE = re.compile(r"\s+")
_OPERATORS = "px-connector"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """`head` what is so, `about` of what ('' for nothing but the client), `line` why, `meta` whose it is."""

    head: str
    about: str
    line: str
    meta: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """`groups`: clients with their items, the worst first; `more`: notices that are only counted."""

    id: str
    at: datetime
    title: str
    counts: str
    groups: tuple[tuple[str, tuple[Item, ...]], ...]
    more: int


def plain(text: str, limit: int) -> str:
    """One line of text that shows what it is: no control, formatting or private characters."""
    shown = "".join(char if unicodedata.category(char)[0] != "C" else " " for char in text[: 4 * limit])
    shown = _SPACE.sub(" ", shown).strip()
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def tell(sending: Sending, notices: Sequence[Notice], most: int = MOST) -> Told:
    """What this sending says of its notices, at least one; at most so many are listed."""
    ordered = sorted(notices, key=lambda one: (WORST_FIRST.index(one.event), one.at, one.id))
    listed = ordered[:most]
    clients = list(dict.fromkeys(one.client for one in listed))
    number = Counter(one.event for one in ordered)
    counts = ", ".join(
        f"{number[event]} {_COUNTED[event][number[event] > 1]}" for event in WORST_FIRST if number[event]
    )
    first = ordered[0]
    if sending.kind == "digest":
        title = f"{len(ordered)} {'notice' if len(ordered) == 1 else 'notices'}: {counts}"
    else:
        heads = dict.fromkeys(head(one) for one in ordered)
        title = f"{_named(first.client)}: {', '.join(heads)}"
    return Told(
        id=sending.id,
        at=sending.since,
        title=plain(title, LINE),
        counts=counts,
        groups=tuple((_named(c), tuple(_item(one) for one in listed if one.client == c)) for c in clients),
        more=len(ordered) - len(listed),
    )


def head(notice: Notice) -> str:
    """What is so, in a few words: "response missed"."""
    return _HEADS[notice.event].format(bucket=notice.said.get("bucket", ""))


def _named(client: str) -> str:
    return plain(client, NAME) or _OPERATORS


def _item(notice: Notice) -> Item:
    said = notice.said
    about = " ".join(part for part in (notice.ticket_id, said.get("summary", "")) if part)
    over = " — over by now" if notice.over_at and notice.over_at > notice.at else ""
    meta = " · ".join(plain(said[key], NAME) for key in ("priority", "owner") if said.get(key))
    url = web_address(said.get("url", ""))
    return Item(
        head=head(notice),
        about=plain(about, SUMMARY),
        line=plain(said.get("line", ""), LINE) + over,
        meta=meta,
        url=url if len(url) <= URL and url.isprintable() else "",
    )
