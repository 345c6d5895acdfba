"""Endpoints that show how the PSA is set up: all read-only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connector.simulator.connectwise import setup, slas
from connector.simulator.connectwise.desk import Desk, finished
from connector.simulator.connectwise.errors import not_found
from connector.simulator.connectwise.find import Listing
from connector.simulator.connectwise.shapes import Json
from connector.simulator.web import Ask, Reply


class BasicEndpoints:
    def __init__(self, desk: Desk) -> None:
        self.desk, self.world = desk, desk.world
        self._add()

    def _add(self) -> None:
        world, shapes = self.world, self.desk.shapes
        self.desk.routes.add("GET", "/system/info", lambda _ask: Reply.of(setup.info()))
        apis = [setup.api_member(m) for m in world.members.values() if m.kind == "api"]
        self.desk.table("/system/members", lambda: [setup.member(m) for m in world.members.values()])
        self.desk.table("/system/apiMembers", lambda: apis)
        self.desk.table("/system/userDefinedFields", lambda: setup.user_defined_fields(shapes))
        self.desk.table(
            "/service/boards", lambda: [setup.board(b, world.set_up) for b in world.boards.values()]
        )
        for path, make in (("statuses", setup.statuses), ("types", setup.types)):
            self._below_board(path, make)
        self.desk.table("/service/priorities", setup.priorities)
        self._slas()
        self._hours()
        self.desk.table("/company/companies", lambda: setup.companies(shapes))
        self.desk.table("/company/contacts", lambda: setup.contacts(shapes))
        self.desk.table("/service/surveys", setup.surveys)
        self.desk.listing("/service/surveys/{id}/questions", lambda _ask: finished(setup.questions()))

    def _slas(self) -> None:
        """SLAs with their rows by priority, and who has agreed on which."""
        set_up, shapes = self.world.set_up, self.desk.shapes

        def rows(ask: Ask) -> Listing:
            terms = next((one for one in set_up.slas if one.id == ask.ids[0]), None)
            if terms is None:
                raise not_found("SLA", ask.ids[0])
            return finished(slas.sla_priorities(terms, shapes))

        self.desk.table("/service/SLAs", lambda: [slas.sla(one, shapes) for one in set_up.slas])
        self.desk.listing("/service/SLAs/{id}/priorities", rows)
        self.desk.listing(
            "/finance/agreements", lambda _ask: finished(slas.agreements(shapes), [*slas.AGREEMENT])
        )

    def _hours(self) -> None:
        """Calendars, and the lists of holidays they point to."""
        world = self.world

        def holidays(ask: Ask) -> Listing:
            found = world.days_off.get(ask.ids[0])
            if found is None:
                raise not_found("HolidayList", ask.ids[0])
            return finished(setup.holidays(found))

        self.desk.table(
            "/schedule/calendars",
            lambda: [setup.calendar(one, world.days_off) for one in world.calendars.values()],
        )
        self.desk.table(
            "/schedule/holidayLists", lambda: [setup.holiday_list(one) for one in world.days_off.values()]
        )
        self.desk.listing("/schedule/holidayLists/{id}/holidays", holidays)

    def _below_board(self, path: str, make: Callable[[Any], list[Json]]) -> None:
        def listing(ask: Ask) -> Listing:
            board = self.world.boards.get(ask.ids[0])
            if board is None:
                raise not_found("Board", ask.ids[0])
            return finished(make(board))

        self.desk.listing(f"/service/boards/{{id}}/{path}", listing)
