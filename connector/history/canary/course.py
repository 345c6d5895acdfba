"""The course of a canary: look, write one field, watch what else moves, put it back, look again.

That it is under way is kept before the write. Whoever breaks it off, Ctrl-C or a power cut, leaves a note for
the next call, and the former value is put back then at the latest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connector.errors import Conflict, ConnectorError
from connector.history.canary.aim import Aim
from connector.history.canary.report import Flight, Outcome, findings
from connector.history.canary.sight import Move, Sight, differing, look, moved, ours, sees_all
from connector.history.canary.undo import put_back, read_now
from connector.psa.port import Psa, Written
from connector.store import audit, canaries, inbox
from connector.store.audit import Deed, Doer
from connector.store.canaries import Canary, State
from connector.store.store import Store

LOOK_EVERY = 10.0
"""Seconds between two looks; each costs some five requests."""

Tell = Callable[[str], None]


@dataclass(slots=True, kw_only=True)
class Course:
    """One canary. `setup`: what it stands for; `calls`: whether the PSA is to call us; `sleep` in seconds."""

    name: str
    psa: Psa
    store: Store
    by: str
    setup: dict[str, Any]
    watch: timedelta
    calls: bool
    now: Callable[[], datetime]
    tell: Tell
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    flight: Flight = field(default_factory=Flight)

    async def fly(self, aim: Aim, before: Sight) -> Outcome:
        """Carry it out and keep what came of it. Raises what the adapter raises before the write only."""
        self.flight.whole = sees_all(self.psa)
        before, restless = await self._settled(aim, before)
        at = self.now()
        async with self.store.begin(of=self.name) as tx:
            number = await canaries.begin(tx, self._row(aim, at))
        whole = False
        try:
            await self._write(aim)
            if not self.flight.refused:
                await self._watch(aim, before, restless)
            whole = True
        finally:
            self.flight.stuck = await put_back(self.psa, self._row(aim, at), self.sleep)
            if not whole:
                await self._end(number, aim, "open" if self.flight.stuck else "undone", {})
        if not self.flight.refused:
            await self._look_back(aim, before, restless)
        if self.calls:
            async with self.store.read() as tx:
                self.flight.deliveries = await inbox.heard(tx, self.name, aim.ticket_id, at)
        outcome = self._outcome(aim, at)
        state: State = "open" if self.flight.stuck else "passed" if outcome.passed else "failed"
        await self._end(number, aim, state, outcome.as_json())
        return outcome

    async def _settled(self, aim: Aim, before: Sight) -> tuple[Sight, frozenset[str]]:
        """A second look, and the names of fields that move by themselves."""
        self.tell("looking at the ticket twice, to know what moves by itself")
        await self.sleep(min(LOOK_EVERY, self.watch.total_seconds()))
        again = await look(self.psa, aim.ticket_id)
        busy = [move.text for move in moved(before, again) if move.kind not in ("field", "editor")]
        if busy:
            raise Conflict(
                f"ticket {aim.ticket_id} moved while it was only looked at: {'; '.join(busy)}. Nothing was "
                "written; take one on which nobody works"
            )
        return again, differing(before, again) | aim.names

    async def _write(self, aim: Aim) -> None:
        self.tell(f"writing {aim.flag}")
        try:
            await self.psa.write(aim.ticket_id, {aim.flag: aim.wrote})
            now = await read_now(self.psa, aim.ticket_id)
        except ConnectorError as error:
            self.flight.refused = str(error)
            return
        self._kept(aim, now)
        self.flight.mark = now.version

    async def _watch(self, aim: Aim, before: Sight, restless: frozenset[str]) -> None:
        """Until the time is over, or a customer was written to: then nothing can be learnt by waiting."""
        left = self.watch.total_seconds()
        while left > 0 and not self.flight.said("customer"):
            self.tell(f"watching what else moves, {left:.0f} s to go")
            await self.sleep(min(LOOK_EVERY, left))
            left -= LOOK_EVERY
            try:
                seen = await look(self.psa, aim.ticket_id)
                now = await read_now(self.psa, aim.ticket_id)
            except ConnectorError as error:
                self.flight.lost = str(error)
                continue
            self.flight.saw(moved(before, seen, restless))
            self.flight.ours |= ours(seen)
            self._kept(aim, now)
            if now.version != self.flight.mark and not self.flight.said("editor"):
                self.flight.saw([Move("editor", "changed once more after us; the PSA does not say by whom")])

    def _kept(self, aim: Aim, now: Written) -> None:
        if (shown := now.flags.get(aim.flag, "")) != aim.wrote:
            self.flight.overwritten = shown

    async def _look_back(self, aim: Aim, before: Sight, restless: frozenset[str]) -> None:
        self.tell("looking whether everything is as it was")
        await self.sleep(min(LOOK_EVERY, self.watch.total_seconds()))
        try:
            seen = await look(self.psa, aim.ticket_id)
        except ConnectorError as error:
            self.flight.lost = str(error)
            return
        self.flight.saw(moved(before, seen, restless))

    def _row(self, aim: Aim, at: datetime) -> Canary:
        return Canary(
            conn=self.name,
            ticket_id=aim.ticket_id,
            flag=aim.flag,
            was=aim.was,
            wrote=aim.wrote,
            by=self.by,
            at=at,
            setup=self.setup,
            doc={},
        )

    def _outcome(self, aim: Aim, at: datetime) -> Outcome:
        return Outcome(
            connection=self.name,
            ticket_id=aim.ticket_id,
            flag=aim.flag,
            was=aim.was,
            wrote=aim.wrote,
            by=self.by,
            at=at,
            watched_s=self.watch.total_seconds(),
            findings=findings(self.flight, aim),
        )

    async def _end(self, number: int, aim: Aim, state: State, doc: dict[str, Any]) -> None:
        deed = Deed(
            at=self.now(),
            by=Doer(name=self.by, role="command line", why=_TOLD[state]),
            what="canary",
            conn=self.name,
            subject=aim.ticket_id,
        )
        async with self.store.begin(of=self.name) as tx:
            await canaries.end(tx, number, state=state, at=self.now(), doc=doc)
            await audit.add(tx, deed)


_TOLD: dict[State, str] = {
    "passed": "passed",
    "failed": "failed",
    "undone": "broken off and put back",
    "open": "its value could not be put back",
}
