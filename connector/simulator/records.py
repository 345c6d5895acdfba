"""What the pretend MSP keeps: plain mutable records in nobody's dialect.

A vendor's dialect reads and writes these and nothing else, so one world can be served as ConnectWise
today and as Autotask or Halo later. Slots keep 100,000 tickets small.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

Stage = Literal["open", "responded", "planned", "resolved", "waiting"]
"""What reaching a status means to the PSA's own SLA: nothing, answered, planned, solved, clock stopped."""

Value: TypeAlias = str | int | float | bool | None


@dataclass(slots=True)
class Company:
    id: int
    name: str
    identifier: str
    values: dict[int, Value] = field(default_factory=dict)


@dataclass(slots=True)
class Contact:
    id: int
    company: int
    first: str
    last: str
    email: str
    phone: str

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"


@dataclass(slots=True)
class Member:
    """Somebody with a login. `kind` tells people from integrations and from the PSA itself."""

    id: int
    identifier: str
    first: str
    last: str
    team: str
    kind: Literal["person", "api", "system"] = "person"

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}".strip()


@dataclass(frozen=True, slots=True)
class Status:
    id: int
    board: int
    name: str
    stage: Stage
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    id: int
    name: str
    statuses: tuple[Status, ...]


@dataclass(frozen=True, slots=True)
class Priority:
    """`respond`, `plan`, `resolve`: the PSA's own promises in working minutes from opening."""

    id: int
    name: str
    level: str
    respond: int
    plan: int
    resolve: int


@dataclass(frozen=True, slots=True)
class Field:
    """A custom field; `options` closes the list of values. Other: a type that takes no flag."""

    id: int
    caption: str
    type: Literal["Text", "Number", "Checkbox", "Other"]
    on: Literal["ticket", "company"] = "ticket"
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DayOff:
    """A holiday; `hours` are the ones that are off, None is the whole day."""

    id: int
    day: str
    name: str
    hours: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class DaysOff:
    """A list of holidays that calendars share."""

    id: int
    name: str
    days: tuple[DayOff, ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working hours by day of the week, Monday is 0; "HH:MM", an end before its start is on the next day."""

    id: int
    name: str
    hours: Mapping[int, tuple[str, str]]
    days_off: int | None = None


@dataclass(slots=True)
class Sla:
    """The PSA's own SLA book-keeping of one ticket; minutes are working minutes, waiting left out."""

    since: datetime
    stage: Stage = "open"
    waiting: bool = False
    spent: int = 0
    waited: int = 0
    respond_min: int = 0
    plan_min: int = 0
    resolve_min: int = 0
    respond_skipped: int = 0
    plan_skipped: int = 0
    responded_at: datetime | None = None
    planned_at: datetime | None = None
    resolved_at: datetime | None = None
    responded_by: str = ""
    planned_by: str = ""
    resolved_by: str = ""


@dataclass(slots=True)
class Ticket:
    """A ticket as it stands. `seeded` is its place in the generated history, -1 if it is not part of it."""

    id: int
    company: int
    contact: int | None
    board: int
    status: int
    priority: int
    type: int
    summary: str
    entered_at: datetime
    entered_by: str
    updated_at: datetime
    updated_by: str
    sla: Sla
    owner: int | None = None
    values: dict[int, Value] | None = None
    closed_at: datetime | None = None
    closed_by: str = ""
    customer_updated: bool = False
    merged_into: int | None = None
    has_merged: bool = False
    due: datetime | None = None
    parent: int | None = None
    seeded: int = -1


@dataclass(slots=True)
class Post:
    """A note. Neither member nor contact: the PSA wrote it. `created_by` is a login name."""

    id: int
    ticket: int
    at: datetime
    text: str
    created_by: str
    member: int | None = None
    contact: int | None = None
    visible: bool = True
    resolution: bool = False


@dataclass(slots=True)
class WorkLog:
    """A time entry, with what was said in it. `text` is what the customer may read."""

    id: int
    ticket: int
    member: int
    start: datetime
    end: datetime
    text: str
    work_type: str
    entered_at: datetime
    entered_by: str
    updated_at: datetime
    visible: bool = True
    internal: str = ""


@dataclass(slots=True)
class Appointment:
    id: int
    ticket: int
    member: int
    start: datetime
    end: datetime
    entered_by: str
    updated_at: datetime


@dataclass(slots=True)
class Answer:
    """A survey answer: `score` of 5. `thermometer`: given by one click on a face in a mail."""

    id: int
    ticket: int
    score: int
    comment: str
    updated_at: datetime
    thermometer: bool = False


@dataclass(slots=True)
class Hook:
    """A webhook somebody registered. `scope` and `object` say which records it is for."""

    id: int
    url: str
    type: str
    scope: str
    object: int
    owner: int
    guid: str
    signing_key: str = field(repr=False, default="")
    description: str = ""
    self_suppressed: bool = False
    inactive: bool = False
    failing_since: datetime | None = None
    failures: int = 0
    last_status: int = 0
    updated_at: datetime | None = None
    updated_by: str = ""


@dataclass(frozen=True, slots=True)
class Trail:
    """A line of the audit trail. `old` and `new` are names; both empty where nothing was replaced."""

    at: datetime
    ticket: int
    by: str
    kind: str
    what: str
    text: str
    old: str = ""
    new: str = ""


@dataclass(frozen=True, slots=True)
class Gone:
    """A ticket that was deleted, as it last was."""

    id: int
    at: datetime
    by: str
    ticket: Ticket


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A note or a time entry that was deleted from a ticket that is still there."""

    id: int
    at: datetime
    by: str
    what: Post | WorkLog


@dataclass(frozen=True, slots=True)
class Change:
    """Something happened to a record that hooks may be told of."""

    type: Literal["ticket", "note", "time", "company"]
    id: int
    action: Literal["added", "updated", "deleted"]
    by: str
    ticket: Ticket | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """A custom field changed through the API."""

    at: datetime
    ticket: int
    field: str
    old: Value
    new: Value
    member: str


@dataclass(frozen=True, slots=True)
class CompanyWrite:
    """A custom field of a company changed through the API."""

    at: datetime
    company: int
    field: str
    old: Value
    new: Value
    member: str
