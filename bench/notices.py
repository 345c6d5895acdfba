"""How much quieter notices are than events: a noisy month of a desk, told in four ways.

Thirty days of 20 tickets a day with promises that come and go, a storm on day 10 (200 tickets within half an
hour, as after an outage), and reassignments that make risk flap. The floor is what a tool that tells every
change of a state would send; each rule is measured as messages a day, the busiest hour, and how long after
its event a missed promise was told.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from zoneinfo import ZoneInfo

from connector.daemon.notices.notifier import make_digests
from connector.daemon.notices.placing import Placing
from connector.rules.notices import Begun, Condition, EventName, NotifyRule
from connector.rules.worktime import WorkCalendar
from connector.store import notices
from connector.store.notices import Notice
from connector.store.store import Store

DAYS, A_DAY, STORM = 30, 20, 200
START = datetime(2026, 6, 1, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")
DESK = WorkCalendar(
    "Europe/London", {day: [("08:00", "18:00")] for day in ("mon", "tue", "wed", "thu", "fri")}
)
CHAT = ("chat",)
EVERY: dict[EventName, tuple[str, ...]] = {"missed": CHAT, "at_risk": CHAT, "red": CHAT}
RULES: tuple[tuple[str, NotifyRule, int | None], ...] = (
    ("every event at once, once an episode", NotifyRule(at_once=EVERY), None),
    ("the same, at most 20 an hour", NotifyRule(at_once=EVERY), 20),
    ("and only in working hours", NotifyRule(at_once=EVERY, hours="working_hours"), 20),
    (
        "missed at once, the rest in a digest at 8",
        NotifyRule(at_once={"missed": CHAT}, digest={"at_risk": CHAT, "red": CHAT}, hours="working_hours"),
        20,
    ),
)


@dataclass(frozen=True, slots=True)
class Change:
    """From `at` on this is so of a ticket."""

    at: datetime
    ticket: str
    so: frozenset[EventName]


def life(dice: random.Random, ticket: str, opened: datetime) -> list[Change]:
    """At risk after a while, sometimes to and fro, then kept or missed, then done."""
    at = opened + timedelta(minutes=dice.uniform(20, 400))
    found: list[Change] = []
    for _ in range(dice.choice([1, 1, 1, 2, 3, 6])):  # reassigned, answered, reassigned
        found.append(Change(at, ticket, frozenset(["at_risk"])))
        at += timedelta(minutes=dice.expovariate(1 / 25))
        found.append(Change(at, ticket, frozenset()))
        at += timedelta(minutes=dice.expovariate(1 / 15))
    if dice.random() < 0.3:
        found.append(Change(at, ticket, frozenset(["missed", "red"])))
        at += timedelta(minutes=dice.expovariate(1 / 300))
        found.append(Change(at, ticket, frozenset()))
    return found


def month(seed: int) -> list[Change]:
    """Everything that becomes so in a month, in its order."""
    dice = random.Random(seed)
    opened = [
        START + timedelta(days=day, hours=dice.gauss(12, 3)) for day in range(DAYS) for _ in range(A_DAY)
    ]
    opened += [START + timedelta(days=10, hours=9, minutes=dice.uniform(0, 30)) for _ in range(STORM)]
    changes = [one for n, at in enumerate(opened) for one in life(dice, str(n), at)]
    return sorted(changes, key=lambda one: one.at)


def told(ticket: str, now: datetime, begun: Begun) -> Notice:
    return Notice(
        id="",
        conn="main",
        client="Acme",
        subject=ticket,
        event=begun.condition.event,
        channel=begun.channel,
        at=now,
        state="held",
    )


@dataclass(slots=True)
class Figures:
    messages: list[datetime]
    waits: list[float]  # minutes until a missed promise was told
    untold: int


async def played(changes: Sequence[Change], rule: NotifyRule, cap: int | None) -> Figures:
    """What people get, with a look for digests every quarter of an hour."""
    store = await Store.open("sqlite://")
    figures = Figures([], [], 0)
    try:
        async with store.begin() as tx:
            look = START
            for change in [*changes, Change(START + timedelta(days=DAYS + 4), "end", frozenset())]:
                while look < change.at:
                    await make_digests(tx, look)
                    look += timedelta(minutes=15)
                placing = Placing(tx, {"chat": cap}, change.at)
                known = (await notices.known(tx, "main", [change.ticket])).get(change.ticket, [])
                so = [Condition(event=event) for event in sorted(change.so)]
                notice_of = partial(told, change.ticket, change.at)
                await placing.look(so, known, rule, DESK, LONDON, notice_of)
                await placing.keep()
            rows = await notices.listed(tx, limit=1_000_000)
            figures.messages = sorted({s.id: s.since for _, s in rows if s}.values())
            figures.waits = [
                (s.since - n.at).total_seconds() / 60 for n, s in rows if s and n.event == "missed"
            ]
            figures.untold = sum(n.state == "suppressed" for n, _ in rows)
            assert not any(n.state == "held" for n, _ in rows)
            await tx.rollback()
    finally:
        await store.close()
    return figures


def busiest(at: Sequence[datetime]) -> int:
    return max(Counter(one.replace(minute=0, second=0, microsecond=0) for one in at).values(), default=0)


def main() -> None:
    changes = month(7)
    was: dict[str, frozenset[EventName]] = {}
    floor: list[datetime] = []
    for change in changes:
        floor += [change.at] * len(change.so - was.get(change.ticket, frozenset()))
        was[change.ticket] = change.so
    print(f"{DAYS} days, {len(was)} tickets, {len(floor)} events (a message each: the floor)")
    print(
        f"{'rule':44} messages  a day  of floor  busiest hour  missed told after (median, worst)  over untold"
    )
    print(f"{'every event':44} {len(floor):8} {len(floor) / DAYS:6.1f} {100:8.0f}% {busiest(floor):13}")
    for name, rule, cap in RULES:
        found = asyncio.run(played(changes, rule, cap))
        share = 100 * len(found.messages) / len(floor)
        waits = f"{median(found.waits):.0f} min, {max(found.waits) / 60:.1f} h"
        count, hour = len(found.messages), busiest(found.messages)
        print(
            f"{name:44} {count:8} {count / DAYS:6.1f} {share:8.0f}% {hour:13} {waits:>34} {found.untold:12}"
        )


if __name__ == "__main__":
    main()
