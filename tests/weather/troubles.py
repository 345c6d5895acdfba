"""What can go wrong, each kind with a name: how it begins, how long it lasts, how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from connector.simulator.faults import MALFORMED, Faults

if TYPE_CHECKING:
    from tests.weather.voyage import Voyage

POST_FAULTS = frozenset({"lost", "duplicate", "reorder"})
"""What befalls webhooks; drawn with each of them."""

AGAIN = 1.0
"""Seconds until what ended is started again."""

SHORT = (20.0, 300.0)
LONG = (60.0, 1800.0)


async def _nothing(_voyage: Voyage) -> None: ...


@dataclass(frozen=True)
class Trouble:
    """`lasts`: seconds, drawn between the two; None: a moment. Of one `group` there is one at a time."""

    name: str
    weight: float
    begin: Callable[[Voyage], Awaitable[None]] = _nothing
    end: Callable[[Voyage], None] = lambda _voyage: None
    lasts: tuple[float, float] | None = None
    group: str = ""


def _fault(name: str, weight: float, lasts: tuple[float, float] = SHORT, **faults: Any) -> Trouble:
    """Trouble of the PSA's own, by the simulator's names."""

    async def begin(voyage: Voyage) -> None:
        voyage.sim.faults.update(faults)

    def end(voyage: Voyage) -> None:
        for fault in faults:
            voyage.sim.faults.set(fault, getattr(Faults(), fault))

    return Trouble(name, weight, begin, end, lasts, group="faults:" + ",".join(sorted(faults)))


async def _crash(voyage: Voyage) -> None:
    """Every other one at the worst moment: when something is owed that is not written yet."""
    voyage.disk.mend()
    if voyage.dice.random() < 0.5:
        for _ in range(60):
            with voyage.judge.rows() as db:
                if db.execute("SELECT 1 FROM outbox LIMIT 1").fetchone():
                    break
            for _ in range(3):
                await asyncio.sleep(0)
    await voyage.house.kill(voyage.post.stop)
    await asyncio.sleep(AGAIN)
    await voyage.house.start()


async def _restart(voyage: Voyage) -> None:
    voyage.disk.mend()
    if voyage.post.under_way:
        await asyncio.wait(voyage.post.under_way)
    await voyage.house.stop()
    await asyncio.sleep(AGAIN)
    await voyage.house.start()


def _clock(sign: int) -> Callable[[Voyage], Awaitable[None]]:
    async def begin(voyage: Voyage) -> None:
        minutes = voyage.dice.choice((1, 7, 50, 180, 1440))
        voyage.loop.set_wrong(timedelta(minutes=sign * minutes))
        voyage.judge.clock_was_behind = voyage.judge.clock_was_behind or sign < 0

    return begin


def _clock_right(voyage: Voyage) -> None:
    voyage.loop.set_wrong(timedelta(0))


async def _full(voyage: Voyage) -> None:
    voyage.disk.fill(True)


async def _locked(voyage: Voyage) -> None:
    voyage.disk.lock(True)


async def _moved(voyage: Voyage) -> None:
    voyage.disk.move(True)


def _down(attribute: str, value: bool) -> Callable[[Voyage], None]:
    return lambda voyage: setattr(voyage.house.line, attribute, value)


async def _gone(voyage: Voyage) -> None:
    voyage.house.line.down = True


async def _gone_for_a_day(voyage: Voyage) -> None:
    voyage.house.line.down = True
    for _ in range(24):
        voyage.staff.act()
        await voyage.sleep(3600)
    voyage.house.line.down = False


async def _weekend(voyage: Voyage) -> None:
    """Until Monday at ten."""
    now = voyage.loop.true_now()
    monday = (now + timedelta(days=7 - now.weekday())).replace(hour=10, minute=0, second=0)
    await voyage.sleep((monday - now).total_seconds())


async def _silent(voyage: Voyage) -> None:
    voyage.house.line.silent = True


async def _poison(voyage: Voyage) -> None:
    """A ticket that cannot be understood, and somebody works on it."""
    if voyage.staff.busy:
        ticket = voyage.dice.choice(voyage.staff.busy)
        kind = voyage.dice.choice(MALFORMED)
        voyage.sim.faults.malformed = {**voyage.sim.faults.malformed, ticket: kind}
        voyage.judge.poisoned(ticket, kind)
        voyage.staff.kept.add(ticket)
        voyage.staff.touch(ticket)


def _antidote(voyage: Voyage) -> None:
    voyage.sim.faults.malformed = {}
    for ticket in voyage.judge.poison:
        voyage.staff.touch(ticket)
    voyage.staff.kept.clear()
    voyage.judge.cured()


BAD = (
    "client: Acme Dental\n  match: [",
    "client: Acme Dental\ntargets: {'*': {response: 1d}}\n",
    "",
    "client: Acme Dental\nmatch: {connection: elsewhere, companies: [Acme Dental]}\n",
    "- this\n- is\n- a list\n",
)


async def _bad_yaml(voyage: Voyage) -> None:
    (voyage.folder / "clients" / "acme.yaml").write_text(voyage.dice.choice(BAD), encoding="utf-8")


async def _other_rules(voyage: Voyage) -> None:
    """Somebody changes the agreed hours, and back."""
    voyage.write_rules("Acme Dental", "Europe/London", zones={"yellow": 30, "orange": 60})


def _good_yaml(voyage: Voyage) -> None:
    voyage.write_rules("Acme Dental", "Europe/London")


LAG = 45.0


async def _lag(voyage: Voyage) -> None:
    """Lists show the world as it was a while ago. A status that changed meanwhile has no time of its own."""
    voyage.staff.stays = True

    def begin() -> None:
        if voyage.staff.stays:
            voyage.sim.faults.set("stale_lists", LAG)

    voyage.loop.call_later(LAG + 1, begin)


def _up_to_date(voyage: Voyage) -> None:
    voyage.staff.stays = False
    voyage.sim.faults.set("stale_lists", 0.0)


async def _hang_up(voyage: Voyage) -> None:
    voyage.sim.faults.set("hang_up_next", voyage.dice.randint(1, 6))


async def _write_hung_up(voyage: Voyage) -> None:
    """The next write is carried out and never answered."""
    voyage.seen.hang_up_on_write = True


async def _reset(voyage: Voyage) -> None:
    voyage.sim.faults.set("reset_next", voyage.dice.randint(1, 8))


async def _truncated(voyage: Voyage) -> None:
    voyage.sim.faults.set("truncated_next", voyage.dice.randint(1, 3))


def _whole(name: str) -> Callable[[Voyage], None]:
    return lambda voyage: voyage.sim.faults.set(name, 0)


POISON = Trouble("poisoned ticket", 5, _poison, _antidote, LONG)

TROUBLES: tuple[Trouble, ...] = (
    Trouble("crash", 8, _crash),
    Trouble("restart", 2, _restart),
    Trouble("clock forward", 4, _clock(1), _clock_right, LONG, "clock"),
    Trouble("clock back", 4, _clock(-1), _clock_right, LONG, "clock"),
    Trouble("disk full", 5, _full, lambda v: v.disk.fill(False), SHORT),
    Trouble("database locked", 5, _locked, lambda v: v.disk.lock(False), SHORT),
    Trouble("database gone", 5, _moved, lambda v: v.disk.move(False), SHORT),
    Trouble("PSA gone", 4, _gone, _down("down", False), LONG, "line"),
    Trouble("PSA gone for a day", 0.1, _gone_for_a_day, group="line"),
    Trouble("weekend", 0.05, _weekend),  # those nights in which the clocks change are in it
    Trouble("PSA silent", 3, _silent, _down("silent", False), SHORT, "line"),
    _fault("429 storm", 4, throttle=1.0, retry_after=20),
    _fault("429 now and then", 5, throttle=0.3, retry_after=3),
    _fault("429 without a word", 3, throttle=0.6, silent_429=True, html_429=True),
    _fault("5xx", 5, errors=0.5),
    _fault("5xx only", 3, errors=1.0),
    Trouble("lists lag", 4, _lag, _up_to_date, (90.0, 600.0)),
    Trouble("hung up", 8, _hang_up, _whole("hang_up_next"), SHORT),
    Trouble("write hung up", 6, _write_hung_up),
    Trouble("reset", 6, _reset, _whole("reset_next"), SHORT),
    Trouble("cut short", 5, _truncated, _whole("truncated_next"), SHORT),
    POISON,
    Trouble("bad YAML", 4, _bad_yaml, _good_yaml, LONG, "yaml"),
    Trouble("other rules", 3, _other_rules, _good_yaml, LONG, "yaml"),
)
