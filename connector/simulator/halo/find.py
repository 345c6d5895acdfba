"""Which tickets a list asks for. A parameter Halo does not know, or a value it cannot read, is ignored.

Without `open_only` or `closed_only` the closed ones of long ago are left out. Without `order` the latest
change comes first, so that pages shift while they are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from connector.simulator.faults import Faults
from connector.simulator.halo import tables
from connector.simulator.halo.tickets import TicketShapes
from connector.simulator.halo.values import instant, numbers, truth
from connector.simulator.records import Ticket
from connector.simulator.web import Ask
from connector.simulator.world import World

RECENT = timedelta(days=30)
"""How long a closed ticket is still listed when neither open nor closed ones are asked for."""

Test = Callable[[Ticket], bool]


class TicketFinder:
    def __init__(self, world: World, shapes: TicketShapes, faults: Faults) -> None:
        self.world, self.shapes, self.faults = world, shapes, faults
        self._kept: tuple[object, list[Ticket]] | None = None

    def find(self, ask: Ask) -> list[Ticket]:
        """The tickets a request is for, in the order it asks for; kept for whoever turns the pages."""
        asked = {name: value for name, value in ask.query.items() if name not in ("page_no", "page_size")}
        key = (self.world.tickets.revision, self.world.now(), tuple(sorted(asked.items())))
        if self._kept is None or self._kept[0] != key or self.faults.stale_lists:
            tests = self._tests(ask)
            found = [row for row in self._candidates(ask) if all(test(row) for test in tests)]
            self._kept = (key, _ordered(found, ask))
        return self._kept[1]

    def as_it_was(self, ticket: Ticket) -> Ticket:
        """What a cache that lags behind has of it."""
        return self._past().get(ticket.id) or ticket

    def _past(self) -> dict[int, Ticket | None]:
        lag = timedelta(seconds=self.faults.stale_lists)
        return self.world.tickets.past(self.world.now() - lag) if lag else {}

    def _candidates(self, ask: Ask) -> Iterable[Ticket]:
        rows = self.world.tickets
        if truth(ask.query.get("deleted", "")):
            return [replace(gone.ticket, updated_at=gone.at) for gone in self.world.gone]
        wanted = numbers(ask.query.get("ticketids", ""))
        if wanted:
            fresh = [rows.by_id[number] for number in sorted(wanted) if number in rows.by_id]
        else:
            fresh = rows.between(*rows.updated(instant(ask.query.get("lastupdatefromdate", "")), None))
        past = self._past()
        return [row for row in fresh if row.id not in past] + [row for row in past.values() if row]

    def _tests(self, ask: Ask) -> list[Test]:
        tests = [*self._by_time(ask), *self._by_state(ask)]
        readers: dict[str, Callable[[Ticket], int | None]] = {
            "ticketids": lambda t: t.id,
            "client_id": lambda t: t.company,
            "client_ids": lambda t: t.company,
            "user_id": lambda t: t.contact,
            "agent": lambda t: t.owner or tables.UNASSIGNED,
            "agent_id": lambda t: t.owner or tables.UNASSIGNED,
            "status": self.shapes.status_id,
            "status_id": self.shapes.status_id,
            "requesttype": lambda t: 20 + t.type,
            "requesttype_id": lambda t: 20 + t.type,
            "sla": tables.sla_of,
            "team": lambda t: tables.TEAMS[self.world.boards[t.board].name],
        }
        said = ask.query.get("search_summary", "").casefold()
        if said and not self.faults.deaf_search:
            tests.append(lambda ticket: said in ticket.summary.casefold())
        for name, read in readers.items():
            wanted = numbers(ask.query.get(name, ""))
            if wanted:
                tests.append(_among(read, wanted))
        return tests

    def _by_time(self, ask: Ask) -> list[Test]:
        """`startdate` and `enddate` mean nothing unless `datesearch` says which date."""
        columns: dict[str, Callable[[Ticket], datetime | None]] = {
            "dateoccured": lambda t: t.entered_at,
            "dateoccurred": lambda t: t.entered_at,
            "datecleared": lambda t: t.sla.resolved_at or t.closed_at,
        }
        tests = _between(ask, "lastupdatefromdate", "lastupdatetodate", lambda t: t.updated_at)
        column = columns.get(ask.query.get("datesearch", "").casefold())
        return tests + (_between(ask, "startdate", "enddate", column) if column else [])

    def _by_state(self, ask: Ask) -> list[Test]:
        def closed(ticket: Ticket) -> bool:
            return self.shapes.status_id(ticket) == tables.CLOSED

        tests: list[Test] = []
        if truth(ask.query.get("open_only", "")):
            tests.append(lambda ticket: not closed(ticket))
        if truth(ask.query.get("closed_only", "")):
            tests.append(closed)
        if not tests and not ask.query.get("ticketids"):
            since = self.world.now() - RECENT
            tests.append(lambda ticket: ticket.closed_at is None or ticket.closed_at >= since)
        return tests


def _between(ask: Ask, low: str, high: str, read: Callable[[Ticket], datetime | None]) -> list[Test]:
    first, last = instant(ask.query.get(low, "")), instant(ask.query.get(high, ""))

    def test(ticket: Ticket) -> bool:
        at = read(ticket)
        return at is not None and (first is None or at >= first) and (last is None or at <= last)

    return [test] if first or last else []


def _among(read: Callable[[Ticket], int | None], wanted: frozenset[int]) -> Test:
    return lambda ticket: read(ticket) in wanted


def _ordered(rows: list[Ticket], ask: Ask) -> list[Ticket]:
    columns: dict[str, Callable[[Ticket], datetime]] = {
        "dateoccurred": lambda t: t.entered_at,
        "dateoccured": lambda t: t.entered_at,
        "last_update": lambda t: t.updated_at,
    }
    order, backwards = ask.query.get("order", "").casefold(), truth(ask.query.get("orderdesc", ""))
    if order == "id":
        return sorted(rows, key=lambda t: t.id, reverse=backwards)
    if order not in columns:
        order, backwards = "last_update", True
    return sorted(rows, key=lambda t: (columns[order](t), t.id), reverse=backwards)
