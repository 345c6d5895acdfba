"""The routes: what every entity has, and what a few can do more."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from connector.simulator.autotask.callouts import Callouts
from connector.simulator.autotask.entity import Entity, record_of
from connector.simulator.autotask.information import field_list, information, udf_list
from connector.simulator.autotask.limits import MINUTES, POOL, Pool
from connector.simulator.autotask.names import Names
from connector.simulator.autotask.notes import Notes
from connector.simulator.autotask.parties import companies, parties
from connector.simulator.autotask.past import one_ticket, past
from connector.simulator.autotask.query import Query, add_udfs, model_of, next_page
from connector.simulator.autotask.ratings import ratings
from connector.simulator.autotask.registering import PREFIX, Registering, error_logs
from connector.simulator.autotask.tickets import Desk, tickets
from connector.simulator.autotask.work import work
from connector.simulator.autotask.writes import Writes
from connector.simulator.faults import Faults
from connector.simulator.web import Ask, Reply, Routes
from connector.simulator.world import World


class Endpoints:
    """All routes below /V1.0. `callouts` are the webhooks they register."""

    def __init__(self, world: World, faults: Faults, pool: Pool) -> None:
        self.world, self.faults, self.pool = world, faults, pool
        self.routes = Routes()
        desk = Desk(world, Names(world), faults)
        self.tickets, self.notes = tickets(desk), Notes(desk)
        self.callouts = Callouts(world, desk.names, self.tickets, self.notes, faults)
        self._entities(desk)
        self._writes(Writes(desk, self.tickets, companies(desk)))
        for entity in PREFIX:
            self._webhooks(Registering(self.callouts, entity))
        self.routes.add("GET", "/ThresholdInformation", lambda _ask: self._threshold())
        self.routes.add("GET", "/Version", lambda _ask: Reply.of(_VERSION))

    # ── reading ───────────────────────────────────────────────────────────────────────────────

    def _entities(self, desk: Desk) -> None:
        everything = [
            self.tickets,
            self.notes.entity(),
            *parties(desk),
            *work(desk),
            *past(desk),
            *ratings(desk),
        ]
        for entity in (*everything, error_logs(self.callouts)):
            self._entity(entity)

    def _entity(self, entity: Entity) -> None:
        add, base = self.routes.add, f"/{entity.name}"
        history = entity.name == "TicketHistory"

        def query(ask: Ask) -> Reply:
            if history:
                one_ticket(model_of(ask).get("filter"))
            return Query(entity, ask, self._unseen(entity)).page(only_first=history)

        for verb in ("GET", "POST"):
            add(verb, f"{base}/query", query)
            add(verb, f"{base}/query/count", lambda ask: Query(entity, ask, self._unseen(entity)).count())
            add(verb, f"{base}/query/next", lambda ask: next_page(entity, ask, self._unseen(entity)))
        add("GET", f"{base}/{{id}}", lambda ask: self._show(entity, ask))
        add("GET", f"{base}/entityInformation", lambda _ask: information(entity))
        add("GET", f"{base}/entityInformation/fields", lambda _ask: field_list(entity))
        add("GET", f"{base}/entityInformation/userDefinedFields", lambda _ask: udf_list(entity))

    def _unseen(self, entity: Entity) -> bool:
        names = (part.strip(" /").casefold() for part in self.faults.unseen.split(","))
        return any(name and entity.name.casefold().startswith(name) for name in names)

    def _show(self, entity: Entity, ask: Ask) -> Reply:
        """One record; a missing one is a 200 with null."""
        row = None if self._unseen(entity) else entity.get(ask.ids[0])
        if row is None:
            return Reply.of({"item": None})
        record = record_of(entity, row)
        add_udfs(entity, [row], [record])
        return Reply.of({"item": entity.finish(record)})

    def _threshold(self) -> Reply:
        return Reply.of(
            {
                "externalRequestThreshold": POOL,
                "requestThresholdTimeframe": MINUTES,
                "currentTimeframeRequestCount": self.pool.used(),
            }
        )

    # ── writing ───────────────────────────────────────────────────────────────────────────────

    def _writes(self, writes: Writes) -> None:
        add, notes = self.routes.add, self.notes.entity()
        add("POST", "/Tickets", writes.create_ticket)
        add("PATCH", "/Tickets", writes.patch_ticket)
        add("PATCH", "/Companies", writes.patch_company)
        add("POST", "/Tickets/{id}/Notes", writes.create_note)
        add("GET", "/Tickets/{id}/Notes", lambda ask: self._below(notes, self._notes_of(ask)))
        add("GET", "/Tickets/{id}/Notes/{id}", lambda ask: self._note(notes, ask))

    def _notes_of(self, ask: Ask) -> list[Any]:
        return self.notes.of(ask.ids[0]) if ask.ids[0] in self.world.tickets.by_id else []

    def _note(self, notes: Entity, ask: Ask) -> Reply:
        found = [note for note in self._notes_of(ask) if note.id == ask.ids[1]]
        return Reply.of({"item": record_of(notes, found[0]) if found else None})

    def _below(self, entity: Entity, rows: list[Any]) -> Reply:
        details = {"count": len(rows), "requestCount": 500, "prevPageUrl": None, "nextPageUrl": None}
        return Reply.of({"items": [record_of(entity, row) for row in rows], "pageDetails": details})

    def _webhooks(self, hooks: Registering) -> None:
        add, base = self.routes.add, f"/{hooks.prefix}s"
        entities = {entity.name: entity for entity in hooks.entities()}
        for entity in entities.values():
            self._entity(entity)
        add("POST", base, hooks.create)
        add("PATCH", base, hooks.patch)
        add("DELETE", f"{base}/{{id}}", hooks.delete)
        for kind in hooks.kinds:
            below = f"{base}/{{id}}/{kind}"
            show: Callable[[Ask], Reply] = partial(
                self._parts, hooks, entities[f"{hooks.prefix}{kind}"], kind
            )
            add("GET", below, show)
            add("POST", below, partial(hooks.add, kind))
            add("DELETE", f"{below}/{{id}}", partial(hooks.remove, kind))

    def _parts(self, hooks: Registering, entity: Entity, kind: str, ask: Ask) -> Reply:
        return self._below(entity, hooks.list_parts(kind, ask))


_VERSION = {"majorVersion": "2026", "minorVersion": "3", "build": "1", "customerType": "Production"}
