"""A Halo ticket in, our words out; pure. What a row cannot say is left empty; a row without an identity or
a possible date is `Unreadable`.

List rows and details differ in what they hold, and a POST answers with other names than a GET. Source of
the field meanings: facts §0, §3, §5.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connector.model import NOBODY, Actor, Channel, Close, FlagName, PsaVerdict, Ticket
from connector.psa.halo.config import by_words
from connector.psa.halo.lookups import Lookups
from connector.psa.halo.people import SYSTEM, People
from connector.psa.halo.values import first_date, ident, key
from connector.psa.port import Malformed, Snapshot
from connector.psa.values import Json, TooDeep, flag, instant, text

NOT_TICKETS = frozenset({20, 22, 23})
"""`itil_requesttype_id` of quotations, projects and tasks: they lie among the tickets (facts §3)."""

REMINDERS = ("is_closure_reminder_closure", "is_slahold_reminder_closure")
_SHOWN = ("id", "ticket_id", "dateoccurred", "datetime", "last_update", "date", "start_date")


@dataclass(frozen=True, slots=True)
class Reader:
    """What the mapping must know besides the row.

    `application` is our own API application; `own` holds, by ticket, the mark that our last write left.
    """

    people: People
    lookups: Lookups
    channel: Callable[[str], Channel] = by_words
    site: str = ""
    application: str = ""
    applications: frozenset[str] = frozenset()  # casefolded ids of those that people write through
    closed: frozenset[int] = frozenset({9})
    own: Mapping[str, str] = field(default_factory=dict)


def is_ticket(row: Json) -> bool:
    """Whether this is a ticket and not a project, task or quotation."""
    return ident(row, "itil_requesttype_id") not in NOT_TICKETS


def snapshot(row: Json, reader: Reader, flags: Mapping[FlagName, str]) -> Snapshot:
    """A ticket as it is now. Unreadable without id or a possible opening date."""
    ticket_id = str(key(row))
    opened_at = first_date(row, "dateoccurred" if row.get("dateoccurred") else "datecreated")
    closed_at = closing_date(row, opened_at, reader)
    solved_at = instant(row, "dateclosed") if closed_at is not None else None
    agent = ident(row, "agent_id")
    mark = version(row)
    ours = reader.own.get(ticket_id) == mark
    ticket = Ticket(
        id=ticket_id,
        client=text(row, "client_name"),
        client_id=str(ident(row, "client_id") or ""),
        opened_at=opened_at,
        summary=text(row, "summary"),
        priority=reader.lookups.priority(row),
        type=reader.lookups.type(row),
        status=reader.lookups.status(row),
        group=text(row, "team"),
        owner=reader.people.name(agent),
        contact=str(ident(row, "user_id") or ""),
        resolved_at=solved_at,
        closed_at=closed_at,
        closed=is_closed(row, closed_at, reader),
        url=f"{reader.site}/ticket?id={ticket_id}",
        parent=str(ident(row, "parent_id") or ""),
        merged_into=str(ident(row, "merged_into_id") or ""),
        psa=verdict(row, closed_at),
    )
    editor = Actor("automation", id=str(reader.people.me), marks=("api", "self")) if ours else NOBODY
    return Snapshot(
        ticket=ticket,
        version=mark,
        updated_at=updated_at(row),
        updated_by=editor.id,
        editor=editor,
        flags=flags,
    )


def updated_at(row: Json) -> datetime | None:
    """When it was last changed; a GET says `last_update`, a POST's answer `lastupdate`."""
    return instant(row, "last_update") or instant(row, "lastupdate")


def version(row: Json) -> str:
    """The last-updated mark, written in one way; a digest of the row where there is none."""
    at = updated_at(row)
    if at is not None:
        return at.astimezone(UTC).isoformat(timespec="milliseconds")
    return "sha256:" + hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:16]


def is_closed(row: Json, closed_at: datetime | None, reader: Reader) -> bool:
    """By its status; where the status says nothing, by `hasbeenclosed` together with the date."""
    return ident(row, "status_id") in reader.closed or (flag(row, "hasbeenclosed") and closed_at is not None)


def closing_date(row: Json, opened_at: datetime, reader: Reader) -> datetime | None:
    """When it was closed. A date before the opening is Halo's "not set", and an open ticket has none."""
    at = instant(row, "date_fully_closed") or instant(row, "dateclosed")
    ended = ident(row, "status_id") in reader.closed or flag(row, "hasbeenclosed")
    return at if ended and at is not None and at >= opened_at else None


def verdict(row: Json, closed_at: datetime | None) -> PsaVerdict:
    """What Halo says about its SLA. Dates are trusted above states, but "outside" is always a miss."""
    respond_by = instant(row, "respondbydateadjusted") or instant(row, "respondbydate")
    fix_by = instant(row, "fixbydateadjusted") or instant(row, "fixbydate")
    responded = instant(row, "first_responsedate") or instant(row, "responsedate")
    kept = [
        _kept(text(row, "slaresponsestate"), instant(row, "responsedate") or responded, respond_by),
        _kept(text(row, "slastate"), closed_at, fix_by),
    ]
    met = None if flag(row, "excludefromsla") or None in kept else all(kept)
    said = {"respond by": respond_by, "fix by": fix_by}
    words = [f"{what} {at:%Y-%m-%d %H:%M} UTC" for what, at in said.items() if at]
    if flag(row, "onhold"):
        words.append("on hold")
    if flag(row, "excludefromsla"):
        words.append("excluded from SLA")
    missed = False in kept and not flag(row, "excludefromsla")
    return PsaVerdict(
        response_at=responded,
        resolved_at=instant(row, "dateclosed") if closed_at is not None else None,
        sla_met=False if missed else met,
        text=", ".join(words),
    )


def closing(row: Json, shown: Snapshot, reader: Reader) -> Close | None:
    """The close of a closed ticket, where Halo tells when."""
    ticket = shown.ticket
    if not ticket.closed or ticket.closed_at is None:
        return None
    by_itself = any(flag(row, name) for name in REMINDERS) or row.get("closure_agent_id") == 0
    return Close(
        at=ticket.closed_at,
        key=f"close:{ticket.closed_at.isoformat()}",
        actor=SYSTEM if by_itself else reader.people.actor(ident(row, "closure_agent_id")),
        to=ticket.status,
    )


def malformed(row: object, reason: str, ticket_id: str = "") -> Malformed:
    """A row set aside. Only ids and dates are shown: the rest is the customer's."""
    shown: dict[str, Any] = {}
    if isinstance(row, TooDeep):
        reason = "it is nested deeper than any record"
    if isinstance(row, Mapping):
        shown = {name: row[name] for name in _SHOWN if isinstance(row.get(name), str | int)}
        ticket_id = ticket_id or str(ident(row, "ticket_id") or ident(row, "id") or "")
    body = json.dumps(shown) if shown else type(row).__name__
    return Malformed(ticket_id=ticket_id, reason=reason[:500], body=body[:256])


def _kept(state: str, done: datetime | None, due: datetime | None) -> bool | None:
    """Whether a promise was kept: 'O' and 'X' are outside; otherwise the dates, and 'I' without them."""
    if state.upper() in ("O", "X"):
        return False
    if done is not None and due is not None:
        return done <= due
    return True if state.upper() == "I" and done is not None else None
