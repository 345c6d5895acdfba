"""The table of Halo's endpoints, and the small ones that show how the PSA is set up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from connector.simulator.faults import Faults
from connector.simulator.halo import hours, setup
from connector.simulator.halo.actionwrites import ActionWrites
from connector.simulator.halo.errors import not_found
from connector.simulator.halo.paging import page
from connector.simulator.halo.reading import Reading
from connector.simulator.halo.values import Json, truth, whole
from connector.simulator.halo.webhooks import Webhooks
from connector.simulator.halo.writing import TicketWrites
from connector.simulator.records import Company
from connector.simulator.web import Ask, Reply, Routes
from connector.simulator.world import World

Rows = Callable[[Ask], Sequence[Json]]


class Endpoints:
    def __init__(self, world: World, faults: Faults, routes: Routes) -> None:
        self.world, self.faults, self.routes = world, faults, routes
        self._agents_asked = 0
        self._people()
        self._setup()
        self._hours()

    def work(
        self, reading: Reading, tickets: TicketWrites, actions: ActionWrites, webhooks: Webhooks
    ) -> None:
        """The endpoints of tickets, and of webhooks."""
        add = self.routes.add
        add("GET", "/Tickets", reading.tickets)
        add("POST", "/Tickets", tickets.post)
        add("GET", "/Tickets/{id}", reading.ticket)
        add("POST", "/Client", tickets.clients)
        add("GET", "/Actions", reading.action_list)
        add("POST", "/Actions", actions.post)
        add("GET", "/Actions/{id}", reading.action)
        add("GET", "/Appointment", reading.appointments)
        add("GET", "/Feedback", reading.feedback)
        add("GET", "/Feedback/{id}", reading.one_feedback)
        add("GET", "/Audit", lambda _ask: Reply.of({"audit": []}))
        add("GET", "/Webhook", webhooks.list_all)
        add("POST", "/Webhook", webhooks.post)
        add("GET", "/Webhook/{key}", webhooks.show)
        add("DELETE", "/Webhook/{key}", webhooks.delete)
        add("GET", "/Notification", webhooks.notifications)
        add("POST", "/Notification", webhooks.notify)
        add("DELETE", "/Notification/{id}", webhooks.forget)

    # ── set-up ────────────────────────────────────────────────────────────────────────────────

    def _people(self) -> None:
        world = self.world
        self.routes.add("GET", "/Agent", self._agents)
        self._one("/Agent", lambda _ask: [row for row in setup.agents(world) if row["id"]])
        me = "/Agent/me"
        self.routes.add("GET", me, lambda ask: Reply.of(setup.agent(world.members[ask.member])))
        self._pages("/Client", "clients", lambda _ask: [self._client(c) for c in world.companies.values()])
        self._pages(
            "/Site",
            "sites",
            lambda _ask: [setup.site(c, world.set_up.sla_of) for c in world.companies.values()],
        )
        self._pages("/Users", "users", self._users)

    def _agents(self, _ask: Ask) -> Reply:
        """The envelope has been seen in three shapes; here they take turns."""
        rows = setup.agents(self.world)
        self._agents_asked += 1
        shapes: list[Any] = [{"record_count": len(rows), "data": rows}, {"results": rows}, rows]
        return Reply.of(shapes[self._agents_asked % 3])

    def _client(self, company: Company) -> Json:
        fields = [field for field in self.world.fields.values() if field.on == "company"]
        values = [setup.custom_field(field, company.values.get(field.id)) for field in fields]
        return {**setup.client(company), "customfields": values}

    def _users(self, ask: Ask) -> Sequence[Json]:
        client = whole(ask.query.get("client_id", ""))
        contacts = self.world.contacts.values()
        return [setup.user(self.world, c) for c in contacts if client is None or c.company == client]

    def _setup(self) -> None:
        habits = self.world.set_up
        self._table("/Status", lambda _ask: setup.statuses(habits))
        self._table("/Team", lambda _ask: setup.teams())
        self._table("/Outcome", lambda _ask: setup.outcomes())
        self._table("/TicketType", lambda _ask: setup.ticket_types(habits))
        self._table("/SLA", lambda ask: setup.slas(habits, _asks(ask, "showpriorities", "includedetails")))
        self._table("/FieldInfo", self._fields)
        self.routes.add(
            "GET",
            "/Priority",
            lambda ask: Reply.of(setup.priorities(habits, whole(ask.query.get("slaid", "")))),
        )

    def _fields(self, _ask: Ask) -> Sequence[Json]:
        missing = self.faults.missing_field
        return [setup.field_info(f) for f in self.world.fields.values() if f.caption != missing]

    def _hours(self) -> None:
        world = self.world

        def workdays(ask: Ask) -> Sequence[Json]:
            full = _asks(ask, "showholidays", "includedetails")
            return [hours.workday(world, one, full) for one in world.calendars.values()]

        def holidays(ask: Ask) -> Reply:
            wanted = whole(ask.query.get("workdayid", ""))
            rows = hours.all_holidays(world)
            return Reply.of([row for row in rows if wanted is None or row["workday_id"] == wanted])

        self._table("/Workday", workdays)
        self.routes.add("GET", "/Holiday", holidays)

    # ── how lists are served ──────────────────────────────────────────────────────────────────

    def _table(self, path: str, rows: Rows) -> None:
        """A bare array, each record also under its id. Pages are not known here."""
        self.routes.add("GET", path, lambda ask: Reply.of(list(rows(ask))))
        self._one(path, rows)

    def _pages(self, path: str, key: str, rows: Rows) -> None:
        self.routes.add("GET", path, lambda ask: page(ask, key, rows(ask), lambda row: row, self.faults))
        self._one(path, rows)

    def _one(self, path: str, rows: Rows) -> None:
        def show(ask: Ask) -> Reply:
            for row in rows(ask):
                if row["id"] == ask.ids[0]:
                    return Reply.of(row)
            raise not_found(path.strip("/"), ask.ids[0])

        self.routes.add("GET", f"{path}/{{id}}", show)


def _asks(ask: Ask, *names: str) -> bool:
    return any(truth(ask.query.get(name, "")) for name in names)
