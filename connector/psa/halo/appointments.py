"""Halo's appointments; pure. Only those of a ticket with a start: somebody has a date with the customer.

When it was agreed, and by whom, the action tells that booked it; else its own date of creation, else its
start, so that reading it twice says the same. Source: the vendor's specification of
`/Appointment`; rows were never seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from connector.model import Actor, Appointment, Ticket
from connector.psa.halo.actions import author
from connector.psa.halo.mapping import Reader
from connector.psa.halo.values import first_date, ident, key
from connector.psa.values import Json, flag, instant

Booked = Mapping[int, tuple[datetime, Actor]]
"""When appointments were made and by whom, by their ids."""


def booked(rows: Iterable[object], ticket: Ticket, reader: Reader) -> Booked:
    """What a ticket's actions tell of appointments; the first that names one has made it."""
    found: dict[int, tuple[datetime, Actor]] = {}
    for row in rows:
        number = ident(row, "action_appointment_id") if isinstance(row, dict) else 0
        at = instant(row, "datetime") if isinstance(row, dict) else None
        if isinstance(row, dict) and number and at is not None:
            made = (at, author(row, ticket, reader))
            found[number] = min(found.get(number, made), made, key=lambda one: one[0])
    return found


def appointment(row: Json, reader: Reader, booked: Booked) -> tuple[str, Appointment] | None:
    """Ticket id and appointment; None for one of no ticket, without a start, or deleted."""
    ticket_id = ident(row, "ticket_id")
    starts_at = instant(row, "start_date")
    if not ticket_id or starts_at is None or flag(row, "deleted"):
        return None
    agent = ident(row, "agent_id")
    made = booked.get(key(row))
    return str(ticket_id), Appointment(
        at=made[0] if made else first_date(row, "datecreated", "start_date"),
        key=f"appointment:{key(row)}",
        actor=made[1] if made else reader.people.actor(agent),
        starts_at=starts_at,
        ends_at=instant(row, "end_date"),
        who=str(agent or ""),
    )
