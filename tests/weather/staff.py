"""What happens at the desk, drawn: a conversation about a few tickets at a time, as on a working day.

Nothing happens that a PSA could hide for good. Not all of them keep a history of statuses, so a ticket that
waits for its customer is left alone until it has surely been read (`parked`), and one that is resolved for
ever: when that was is then its last change. What is said always has its own time.
"""

from __future__ import annotations

import random
import re

from connector.simulator import World, texts

ENGINEERS = ("jreed", "akaya", "mbauer", "tnovak")
CLIENTS = ("Acme Dental", "Globex")
PRIORITIES = ("P1 Critical", "P3 Medium", "P3 Medium", "P3 Medium")
MOST_OPEN = 24
_END = re.compile(r"([.!?:])(\s|$)")
ENDED = ("Resolved", ">Closed")


class Staff:
    """`tickets`: all that were opened, in order; `busy`: those that are worked on now."""

    def __init__(self, world: World, dice: random.Random) -> None:
        self.world, self.dice = world, dice
        self.tickets: list[int] = []
        self.busy: list[int] = []
        self.parked: list[int] = []
        self.ended: list[int] = []
        self._woken: set[int] = set()
        self.kept: set[int] = set()  # not to be left alone: somebody will have to touch them again
        self._focus: list[int] = []
        self.stays = False  # nothing is left alone now: what a PSA shows is behind
        self._number = 0

    def act(self) -> str:
        """One thing that happens; its name."""
        dice = self.dice
        if not self._focus or dice.random() < 0.1:
            self._focus = [dice.choice(self.busy) for _ in range(3)] if self.busy else []
        self._focus = [one for one in self._focus if one in self.busy]
        roll = dice.random()
        if not self._focus or (roll < 0.06 and len(self.busy) < MOST_OPEN):
            return self.open_ticket()
        ticket, engineer = dice.choice(self._focus), dice.choice(ENGINEERS)
        return self._work(ticket, engineer, dice.random() if len(self.busy) < MOST_OPEN else 0.99)

    def open_ticket(self) -> str:
        summary, text = self.dice.choice(texts.REQUESTS)
        ticket = self.world.open_ticket(
            self.dice.choice(CLIENTS),
            summary,
            text=self._own(text),
            priority=self.dice.choice(PRIORITIES),
        )
        acknowledgement = self.dice.choice(texts.ACKNOWLEDGEMENTS).replace("{ticket}", str(ticket))
        self.world.post(ticket, "workflow", acknowledgement)
        self.tickets.append(ticket)
        self.busy.append(ticket)
        self._focus.append(ticket)
        return "opened"

    def _work(self, ticket: int, engineer: str, roll: float) -> str:
        world, dice = self.world, self.dice
        said = self._own(dice.choice(texts.ANSWERS).replace("{name}", "there"))
        if roll < 0.28:
            world.post(ticket, engineer, said)
            return "answered"
        if roll < 0.38:
            world.log_time(ticket, engineer, 5, self._own(dice.choice(texts.CALLS)), "Phone Call")
            return "called"
        if roll < 0.52:
            world.post(ticket, "contact", self._own(dice.choice(texts.REPLIES)))
            return "replied"
        if roll < 0.64:
            world.set_status(ticket, "In Progress", engineer)
            return "status"
        if roll < 0.69:
            world.set_priority(ticket, dice.choice(PRIORITIES), "dmoore")
            return "priority"
        if roll < 0.74:
            world.assign(ticket, engineer, "dmoore")
            return "assigned"
        if roll < 0.82:
            world.post(ticket, engineer, self._own(dice.choice(texts.INTERNAL)), visible=False)
            return "noted"
        if roll < 0.9:
            world.post(ticket, engineer, said)
            if self.stays or ticket in self._woken | self.kept:
                return "answered"
            world.set_status(ticket, "Waiting Customer", engineer)
            self._leave(ticket, self.parked)
            return "waits"
        world.post(ticket, engineer, self._own(dice.choice(texts.SOLUTIONS)))
        if self.stays or ticket in self.kept:
            return "answered"
        world.set_status(ticket, "Resolved", engineer)
        self._leave(ticket, self.ended)
        return "resolved"

    def _leave(self, ticket: int, where: list[int]) -> None:
        self.busy.remove(ticket)
        where.append(ticket)

    def wake(self) -> None:
        """Every parked ticket has been read: some of the customers answer."""
        self._woken.clear()
        for ticket in list(self.parked):
            if self.dice.random() < 0.6:
                self.parked.remove(ticket)
                self.busy.append(ticket)
                self._woken.add(ticket)
                self.world.post(ticket, "contact", self._own(self.dice.choice(texts.REPLIES)))
                self.world.set_status(ticket, "In Progress", "zAdmin")

    def touch(self, ticket: int) -> None:
        """Something small on this ticket."""
        self.world.post(ticket, "jreed", self._own("Looked at it once more."), visible=False)

    def _own(self, text: str) -> str:
        """Sentences nobody has written before: what a desk repeats is learnt, another test's matter."""
        self._number += 1
        return _END.sub(rf" {_word(self._number)}\1\2", text)


def _word(number: int) -> str:
    """A word of letters alone: digits are no difference between two phrases."""
    letters = ""
    while number:
        number, rest = divmod(number, 20)
        letters += "bcdfghjklmnpqrstvwxz"[rest] + "aeiou"[rest % 5]
    return letters
