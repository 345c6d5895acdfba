"""The PSA's postman, who waits to be told: a drawn step delivers, doubles, delays or loses a webhook."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from connector.simulator import Simulator
from connector.simulator.hooks import Delivery, Postman
from connector.simulator.records import Change

OURSELVES = "PxConnector"


@dataclass(eq=False)
class Letter:
    """A webhook call: what it is about, and how often it was tried."""

    delivery: Delivery
    ticket: int
    by: str
    tries: int = 0
    first: int = -1  # when it was brought for the first time, as `mark` counts
    taken: bool = False


class Post(Postman):
    """`waiting`: what is to be delivered; `carry` brings one to the door and tells the status, 0 for none."""

    def __init__(
        self, sim: Simulator, carry: Callable[[Delivery], Awaitable[int]], mark: Callable[[], int]
    ) -> None:
        super().__init__(sim.world, sim.faults, sim.dialect.deliveries, sim.dialect.habits)
        self._carry, self._mark = carry, mark
        self.waiting: list[Letter] = []
        self.brought: list[Letter] = []  # taken for the first time since somebody looked
        self.delivered: list[Letter] = []  # the latest, to be brought once more
        self.answers: set[int] = set()
        self.under_way: set[asyncio.Task[None]] = set()

    def heard(self, change: Change) -> None:
        ticket = change.ticket.id if change.ticket else 0
        self.waiting += [Letter(one, ticket, change.by) for one in self.make(change)]

    def send(self, letter: Letter) -> None:
        """On its way: it arrives while other things happen."""
        task = asyncio.get_running_loop().create_task(self._bring(letter))
        self.under_way.add(task)
        task.add_done_callback(self.under_way.discard)

    async def stop(self) -> None:
        """Whoever is at the door has nobody to talk to any more."""
        while self.under_way:
            for task in list(self.under_way):
                task.cancel()
            await asyncio.wait(self.under_way)

    async def _bring(self, letter: Letter) -> None:
        letter.tries += 1
        letter.first = self._mark() if letter.first < 0 else letter.first
        try:
            status = await self._carry(letter.delivery)
        except asyncio.CancelledError:
            status = 0
        self.answers.add(status)
        if 200 <= status < 300 and not letter.taken:
            letter.taken = True
            self.brought.append(letter)
            self.delivered = [*self.delivered[-20:], letter]
        letter.delivery.hook.last_status = status
        if self.habits.repeats(status) and letter.tries <= len(self.pauses):
            self.waiting.append(letter)
            return
        self._remember(letter.delivery, 200 <= status < 300)

    def _start(self, delivery: Delivery) -> None:
        """What follows a lost call, such as the word that a hook was switched off."""
        self.waiting.append(Letter(delivery, 0, OURSELVES))
