"""What a statement is made of: what was known of tickets, ratings, surveys and the contract, and the rules.

Nothing here is a result. People of the desk are named only where the statement was asked to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import TypeAdapter

from connector.history.statement.chain import Record, sealed
from connector.model import BucketClock, BucketName, Channel, PsaVerdict, RatingKind, Watermelon
from connector.rules.causes import Cause
from connector.rules.contract import Happening, Terms
from connector.rules.policy import PlanRule
from connector.store.ratings import Entry

_SILENT = PsaVerdict()
FORM = 1
"""Of the page and the figures. A statement is checked by a version that makes the same form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Whose statement it is. It is about (since, until]; `month_ends` is later while the month still runs."""

    client: str
    month: str
    since: datetime
    until: datetime
    month_ends: datetime
    timezone: str
    source: Literal["store", "log"]
    made_by: str
    form: int = FORM
    engineers: bool = False
    unreadable: int = 0  # lines or tickets that could not be judged
    gone: int = 0  # tickets the PSA no longer has


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One YAML file as it was in force."""

    name: str
    sha256: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules in force. `standalone`: read as `assess` reads them, without `match`.

    `digest` is over the rules as they apply, dates of holidays included: it is worked out again from
    `files` by the `holidays` library of that version.
    """

    digest: str
    terms: Terms
    targets: Mapping[str, Mapping[BucketName, float]]
    holidays: str
    files: tuple[Written, ...]
    standalone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFact:
    """A ticket as it stood at the end of the statement. Minutes are working minutes of its calendar.

    `psa_minutes`: from the opening to the PSA's own times. `messages`: said to or by the customer; of
    `texts` of them the text is known.
    """

    id: str
    opened_at: datetime
    conn: str = ""
    finished_at: datetime | None = None
    summary: str = ""
    url: str = ""
    priority: str = ""
    board: str = ""
    contact: str = ""
    channel: Channel | Literal[""] = ""
    engineer: str = ""
    excluded: str = ""
    clocks: Mapping[BucketName, BucketClock] = field(default_factory=dict)
    psa: PsaVerdict = _SILENT
    psa_minutes: Mapping[BucketName, float] = field(default_factory=dict)
    causes: tuple[Cause, ...] = ()
    watermelon: Watermelon | None = None
    reopened_minutes: float | None = None
    messages: int = 0
    texts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One survey of our own that was sent or shown, or was not, and `why`."""

    at: datetime
    state: Literal["asked", "answered", "skipped"]
    kind: RatingKind = "ticket"
    why: str = ""
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that happened to the contract; a plan's opening with the plan's own terms."""

    happening: Happening
    conn: str = ""
    plan: PlanRule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    head: Head
    rules: Rules
    tickets: Sequence[TicketFact] = ()
    ratings: Sequence[Entry] = ()
    surveys: Sequence[Asked] = ()
    steps: Sequence[Step] = ()

    @property
    def window_since(self) -> datetime:
        """PX is over the ratings after this instant, up to the end of the statement."""
        return self.head.until - timedelta(days=self.rules.terms.px.window_days)

    def in_month(self, at: datetime | None) -> bool:
        """Within what the statement is about."""
        return at is not None and self.head.since < at <= self.head.until


_SHORT = ("ticket", "rating", "survey")  # the others say every value: a default may be another one some day
_KINDS: dict[str, TypeAdapter[Any]] = {
    "statement": TypeAdapter(Head),
    "rules": TypeAdapter(Rules),
    "ticket": TypeAdapter(TicketFact),
    "rating": TypeAdapter(Entry),
    "survey": TypeAdapter(Asked),
    "contract": TypeAdapter(Step),
}


def to_records(facts: Facts) -> list[Record]:
    """The facts as sealed JSON records, each with its `kind`; what is at its default is left out."""
    parts: dict[str, Iterable[Any]] = {
        "statement": [facts.head],
        "rules": [facts.rules],
        "ticket": facts.tickets,
        "rating": facts.ratings,
        "survey": facts.surveys,
        "contract": facts.steps,
    }
    return sealed(
        {"kind": kind, **_KINDS[kind].dump_python(one, mode="json", exclude_defaults=kind in _SHORT)}
        for kind, values in parts.items()
        for one in values
    )


def from_records(records: Iterable[Mapping[str, Any]]) -> Facts:
    """The facts of the records. ValueError (pydantic's) or KeyError where they are none."""
    found: dict[str, list[Any]] = {kind: [] for kind in _KINDS}
    for record in records:
        body = {key: value for key, value in record.items() if key not in ("kind", "hash")}
        found[record["kind"]].append(_KINDS[record["kind"]].validate_python(body))
    if len(found["statement"]) != 1 or len(found["rules"]) != 1:
        raise ValueError("a statement has one head and one set of rules")
    return Facts(
        head=found["statement"][0],
        rules=found["rules"][0],
        tickets=tuple(found["ticket"]),
        ratings=tuple(found["rating"]),
        surveys=tuple(found["survey"]),
        steps=tuple(found["contract"]),
    )
