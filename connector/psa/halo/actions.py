"""Halo's actions, which are notes, mails, time entries and status changes in one; pure.

An action's id is unique in its ticket only. Who did it is told by numbers of agents, users and
applications; the name it shows is for people and proves nothing. `hiddenfromuser` says nothing about the
direction: a customer's own mail may be hidden. Source: facts §6.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from connector.model import NOBODY, Actor, Channel, Direction, Event, Message, StatusChange, Ticket
from connector.psa.halo.mapping import Reader
from connector.psa.halo.people import SYSTEM, UNASSIGNED
from connector.psa.halo.values import first_date, ident, key, minutes
from connector.psa.values import MAX_TEXT, Json, flag, text

DESCRIPTION_WITHIN = timedelta(seconds=10)
"""What is said first and this close to the opening is the ticket's description, whoever typed it in."""

_CALLED: tuple[Channel, ...] = ("phone", "visit", "chat")
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""The id of an API application. Halo's own apps, through which people write, have names."""

_TEXTS = ("note", "emailbody", "private_note")
_WHO = ("who_agentid", "actionby_agent_id", "actionby_user_id")


def facts(row: Json, ticket: Ticket, reader: Reader, first: bool = False) -> list[Event]:
    """What one action says: a message, a change of status, both or nothing. Unreadable without id or date.

    Work reached the customer when it was written down, everything else when it happened. `first`: nothing
    was said before.
    """
    number = key(row)
    name = f"action:{ticket.id}:{number}"
    actor = author(row, ticket, reader)
    said = _message(row, actor, reader)
    worked = said is not None and said[1] == "time_entry"
    dates = ("actiondatecreated", "datetime") if worked else ("datetime", "actiondatecreated")
    at = first_date(row, *dates, "actionarrivaldate", "dateemailed")
    found: list[Event] = []
    if said is not None:
        direction, channel, record = said
        message = Message(
            at=at,
            key=name,
            actor=actor,
            direction=direction,
            channel=channel,
            subject=text(row, "emailsubject"),
            text=_words(row),
            chars=_cut(row),
            minutes=minutes(row, "timetakenadjusted", "timetaken"),
            headers=_headers(row),
            record=record,
        )
        found.append(_as_description(message, ticket) if first else message)
    was, now = (reader.lookups.status_of(ident(row, field)) for field in ("old_status", "new_status"))
    now = now or text(row, "new_status_name")
    if now and ident(row, "old_status") != ident(row, "new_status"):
        found.append(StatusChange(at=at, key=f"{name}:status", actor=actor, from_=was, to=now))
    return found


def author(row: Json, ticket: Ticket, reader: Reader) -> Actor:
    """Who did it: an agent, the customer, an application, or Halo itself; `unknown` if no field tells."""
    application = text(row, "actionby_application_id").casefold()
    if application and application == reader.application.casefold():
        return Actor("automation", id=str(reader.people.me or ""), marks=("api", "self"))
    if ident(row, "action_supplier_id"):
        return Actor("unknown", id=f"supplier {ident(row, 'action_supplier_id')}")
    agent = ident(row, "who_agentid")
    mailed = _way(row) == "I"
    if agent <= UNASSIGNED and (ident(row, "actionby_user_id") or mailed):
        user = str(ident(row, "actionby_user_id") or ticket.contact)
        return Actor("contact", id=user, marks=("mail_connector",) if mailed else ())
    if agent <= UNASSIGNED:
        agent = ident(row, "actionby_agent_id")
    if agent > UNASSIGNED:
        actor = reader.people.actor(agent)
        machine = _GUID.fullmatch(application) and application not in reader.applications
        return _machine(actor) if machine and actor.kind == "staff" else actor
    return SYSTEM if application or any(name in row for name in _WHO) else NOBODY


def _machine(actor: Actor) -> Actor:
    """An application that acts in a person's name."""
    return Actor("automation", id=actor.id, name=actor.name, team=actor.team, marks=("api",))


def _message(row: Json, actor: Actor, reader: Reader) -> tuple[Direction, Channel, str] | None:
    """Direction, channel and kind of record; None for an action in which nothing was said or worked."""
    way = _way(row)
    if not (_words(row).strip() or way or minutes(row, "timetakenadjusted", "timetaken")):
        return None
    called = reader.channel(text(row, "outcome"))
    channel: Channel = "email" if way else "note"
    if actor.kind == "contact":
        return "in", "email" if way else "portal", _record(row)
    if actor.kind != "automation" and called in _CALLED:
        return "out", called, _record(row)
    if not way and minutes(row, "timetakenadjusted", "timetaken"):
        channel = "time_entry"
    supplier = ident(row, "action_supplier_id") > 0
    shown = row.get("hiddenfromuser") is False or (way == "O" and "hiddenfromuser" not in row)
    seen = text(row, "note") or text(row, "emailbody") or way
    return "out" if shown and seen and not supplier else "internal", channel, _record(row)


def _as_description(message: Message, ticket: Ticket) -> Message:
    """An agent who takes a call types the customer's words in, a monitoring its own: no answer to anybody."""
    opens = message.direction == "out" and "system" not in message.actor.marks
    if not opens or message.channel in _CALLED or abs(message.at - ticket.opened_at) > DESCRIPTION_WITHIN:
        return message
    typed = message.actor.kind in ("staff", "unknown")
    actor = Actor("contact", id=ticket.contact, marks=("on_behalf",)) if typed else message.actor
    return replace(message, direction="in", actor=actor, record="description")


def _record(row: Json) -> str:
    """The kind of record, where it tells a machine's message from a person's."""
    if flag(row, "is_halo_ack") or flag(row, "ishaloack"):
        return "automatic acknowledgement"
    if flag(row, "isundeliverable"):
        return "notification: undeliverable"
    if ident(row, "merged_from_ticketid"):
        return "merged"
    return "email" if _way(row) else "action"


def _way(row: Json) -> str:
    """'I' for a mail that came in, 'O' for one that went out, '' for no mail."""
    found = text(row, "emaildirection").upper()
    return found if found in ("I", "O") else ""


def _words(row: Json) -> str:
    return next((words for name in _TEXTS if (words := text(row, name))), "")


def _cut(row: Json) -> int | None:
    """The full length of a text that was cut."""
    found = next((row[name] for name in _TEXTS if row.get(name)), None)
    return len(found) if isinstance(found, str) and len(found) > MAX_TEXT else None


def _headers(row: Json) -> dict[str, str]:
    """What is known of a mail that came in."""
    if _way(row) != "I":
        return {}
    known = {"from": text(row, "emailfrom"), "to": text(row, "emailto")}
    return {name: value for name, value in known.items() if value}
