"""Reads common paths straight from the records, so that filtering needs no JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connector.simulator.connectwise.conditions import Stamp
from connector.simulator.connectwise.shapes import iso
from connector.simulator.records import Ticket, WorkLog
from connector.simulator.world import World


def ticket_readers(world: World) -> dict[str, Callable[[Ticket], Any]]:
    def updated(t: Ticket) -> Stamp:
        return Stamp(iso(t.updated_at))

    def entered(t: Ticket) -> Stamp:
        return Stamp(iso(t.entered_at))

    return {
        "id": lambda t: t.id,
        "summary": lambda t: t.summary,
        "lastUpdated": updated,
        "_info/lastUpdated": updated,
        "dateEntered": entered,
        "_info/dateEntered": entered,
        "updatedBy": lambda t: t.updated_by,
        "_info/updatedBy": lambda t: t.updated_by,
        "closedFlag": lambda t: world.statuses[t.status].closed,
        "board/id": lambda t: t.board,
        "board/name": lambda t: world.boards[t.board].name,
        "status/id": lambda t: t.status,
        "status/name": lambda t: world.statuses[t.status].name,
        "company/id": lambda t: t.company,
        "company/name": lambda t: world.companies[t.company].name,
        "company/identifier": lambda t: world.companies[t.company].identifier,
        "priority/id": lambda t: t.priority,
        "priority/name": lambda t: world.priorities[t.priority].name,
    }


def time_readers(world: World) -> dict[str, Callable[[WorkLog], Any]]:
    def updated(log: WorkLog) -> Stamp:
        return Stamp(iso(log.updated_at))

    return {
        "id": lambda log: log.id,
        "lastUpdated": updated,
        "_info/lastUpdated": updated,
        "chargeToId": lambda log: log.ticket,
        "chargeToType": lambda log: "ServiceTicket",
        "member/id": lambda log: log.member,
        "timeStart": lambda log: Stamp(iso(log.start)),
        "timeEnd": lambda log: Stamp(iso(log.end)),
        "dateEntered": lambda log: Stamp(iso(log.entered_at)),
        "enteredBy": lambda log: log.entered_by,
    }
