"""What people did on tickets: time entries and visits.

A time entry's summary is what the customer may read. A visit is a service call with a ticket on it and
somebody who goes: three entities.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from connector.simulator.autotask import names
from connector.simulator.autotask.entity import Entity, Field, Hints, blank, fields, table
from connector.simulator.autotask.tickets import Desk
from connector.simulator.records import WorkLog


def work(desk: Desk) -> list[Entity]:
    return [_times(desk), *_visits(desk), _billing_codes()]


def _times(desk: Desk) -> Entity:
    n, world = desk.names, desk.world
    codes = {name: number for number, name in names.work_types().items()}

    def day(log: WorkLog) -> datetime:
        return log.start.replace(hour=0, minute=0, second=0)

    def internal(log: WorkLog) -> str:
        return log.internal if log.visible else "\n".join(filter(None, (log.text, log.internal)))

    def hours(log: WorkLog) -> float:
        return round((log.end - log.start).total_seconds() / 3600, 4)

    every = [
        Field("id", "long", lambda log: log.id),
        Field("ticketID", read=lambda log: log.ticket, refers="Ticket"),
        Field("resourceID", read=lambda log: n.resource(log.member), refers="Resource", required=True),
        Field("roleID", read=lambda log: n.role(log.member), refers="Role"),
        Field("creatorUserID", read=lambda log: n.resource_of(log.entered_by)),
        Field("lastModifiedUserID", read=lambda log: n.resource_of(log.entered_by)),
        Field("billingCodeID", read=lambda log: codes.get(log.work_type), refers="BillingCode"),
        Field("timeEntryType", read=lambda _log: 2),
        Field("dateWorked", "datetime", day, required=True),
        Field("startDateTime", "datetime", lambda log: log.start),
        Field("endDateTime", "datetime", lambda log: log.end),
        Field("hoursWorked", "double", hours),
        Field("hoursToBill", "double", hours),
        Field("summaryNotes", "string", lambda log: log.text if log.visible else "", length=8000),
        Field("internalNotes", "string", internal, length=8000),
        Field("createDateTime", "datetime", lambda log: log.entered_at),
        Field("lastModifiedDateTime", "datetime", lambda log: log.updated_at),
        Field("isNonBillable", "boolean", lambda _log: False),
        Field("showOnInvoice", "boolean", lambda _log: True),
        *blank("double", "offsetHours", 0.0),
        *blank("integer", "contractID taskID internalBillingCodeID"),
    ]

    def rows(hints: Hints) -> Sequence[WorkLog]:
        logs: Iterable[WorkLog]
        if hints.tickets is not None:
            logs = (log for ticket in hints.tickets for log in world.logs(ticket) if log.id > hints.after)
        elif hints.since is not None:
            found = world.work_logs.between(*world.work_logs.updated(hints.since, None))
            logs = (log for log in found if log.id > hints.after)
        else:
            logs = world.work_logs.after(hints.after)
        return sorted((log for log in logs if log.ticket in world.tickets.by_id), key=lambda log: log.id)

    stamps = frozenset({"lastModifiedDateTime"})
    get = world.work_logs.by_id.get
    return Entity("TimeEntries", "TimeEntry", fields(*every), rows, get, stamps=stamps)


def _visits(desk: Desk) -> list[Entity]:
    """An appointment for a ticket: a service call, the ticket on it, and who goes."""
    n, world = desk.names, desk.world

    def rows() -> list[Any]:
        return list(world.appointments.after(0))

    def company(visit: Any) -> int | None:
        ticket = world.tickets.by_id.get(visit.ticket)
        return ticket.company if ticket else None

    calls = [
        Field("id", "long", lambda one: one.id),
        Field("companyID", read=company, refers="Company", required=True),
        Field("description", "string", lambda one: f"Visit for ticket {one.ticket}", length=2000),
        Field("startDateTime", "datetime", lambda one: one.start, required=True),
        Field("endDateTime", "datetime", lambda one: one.end, required=True),
        Field("isComplete", "integer", lambda one: int(one.end <= world.now())),
        Field("creatorResourceID", read=lambda one: n.resource_of(one.entered_by), refers="Resource"),
        Field("createDateTime", "datetime", lambda one: one.updated_at),
        Field("lastModifiedDateTime", "datetime", lambda one: one.updated_at),
        *blank("datetime", "canceledDateTime"),
    ]
    on = [
        Field("id", "long", lambda one: one.id),
        Field("serviceCallID", read=lambda one: one.id, refers="ServiceCall"),
        Field("ticketID", read=lambda one: one.ticket, refers="Ticket"),
    ]
    who = [
        Field("id", "long", lambda one: one.id),
        Field("serviceCallTicketID", read=lambda one: one.id, refers="ServiceCallTicket"),
        Field("resourceID", read=lambda one: n.resource(one.member), refers="Resource"),
    ]
    return [
        table("ServiceCalls", "ServiceCall", calls, rows),
        table("ServiceCallTickets", "ServiceCallTicket", on, rows),
        table("ServiceCallTicketResources", "ServiceCallTicketResource", who, rows),
    ]


def _billing_codes() -> Entity:
    every = [
        Field("id", "long", lambda code: code[0]),
        Field("name", "string", lambda code: code[1], length=200),
        Field("isActive", "boolean", lambda _code: True),
        Field("useType", read=lambda _code: 1),
    ]
    return table("BillingCodes", "BillingCode", every, lambda: list(names.work_types().items()))
