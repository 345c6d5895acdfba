"""A client's history out of the daemon's store, in the form of a log: judged the same way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

from connector.history.backtest.crew import PART, Part
from connector.rules.authorship.judgement import Learnt
from connector.rules.authorship.templates import sightings
from connector.store import assessments, errands, events, people, rulings, stages, templates, tickets
from connector.store.store import Store
from connector.ticketlog import event_to_json, ticket_to_json


class StoredHistory:
    """The store, read a part at a time from code that does not wait for anything else. Close it."""

    def __init__(self, url: str) -> None:
        self._runner = asyncio.Runner()
        try:
            self._store = self._runner.run(Store.open(url))
        except BaseException:
            self._runner.close()
            raise

    def __enter__(self) -> StoredHistory:
        return self

    def __exit__(self, *raised: object) -> None:
        try:
            self._runner.run(self._store.close())
        finally:
            self._runner.close()

    def tickets(self, client: str) -> dict[str, list[str]]:
        """The ids of this client's tickets, by connection."""
        return self._runner.run(self._tickets(client))

    def parts(self, ids: dict[str, list[str]]) -> Iterator[Part]:
        """These tickets, but for those that are gone and those we opened ourselves."""
        for conn, numbers in ids.items():
            for start in range(0, len(numbers), PART):
                yield self._runner.run(self._part(conn, numbers[start : start + PART]))

    async def _tickets(self, client: str) -> dict[str, list[str]]:
        async with self._store.read() as tx:
            return await assessments.of_client(tx, client)

    async def _part(self, conn: str, numbers: list[str]) -> Part:
        async with self._store.read() as tx:
            ours = await errands.opened(tx, conn, numbers)
            rows = (await tickets.load(tx, conn, numbers)).values()
            wanted = [row.ticket for row in rows if not row.gone and row.ticket.id not in ours]
            known = [ticket.id for ticket in wanted]
            timelines = await events.timelines(tx, conn, known)
            seen = {one.line for id, timeline in timelines.items() for one in sightings(id, timeline)}
            learnt = Learnt(await templates.known(tx, conn, seen), await rulings.in_force(tx, conn))
            stage_of, desk = await stages.get(tx, conn), await people.get(tx, conn)
        lines = []
        for number, ticket in enumerate(wanted, 1):
            body: dict[str, Any] = ticket_to_json(ticket)
            body["events"] = [event_to_json(one) for one in timelines.get(ticket.id, ())]
            lines.append((number, json.dumps(body)))
        return Part(tuple(lines), learnt, stage_of, desk)
