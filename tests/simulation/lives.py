"""What befalls a pretend MSP's tickets, drawn from a seed: the same deeds for whichever tongue it speaks.

Each life is one way in which a desk and its customer deal with a ticket. A ticket has one deed in a slot
at most, so that whoever looks after every slot sees each deed by itself.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any

from connector.simulator import World, texts, working_day
from connector.simulator.life import happen

SLOT = timedelta(minutes=15)
ENGINEERS = ("jreed", "akaya", "mbauer", "tnovak")
CLIENTS = ("Acme Dental", "Globex", "Initech")
PRIORITIES = ("P1 Critical", "P2 High", "P3 Medium", "P4 Low")
ABSENT = "Automatic reply: I am out of the office until Monday and will read your message when I am back."
SHORTLY = "Hi, thanks for your message. We'll be looking into this shortly."

Deed = tuple[datetime, Callable[[], object]]


@dataclass
class Life:
    """A ticket on its way: `then` writes down what happens to it next, some slots later."""

    world: World
    dice: random.Random
    at: datetime
    ticket: int
    deeds: list[Deed] = field(default_factory=list)

    def then(self, deed: str, *given: Any, **named: Any) -> None:
        """A method of the world, the ticket put first; the moment lies somewhere in the slot."""
        self.deeds.append((self.moment(), partial(getattr(self.world, deed), self.ticket, *given, **named)))

    def moment(self) -> datetime:
        self.at += SLOT * self.dice.randint(1, 4)
        return self.at + timedelta(seconds=self.dice.randrange(60, 840))

    def opened(self, by: str = "contact", **named: Any) -> None:
        """A customer, a member who takes a call, or a machine opens it."""
        summary, text = self.dice.choice(texts.REQUESTS)
        client, priority = self.dice.choice(CLIENTS), self.dice.choice(PRIORITIES)
        opening = partial(
            self.world.open_ticket,
            client,
            summary,
            text=text,
            priority=priority,
            by=by,
            ticket_id=self.ticket,
        )
        self.deeds.append((self.moment(), partial(opening, **named)))

    def answered(self, by: str) -> None:
        self.then("post", by, self.dice.choice(texts.ANSWERS).replace("{name}", "there"))

    def replied(self) -> None:
        self.then("post", "contact", self.dice.choice(texts.REPLIES))

    def solved(self, by: str) -> None:
        self.then("post", by, self.dice.choice(texts.SOLUTIONS))
        self.then("set_status", "Resolved", by)


# ── the lives ─────────────────────────────────────────────────────────────────────────────────


def plain(life: Life, who: str) -> None:
    life.opened()
    life.then("post", "workflow", texts.ACKNOWLEDGEMENTS[0])
    life.then("assign", who, "dmoore")
    life.then("set_status", "In Progress", who)
    life.answered(who)
    life.solved(who)
    life.then("set_status", ">Closed", "workflow")
    life.then("rate", 1, "Nobody told me anything for hours.")


def called(life: Life, who: str) -> None:
    """Taken by phone, called back, written down an hour late."""
    life.opened(by="dmoore")
    call = life.dice.choice(texts.CALLS).replace("{name}", "them")
    life.then("log_time", who, 12, call, "Phone Call")
    life.then("set_status", "In Progress", who)
    late = life.at - timedelta(minutes=40)
    life.then("log_time", who, 25, "Remote session: cleared the cache of the browser.", "Remote", end=late)
    life.then("log_time", who, 10, "", "Remote", visible=False, internal="Documentation only.")
    life.then("set_status", ">Closed", who)
    life.then("rate", 5, "")


def put_off(life: Life, who: str) -> None:
    """Stock phrases, an absence note and a private note: nobody has really answered."""
    life.opened()
    life.then("post", "template247", texts.ACKNOWLEDGEMENTS[1])
    life.then("set_status", "Assigned", "dmoore")
    life.then("post", "dmoore", SHORTLY)
    life.then("post", who, ABSENT)
    life.then("post", who, life.dice.choice(texts.INTERNAL), False)
    life.replied()
    life.then("post", "Rewst", "Triage finished: category printing.", False)


def waiting(life: Life, who: str) -> None:
    """Waits for the customer, whose mailbox answers first, and who then does."""
    life.opened()
    life.answered(who)
    life.then("set_status", "Waiting Customer", who)
    life.then("post", "contact", ABSENT)
    life.replied()
    life.then("set_status", "Customer Responded", "zAdmin")
    life.answered(who)
    life.then("set_status", "Waiting Customer", who)
    life.then("post", "workflow", "We have not heard back from you and are closing this ticket.")
    life.then("set_status", ">Closed", "workflow")


def visited(life: Life, who: str) -> None:
    life.opened()
    life.then("post", "psingh", "Hello, we can be with you later today. Please make sure the room is free.")
    start = life.at + timedelta(hours=2)
    life.then("book", who, start, 60, "psingh")
    life.then("set_status", "Scheduled", "psingh")
    life.then("log_time", who, 55, "On site: replaced the access point.", "On-site")
    life.then("set_status", "Resolved", who)
    life.then("rate", 4, "Good help, thanks.", True)


def reopened(life: Life, who: str) -> None:
    """Solved, thanked for, closed, and back again."""
    life.opened()
    life.answered(who)
    life.solved(who)
    life.then("post", "contact", "Thanks!")
    life.then("set_status", "Customer Responded", "zAdmin")
    life.then("set_status", ">Closed", who)
    life.replied()
    life.then("set_status", "In Progress", who)
    life.answered(who)
    life.then("set_status", "Resolved", who)
    life.then("rate", 2, "I had to ask twice.")


def raised(life: Life, who: str) -> None:
    life.opened()
    life.then("set_priority", life.dice.choice(PRIORITIES), "dmoore")
    life.answered(who)
    life.replied()
    life.then("set_priority", life.dice.choice(PRIORITIES), who)
    life.answered(who)


def moved(life: Life, who: str) -> None:
    """Opened for the wrong client."""
    life.opened()
    life.then("set_status", "Assigned", "dmoore")
    life.then("move_company", life.dice.choice(CLIENTS), "dmoore")
    life.answered(who)
    life.solved(who)


def watched(life: Life, who: str) -> None:
    """The monitoring's own, answered by nobody until somebody does."""
    life.opened(by="Rewst", board="Alerts", type="Alert")
    life.then("post", "Rewst", "Clean-up run finished, 22 % free.", False)
    if life.dice.random() < 0.5:
        life.then("set_status", ">Closed", "Rewst")
    else:
        life.answered(who)


def deleted(life: Life, who: str) -> None:
    life.opened()
    life.answered(who)
    life.then("delete_ticket", who)


LIVES = (plain, called, put_off, waiting, visited, reopened, raised, moved, watched, deleted)


def merged(life: Life, other: Life, who: str) -> None:
    """Sent in twice: the second becomes part of the first."""
    life.opened()
    other.at = life.at
    other.opened()
    other.replied()
    life.at = max(life.at, other.at)
    life.answered(who)
    other.at = life.at
    other.then("merge", life.ticket, who)
    life.at = other.at
    life.solved(who)


# ── all of them together ──────────────────────────────────────────────────────────────────────


def slots(world: World, seed: int) -> Iterator[list[Callable[[], object]]]:
    """The lives of that seed, all that happens in one slot together, in the order of time."""
    dice = random.Random(seed)
    deeds = [*_lives(world, dice), *_quiet(world), *_random_life(world, dice)]
    deeds.sort(key=lambda deed: deed[0])
    for _, together in groupby(deeds, key=lambda deed: (deed[0] - world.start) // SLOT):
        yield [partial(_at, world, at, deed) for at, deed in together]


def the_day(world: World) -> Iterator[list[Callable[[], object]]]:
    """The scripted working day, step by step."""
    for step in working_day(world):
        yield [step.apply]


def _at(world: World, at: datetime, deed: Callable[[], object]) -> None:
    world.set_time(at)
    deed()


def _lives(world: World, dice: random.Random) -> Iterator[Deed]:
    def born() -> Life:
        at = world.start + SLOT * dice.randint(0, 4)
        return Life(world, dice, at, world.reserve_ticket_id())

    for one in LIVES:
        life = born()
        one(life, dice.choice(ENGINEERS))
        yield from life.deeds
    life, other = born(), born()
    merged(life, other, dice.choice(ENGINEERS))
    yield from [*life.deeds, *other.deeds]


def _quiet(world: World) -> Iterator[Deed]:
    """Nothing, once an hour: whoever looks is never away for long."""
    for hour in range(1, 12):
        yield world.start + timedelta(hours=hour), lambda: None


def _random_life(world: World, dice: random.Random) -> Iterator[Deed]:
    """What the simulator does when it is left running, one thing a slot, when the lives are over."""
    for slot in range(48, 58):
        yield world.start + SLOT * slot, partial(happen, world, random.Random(dice.random()))
