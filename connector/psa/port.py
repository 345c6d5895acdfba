"""The Psa protocol: all that the daemon knows of a PSA, whatever the vendor.

An adapter turns requests into `Batch`es of plain model values and flags into writes. It holds no
truth: whatever it forgets can be read again. It never decides what counts; it reports who and what.
Every method may raise AuthFailed, Throttled or Unavailable; nothing vendor-specific escapes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from connector.model import NOBODY, Actor, Event, FlagName, Ticket
from connector.psa.kinds import FieldKind
from connector.rules.writtenhours import WrittenHours

Cursor = Mapping[str, Any]
"""Where a stream's reading stands: JSON-able, opaque to everyone but the adapter that made it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One ticket as the PSA has it now."""

    ticket: Ticket
    version: str  # the PSA's last-updated mark, as it came
    updated_at: datetime | None = None  # the same as an instant, where it is one
    updated_by: str = ""  # id of who touched it last
    editor: Actor = NOBODY  # the same, with what we know of them: who made a change we only see afterwards
    flags: Mapping[FlagName, str] = field(default_factory=dict)  # observed values, '' when empty
    fields: Mapping[str, str] = field(default_factory=dict)  # watched ones, by caption; '' when empty
    alone: bool = False  # read by itself, as `read_flags` reads a single id, not from a list that may lag


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed:
    """Something the PSA sent that cannot be understood: quarantined and shown, never dropped."""

    ticket_id: str  # '' when not even that can be read
    reason: str
    body: str  # cut to 256 characters and redacted


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one read brought.

    `snapshots`: tickets as they are now. `events`: facts by ticket id; the same `key` is the same
    fact, so merging is idempotent. `complete`: ids whose `events` hold the whole timeline the PSA
    keeps of the kinds in `replaces` (key prefixes such as "note:"): facts no longer there were
    deleted. `touched`: tickets that changed in a way this read
    does not show; they need an `observe`. `gone`: tickets that no longer exist. `cursor`: hand this
    to the next `poll` of the stream; `done` is False while more pages wait right now.
    """

    snapshots: tuple[Snapshot, ...] = ()
    events: tuple[tuple[str, Event], ...] = ()
    complete: frozenset[str] = frozenset()
    replaces: tuple[str, ...] = ("note:",)
    touched: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    malformed: tuple[Malformed, ...] = ()
    cursor: Cursor | None = None
    done: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PsaFacts:
    """What `start` found out: shown by `doctor`, checked against the policies."""

    server: str  # product and version
    me: str  # id of the member we act as; edits by it are ours
    statuses: Mapping[str, str] = field(default_factory=dict)  # status name -> vendor's SLA stage
    priorities: tuple[str, ...] = ()
    people: frozenset[str] = frozenset()  # ids and mail addresses of the desk, casefolded; no bare numbers
    fields: Mapping[str, str] = field(default_factory=dict)  # flag captions found -> the PSA's field id
    kinds: Mapping[FlagName, tuple[FieldKind, ...]] = field(default_factory=dict)  # what those fields hold
    missing_fields: tuple[str, ...] = ()  # captions asked for that the PSA does not have
    notes: tuple[str, ...] = ()  # anything a person should know ("partial custom-field writes keep the rest")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """What a verified webhook says: look at this ticket. It carries no truth.

    `deliver_id` identifies the delivery, so a repeated one is recognised; '' if the vendor gives none.
    """

    ticket_id: str
    action: str = "updated"
    deliver_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A write that was made and read back: `flags` as the PSA shows them now, `version` after it."""

    flags: Mapping[FlagName, str]
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorCalendar:
    """Working hours and days off as the PSA keeps them, to be copied into a client's file by a person.

    `hours` is None where they cannot be used; `problem` then says why.
    """

    id: str
    name: str
    hours: WrittenHours | None = None
    problem: str = ""
    note: str = ""  # what a person should know of them: where the time zone comes from


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaState:
    """How much of the PSA's patience is left, for the operations page and metrics.

    `limit`: requests we allow ourselves in `window_s` seconds; `left`: how many of them are not yet sent.
    """

    limit_per_minute: float
    used_last_minute: int
    requests_total: int
    throttled_total: int
    limit: int
    left: int
    window_s: float


@runtime_checkable
class Psa(Protocol):
    """One connection to one PSA."""

    vendor: str
    streams: tuple[str, ...]
    """Names of the things that are polled, in the order a turn polls them; the first brings tickets."""

    def watch(self, captions: Collection[str]) -> None:
        """Name, before `start`, the fields that others write and we only read (`Snapshot.fields`)."""
        ...

    async def start(self, captions: Mapping[FlagName, frozenset[str]]) -> PsaFacts:
        """Discover the address, log in, read statuses, members and fields; bind flag captions to fields."""
        ...

    async def poll(self, stream: str, cursor: Cursor | None, *, now: datetime, limit: int) -> Batch:
        """Read on in one stream from `cursor` (None: from the configured back-fill start)."""
        ...

    async def observe(self, ticket_ids: Sequence[str]) -> Batch:
        """Fetch these tickets with their whole timelines."""
        ...

    async def complete(self, snapshots: Sequence[Snapshot]) -> Batch:
        """Timelines for tickets whose snapshots a poll has just brought: what the polls do not carry."""
        ...

    async def write(self, ticket_id: str, flags: Mapping[FlagName, str]) -> None:
        """Set these flags in one request. Rejected if the PSA refuses; NotFound if the ticket is gone."""
        ...

    def shown(self, flags: Mapping[FlagName, str]) -> Mapping[FlagName, str]:
        """How these desired values will read back once written; compare observed flags with this.

        Text is cut to the field's length, a date to its day, a number to its decimals, a checkbox to
        'Yes' or ''. Flags without a field in this PSA are left out. A value the field cannot hold stays
        as it is: `write` refuses it.
        """
        ...

    async def read_flags(self, ticket_ids: Sequence[str]) -> Mapping[str, Written]:
        """The flags as the PSA shows them now: compare before a write, read back after. Gone ids lack.

        Lists of a PSA may lag behind a write, so a single id is read from the ticket itself.
        """
        ...

    async def verify(
        self, body: bytes, headers: Mapping[str, str], query: Mapping[str, str]
    ) -> Sequence[Hint]:
        """The hints of a webhook delivery, its signature checked over the raw bytes.

        Rejected if it is not genuine; Unproven if it is of a kind that may come unsigned, and was heeded.
        `headers` have lower-case names. May fetch a verification key (bounded in time and size, cached).
        """
        ...

    async def ensure_webhook(self, url: str) -> str:
        """Create, re-enable or confirm our webhook; says which: 'created', 're-enabled', 'alive'."""
        ...

    async def calendars(self, timezone: str = "") -> Sequence[VendorCalendar]:
        """The PSA's calendars with their days off, in its own order; it needs no `start`.

        `timezone` is an IANA name to use instead of the PSA's zone. One that cannot be used says so and
        leaves the others alone; Rejected if calendars may not be read at all.
        """
        ...

    def quota(self) -> QuotaState: ...

    async def close(self) -> None: ...
