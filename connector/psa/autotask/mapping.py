"""Autotask's rows in, our words out; pure. What a row cannot say is left empty; a row without an identity
or a possible date is `Unreadable`.

Source of the field meanings: facts §8 (ticket, SLA), §10 (notes, time entries, who wrote it).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connector.model import (
    Actor,
    Appointment,
    Channel,
    Close,
    Direction,
    FlagName,
    Message,
    PsaVerdict,
    Ticket,
)
from connector.psa.autotask.config import no_channel
from connector.psa.autotask.people import People
from connector.psa.autotask.picklists import Picklists
from connector.psa.port import Malformed, Snapshot
from connector.psa.values import (
    MAX_TEXT,
    Json,
    TooDeep,
    Unreadable,
    first_instant,
    instant,
    key,
    number,
    text,
)

COMPLETE = "5"
"""The one status that is the vendor's own and closes a ticket, whatever its label (facts §9)."""
PUBLIC = "1"
"""`publish`: all Autotask users, which is how a customer sees a note; all others are internal."""
BY_CONTACT = "2"
PORTAL, MAIL = "18", "101"

RECORDS: Mapping[str, str] = {
    "13": "workflow_note",
    "15": "duplicate_ticket",
    "16": "outsource_workflow",
    "17": "survey",
    "18": "client_portal",
    "91": "workflow_rule_action",
    "92": "forward",
    "93": "merged_into_ticket",
    "94": "absorbed_another_ticket",
    "95": "copied_to_project",
    "99": "rmm",
    "100": "bdr",
    "101": "email",
}
"""The note types that are the vendor's own and mean something; a tenant's further ones are plain notes."""

_ALERT_WORDS = ("alert", "monitor", "rmm")
_CHANNELS: Mapping[Channel, tuple[str, ...]] = {
    "email": ("mail",),
    "portal": ("portal",),
    "phone": ("phone", "call"),
}
"""How a ticket came in, by the words of its source."""


@dataclass(frozen=True, slots=True)
class Reader:
    """What the mapping must know besides the row: who is who, labels, names, the address."""

    people: People
    labels: Picklists = field(default_factory=Picklists)
    companies: Mapping[str, str] = field(default_factory=dict)
    work_types: Mapping[str, str] = field(default_factory=dict)
    channel: Callable[[str], Channel] = no_channel
    web: str = ""  # address that a person opens in the browser, with a slash at its end


def snapshot(row: Json, reader: Reader, flags: Mapping[FlagName, str]) -> Snapshot:
    """A ticket as it is now. Unreadable without id or a possible opening date."""
    ticket_id, company = key(row), text(row, "companyID")
    completed = instant(row, "completedDate")
    resolved_at, met = instant(row, "resolvedDateTime"), row.get("serviceLevelAgreementHasBeenMet")
    ticket = Ticket(
        id=str(ticket_id),
        client=reader.companies.get(company, ""),
        client_id=company,
        opened_at=first_instant((row, "createDate")),
        summary=text(row, "title"),
        priority=reader.labels.label(row, "priority"),
        type=reader.labels.label(row, "ticketType"),
        status=reader.labels.label(row, "status"),
        group=reader.labels.label(row, "queueID"),
        owner=reader.people.name(text(row, "assignedResourceID")),
        contact=text(row, "contactID"),
        resolved_at=resolved_at,
        closed_at=completed,
        closed=completed is not None or text(row, "status") == COMPLETE,
        url=url(reader, ticket_id),
        psa=PsaVerdict(
            response_at=instant(row, "firstResponseDateTime"),
            resplan_at=instant(row, "resolutionPlanDateTime"),
            resolved_at=resolved_at,
            sla_met=met if isinstance(met, bool) else None,
            text=_next_due(row),
        ),
    )
    editor = _editor(row, reader)
    return Snapshot(
        ticket=ticket,
        version=version(row),
        updated_at=_touched(row),
        updated_by=editor.id,
        editor=editor,
        flags=flags,
    )


def url(reader: Reader, ticket_id: int) -> str:
    """Where a person opens the ticket; '' where the zone did not say (facts §1)."""
    page = "Autotask/AutotaskExtend/ExecuteCommand.aspx?Code=OpenTicketDetail&TicketID="
    return f"{reader.web}{page}{ticket_id}" if reader.web else ""


def version(row: Json) -> str:
    """The last change as an ISO date; a digest of the row where there is none."""
    at = _touched(row)
    if at is not None:
        return at.isoformat()
    return "sha256:" + hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:16]


def closing(shown: Snapshot, row: Json, reader: Reader) -> Close | None:
    """The close of a completed ticket; `completedDate` is emptied when it is opened again."""
    at = shown.ticket.closed_at
    if at is None:
        return None
    actor = reader.people.actor(text(row, "completedByResourceID"))
    return Close(at=at, key=f"close:{at.isoformat()}", actor=actor, to=shown.ticket.status)


def description(row: Json, shown: Snapshot, reader: Reader) -> Message | None:
    """What the ticket was opened with, which is no note here: the customer's words, whoever typed them in."""
    words = text(row, "description")
    if not words:
        return None
    ticket, source = shown.ticket, reader.labels.label(row, "source").casefold()
    contact = text(row, "createdByContactID")
    creator = reader.people.actor(text(row, "creatorResourceID"))
    channel: Channel = next(
        (c for c, some in _CHANNELS.items() if any(word in source for word in some)), "note"
    )
    if contact or text(row, "creatorType") == BY_CONTACT:
        actor = Actor("contact", contact or ticket.contact)
    elif _by_monitor(row, ticket, source):
        actor = creator if creator.kind == "automation" else Actor("automation")
    elif creator.kind == "automation":
        actor = Actor("contact", ticket.contact, marks=("mail_connector",))
    else:
        actor = Actor("contact", ticket.contact, marks=("on_behalf",))
    return Message(
        at=ticket.opened_at,
        key="description",
        actor=actor,
        direction="in",
        channel=channel,
        subject=ticket.summary,
        text=words,
        chars=_cut(row, "description"),
        record="description",
    )


def note(row: Json, reader: Reader) -> tuple[str, Message]:
    """Ticket id and message of a row of `TicketNotes`."""
    contact, kind = text(row, "createdByContactID"), text(row, "noteType")
    actor = Actor("contact", contact) if contact else _writer(row, "creatorResourceID", reader)
    direction: Direction = "in" if contact else "out" if text(row, "publish") == PUBLIC else "internal"
    return _ticket_id(row), Message(
        at=first_instant((row, "createDateTime"), (row, "lastActivityDate")),
        key=f"note:{key(row)}",
        actor=actor,
        direction=direction,
        channel="portal" if kind == PORTAL else "email" if kind == MAIL else "note",
        subject=text(row, "title"),
        text=text(row, "description"),
        chars=_cut(row, "description"),
        record=RECORDS.get(kind, "note"),
    )


def time_entry(row: Json, reader: Reader) -> tuple[str, Message]:
    """Ticket id and message of a row of `TimeEntries`.

    A call, visit or chat reached the customer itself, at its end; anything else did if it has summary
    notes, which the customer may read, and then when it was entered. Internal notes are never shown.
    """
    billing = text(row, "billingCodeID")
    channel = reader.channel(reader.work_types.get(billing, billing))
    called, said = channel != "time_entry", text(row, "summaryNotes")
    direction: Direction = "out" if called or said else "internal"
    ended, entered = ((row, "endDateTime"), (row, "startDateTime")), ((row, "createDateTime"),)
    name = "summaryNotes" if direction == "out" else "internalNotes"
    return _ticket_id(row), Message(
        at=first_instant(*(ended + entered if called else entered + ended), (row, "lastModifiedDateTime")),
        key=f"time:{key(row)}",
        actor=_writer(row, "resourceID", reader),
        direction=direction,
        channel=channel,
        text=text(row, name),
        chars=_cut(row, name),
        minutes=round(number(row, "hoursWorked") * 60, 2),
        record="time_entry",
    )


def appointment(call: Json, ticket_id: str, who: str, reader: Reader) -> Appointment | None:
    """What a service call says of one of its tickets; None where it has no start or was called off."""
    starts_at = instant(call, "startDateTime")
    if starts_at is None or instant(call, "canceledDateTime") is not None:
        return None
    return Appointment(
        at=first_instant((call, "createDateTime"), (call, "lastModifiedDateTime"), (call, "startDateTime")),
        key=f"appointment:{key(call)}:{ticket_id}",
        actor=reader.people.actor(text(call, "creatorResourceID") or who),
        starts_at=starts_at,
        ends_at=instant(call, "endDateTime"),
        who=reader.people.name(who),
    )


def malformed(row: object, reason: str, ticket_id: str = "") -> Malformed:
    """A row set aside. Only ids and dates are shown: the rest is the customer's."""
    shown: dict[str, object] = {}
    if isinstance(row, TooDeep):
        reason = "it is nested deeper than any record"
    if isinstance(row, Mapping):
        wanted = ("id", "ticketID", "createDate", "createDateTime", "startDateTime", "endDateTime", "date")
        shown = {name: row[name] for name in wanted if name in row}
        named = row.get("ticketID") if "ticketID" in row else row.get("id")
        ticket_id = ticket_id or (str(named) if type(named) is int else "")
    body = json.dumps(shown) if shown else type(row).__name__
    return Malformed(ticket_id=ticket_id, reason=reason, body=body[:256])


def _touched(row: Json) -> datetime | None:
    """The last change: of the two marks the later, since each misses what the other shows (facts §4)."""
    marks = (instant(row, "lastActivityDate"), instant(row, "lastTrackedModificationDateTime"))
    return max((at for at in marks if at is not None), default=None)


def _editor(row: Json, reader: Reader) -> Actor:
    if text(row, "lastActivityPersonType") == BY_CONTACT:
        return Actor("contact", text(row, "contactID"))
    return reader.people.actor(text(row, "lastActivityResourceID"))


def _writer(row: Json, name: str, reader: Reader) -> Actor:
    """Who wrote it. In somebody else's name we and machines that are listed write, and people through tools
    of their own: the record cannot tell the two apart, so the others are taken for people."""
    number = text(row, "impersonatorCreatorResourceID")
    through = reader.people.actor(number)
    own = "self" in through.marks or reader.people.listed(number)
    return through if own else reader.people.actor(text(row, name))


def _by_monitor(row: Json, ticket: Ticket, source: str) -> bool:
    if any(row.get(name) for name in ("monitorID", "rmmAlertID")):
        return True
    return any(word in f"{source} {ticket.type.casefold()}" for word in _ALERT_WORDS)


def _next_due(row: Json) -> str:
    """The vendor's next promise that is still open, in words; '' without one."""
    stages = (
        ("First response", "firstResponse"),
        ("Resolution plan", "resolutionPlan"),
        ("Resolution", "resolved"),
    )
    open_ = [
        (due, name)
        for name, stage in stages
        if (due := instant(row, f"{stage}DueDateTime")) is not None
        and instant(row, f"{stage}DateTime") is None
    ]
    return "{1} due {0:%Y-%m-%d %H:%M} UTC".format(*min(open_)) if open_ else ""


def _ticket_id(row: Json) -> str:
    found = row.get("ticketID")
    if type(found) is not int or found <= 0:
        raise Unreadable(f"ticketID: a ticket id was expected, not {found!r:.40}")
    return str(found)


def _cut(row: Json, name: str) -> int | None:
    """The full length of a text that was cut."""
    found = row.get(name)
    return len(found) if isinstance(found, str) and len(found) > MAX_TEXT else None
