"""Halo's appointments; pure. Only those of a ticket with a start: somebody has a date with the customer.

When it was agreed is its own date of creation where Halo gives one, and otherwise its start, so that
reading it twice says the same. Source: the vendor's specification of `/Appointment`; rows were never seen.
"""

from __future__ import annotations

from connector.model import Appointment
from connector.psa.halo.mapping import Reader
from connector.psa.halo.values import first_date, ident, key
from connector.psa.values import Json, flag, instant


def appointment(row: Json, reader: Reader) -> tuple[str, Appointment] | None:
    """Ticket id and appointment; None for one of no ticket, without a start, or deleted."""
    ticket_id = ident(row, "ticket_id")
    starts_at = instant(row, "start_date")
    if not ticket_id or starts_at is None or flag(row, "deleted"):
        return None
    agent = ident(row, "agent_id")
    by = ident(row, "created_by_agent_id") or ident(row, "logged_by_agent_id") or agent
    return str(ticket_id), Appointment(
        at=first_date(row, "datecreated", "date_created", "created_date", "start_date"),
        key=f"appointment:{key(row)}",
        actor=reader.people.actor(by),
        starts_at=starts_at,
        ends_at=instant(row, "end_date"),
        who=str(agent or ""),
    )
