"""ConnectWise JSON in, our words out; pure. What a row cannot say is left empty; a row without an
identity or a possible date is `Unreadable`.

Source of the field meanings: facts §6 (ticket, SLA), §7 (notes, time entries, who wrote it).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from connector.model import (
    Actor,
    Appointment,
    Channel,
    Close,
    Direction,
    Event,
    FlagName,
    Message,
    PsaVerdict,
    Ticket,
)
from connector.psa.connectwise.config import by_words
from connector.psa.connectwise.people import People, is_connector
from connector.psa.port import Malformed, Snapshot
from connector.psa.values import (
    MAX_TEXT,
    Json,
    TooDeep,
    Unreadable,
    first_instant,
    flag,
    instant,
    key,
    number,
    part,
    text,
)

DESCRIPTION_WITHIN = timedelta(seconds=10)
"""A first note this close to the opening is the ticket's description, whoever typed it in."""


@dataclass(frozen=True, slots=True)
class Reader:
    """What the mapping must know besides the row: who is who, which work types are calls, the address."""

    people: People
    channel: Callable[[str], Channel] = by_words
    site: str = ""  # scheme and host that a person opens in the browser
    company: str = ""


def url(reader: Reader, ticket_id: int) -> str:
    """Where a person opens the ticket."""
    page = "v4_6_release/services/system_io/Service/fv_sr100_request.rails"
    return f"{reader.site}/{page}?service_recid={ticket_id}&companyName={reader.company}"


def snapshot(row: Json, reader: Reader, flags: Mapping[FlagName, str]) -> Snapshot:
    """A ticket as it is now. Unreadable without id or a possible opening date."""
    ticket_id = key(row)
    info = part(row, "_info")
    opened_at = first_instant((info, "dateEntered"), (row, "dateEntered"))
    resolved_at = instant(row, "dateResolved")
    in_sla = row.get("isInSla")
    updated_by = text(info, "updatedBy")
    ticket = Ticket(
        id=str(ticket_id),
        client=text(part(row, "company"), "name") or text(part(row, "company"), "identifier"),
        client_id=text(part(row, "company"), "id"),
        opened_at=opened_at,
        summary=text(row, "summary"),
        priority=text(part(row, "priority"), "name"),
        type=text(part(row, "type"), "name"),
        status=text(part(row, "status"), "name"),
        group=text(part(row, "board"), "name"),
        owner=text(part(row, "owner"), "name") or text(part(row, "owner"), "identifier"),
        contact=text(part(row, "contact"), "id"),
        resolved_at=resolved_at,
        closed_at=instant(row, "closedDate"),
        closed=flag(row, "closedFlag"),
        url=url(reader, ticket_id),
        parent=text(row, "parentTicketId"),
        merged_into=text(part(row, "mergedParentTicket"), "id"),
        psa=PsaVerdict(
            response_at=instant(row, "dateResponded"),
            resplan_at=instant(row, "dateResplan"),
            resolved_at=resolved_at,
            sla_met=in_sla if isinstance(in_sla, bool) else None,
            text=text(row, "slaStatus"),
        ),
    )
    return Snapshot(
        ticket=ticket,
        version=version(row),
        updated_at=instant(info, "lastUpdated"),
        updated_by=updated_by,
        editor=reader.people.actor(updated_by),
        flags=flags,
    )


def version(row: Json) -> str:
    """The last-updated mark; a digest of the row where the server sends none."""
    mark = text(part(row, "_info"), "lastUpdated")
    return mark or "sha256:" + hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:16]


def closing(row: Json, shown: Snapshot, reader: Reader) -> Close | None:
    """The close of a closed ticket, where the PSA tells when."""
    ticket = shown.ticket
    if not ticket.closed or ticket.closed_at is None:
        return None
    actor = reader.people.actor(text(row, "closedBy"))
    return Close(
        at=ticket.closed_at, key=f"close:{ticket.closed_at.isoformat()}", actor=actor, to=ticket.status
    )


def notes(rows: list[Any], ticket: Ticket, reader: Reader) -> tuple[list[Event], list[Malformed]]:
    """The notes of one ticket in order of id; those that cannot be read are set aside."""
    events: list[Event] = []
    bad = [malformed(row, "a note was expected", ticket.id) for row in rows if not isinstance(row, dict)]
    first = True
    for row in sorted((row for row in rows if isinstance(row, dict)), key=_order):
        try:
            message = note(row, ticket, reader)
        except Unreadable as error:
            bad.append(malformed(row, f"note {row.get('id')}: {error}", ticket.id))
            continue
        if first and _is_description(row, message, ticket):
            message = _as_description(message, ticket)
        first = False
        events.append(message)
    return events, bad


def note(row: Json, ticket: Ticket, reader: Reader) -> Message:
    """One note of `service/tickets/{id}/notes`. Visible to the customer: discussion or resolution."""
    info = part(row, "_info")
    at = first_instant((row, "dateCreated"), (info, "dateEntered"), (info, "lastUpdated"))
    actor, mailed = _author(row, ticket, reader)
    visible = flag(row, "detailDescriptionFlag") or flag(row, "resolutionFlag")
    direction: Direction = "in" if actor.kind == "contact" else "out" if visible else "internal"
    return Message(
        at=at,
        key=f"note:{key(row)}",
        actor=actor,
        direction=direction,
        channel="email" if mailed else "note",
        text=text(row, "text"),
        chars=_cut(row, "text"),
        record="note",
    )


def time_entry(row: Json, reader: Reader) -> tuple[str, Message]:
    """Ticket id and message of a time entry.

    A call, visit or chat reached the customer itself, at its end; anything else reached them if it was
    added to discussion or resolution, or mailed, and then when it was entered. `internalNotes` are
    never part of what the customer saw.
    """
    info = part(row, "_info")
    channel = reader.channel(text(part(row, "workType"), "name"))
    called = channel != "time_entry"
    shown = ("addToDetailDescriptionFlag", "addToResolutionFlag", "emailContactFlag")
    direction: Direction = "out" if called or any(flag(row, name) for name in shown) else "internal"
    ended, entered = ((row, "timeEnd"), (row, "timeStart")), ((row, "dateEntered"), (info, "dateEntered"))
    at = first_instant(*(ended + entered if called else entered + ended), (info, "lastUpdated"))
    name = "internalNotes" if direction == "internal" and not text(row, "notes") else "notes"
    by = text(part(row, "member"), "identifier")
    people = reader.people
    message = Message(
        at=at,
        key=f"time:{key(row)}",
        actor=people.member(by) if by else people.actor(text(row, "enteredBy") or text(info, "enteredBy")),
        direction=direction,
        channel=channel,
        text=text(row, name),
        chars=_cut(row, name),
        minutes=round(number(row, "actualHours") * 60, 2),
        record="time_entry",
    )
    return _ticket_id(row, "chargeToId"), message


def appointment(row: Json, reader: Reader) -> tuple[str, Appointment] | None:
    """Ticket id and appointment of a schedule entry; None for one without a start.

    Assigning a ticket makes a schedule entry too: without a start nobody has a date with the customer.
    """
    starts_at = instant(row, "dateStart")
    if starts_at is None:
        return None
    info = part(row, "_info")
    who = text(part(row, "member"), "identifier")
    by = text(info, "enteredBy") or text(info, "updatedBy")
    return _ticket_id(row, "objectId"), Appointment(
        at=first_instant((info, "dateEntered"), (info, "lastUpdated"), (row, "dateStart")),
        key=f"appointment:{key(row)}",
        actor=reader.people.actor(by or who),
        starts_at=starts_at,
        ends_at=instant(row, "dateEnd"),
        who=who,
    )


def malformed(row: object, reason: str, ticket_id: str = "") -> Malformed:
    """A row set aside. Only ids and dates are shown: the rest is the customer's."""
    shown: dict[str, object] = {}
    if isinstance(row, TooDeep):
        reason = "it is nested deeper than any record"
    if isinstance(row, Mapping):
        wanted = ("id", "ticketId", "dateCreated", "dateEntered", "timeStart", "timeEnd", "dateStart")
        shown = {name: row[name] for name in wanted if name in row}
        shown |= {
            f"_info.{name}": value for name, value in part(row, "_info").items() if name.startswith("date")
        }
        ticket_id = ticket_id or (str(row["id"]) if type(row.get("id")) is int else "")
    body = json.dumps(shown) if shown else type(row).__name__
    return Malformed(ticket_id=ticket_id, reason=reason, body=body[:256])


def _author(row: Json, ticket: Ticket, reader: Reader) -> tuple[Actor, bool]:
    """Who wrote a note, and whether it came in by mail or portal."""
    by = text(part(row, "member"), "identifier")
    created_by = text(row, "createdBy") or text(part(row, "_info"), "updatedBy")
    contact = part(row, "contact")
    mailed = is_connector(by or created_by)
    staff = reader.people.member(by) if by else reader.people.actor(created_by)
    named = bool(contact.get("id") or contact.get("name"))
    answered = flag(row, "customerUpdatedFlag")
    if (named and (not by or mailed)) or (answered and staff.kind != "staff"):
        return _contact(contact, ticket, mailed), mailed
    return staff, False


def _contact(contact: Json, ticket: Ticket, mailed: bool) -> Actor:
    marks = ("mail_connector",) if mailed else ()
    return Actor("contact", id=text(contact, "id") or ticket.contact, name=text(contact, "name"), marks=marks)


def _is_description(row: Json, message: Message, ticket: Ticket) -> bool:
    """A staff member who takes a call types the customer's words in: that is no answer to them."""
    if flag(row, "issueFlag"):
        return True
    near = abs(message.at - ticket.opened_at) <= DESCRIPTION_WITHIN
    return near and flag(row, "detailDescriptionFlag") and message.actor.kind != "contact"


def _as_description(message: Message, ticket: Ticket) -> Message:
    actor = message.actor
    if "system" in actor.marks:  # the mail connector, with a sender it did not know
        actor = Actor("contact", id=ticket.contact, marks=("mail_connector",))
        message = replace(message, channel="email")
    elif actor.kind in ("staff", "unknown"):
        actor = Actor("contact", id=ticket.contact, marks=("on_behalf",))
    return replace(message, direction="in", actor=actor, record="description")


def _ticket_id(row: Json, name: str) -> str:
    found = row.get(name)
    if type(found) is not int or found <= 0:
        raise Unreadable(f"{name}: a ticket id was expected, not {found!r:.40}")
    return str(found)


def _cut(row: Json, name: str) -> int | None:
    """The full length of a text that was cut."""
    found = row.get(name)
    return len(found) if isinstance(found, str) and len(found) > MAX_TEXT else None


def _order(row: Json) -> int:
    found = row.get("id")
    return found if type(found) is int else 0
