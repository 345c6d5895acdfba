"""A voyage: weeks of a desk's life and its weather, a drawn step at a time, with every law watched.

A step is one drawn action: a thing that happens at the desk, a webhook brought to the door (in order, late,
twice, never), time that passes, or trouble that begins. Most steps take no time at all, so that they fall
between two awaits of a turn that is under way.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog
import yaml

from connector.settings import Connection as Settings
from connector.simulator import Simulator, make_world
from tests.contract.psa.tongues import TONGUES
from tests.kit import client_file, write_client
from tests.simulation.hour import TARGETS
from tests.weather import stillness
from tests.weather.disk import Disk
from tests.weather.house import House
from tests.weather.laws import AFTER_CALM, ALWAYS, NOW_AND_THEN, Broken, Judge
from tests.weather.post import Post
from tests.weather.seen import Seen
from tests.weather.staff import CLIENTS, Staff
from tests.weather.stillness import Stillness
from tests.weather.troubles import POISON, POST_FAULTS, TROUBLES, Trouble

MINUTE = 60.0
HOUR = 60 * MINUTE
LONGEST_PAUSE = 16 * MINUTE
"""No pause of ours is longer: a write that failed often is tried again after 15 minutes."""

BACKLOG = 6
"""So many windows of its share of requests the daemon may take to read what has come meanwhile."""

ZONES = ("Europe/London", "America/New_York")
STARTS = (
    datetime(2026, 11, 20, 10, tzinfo=UTC),
    datetime(2026, 10, 23, 13, tzinfo=UTC),  # the clocks of Europe go back two nights later
    datetime(2026, 3, 27, 13, tzinfo=UTC),  # and here forward
    datetime(2026, 3, 6, 13, tzinfo=UTC),  # forward in America
)
SHARES: dict[str, tuple[dict[str, Any], int, float]] = {
    "connectwise": ({"requests_per_minute": 120}, 120, 60.0),
    "autotask": ({"quota_share": 25}, 2500, 3600.0),
    "halo": ({"requests_per_5_minutes": 250}, 250, 300.0),
}
"""By vendor: the key, how many requests it allows, and in how many seconds."""


@dataclass(frozen=True)
class Plan:
    """What is drawn, and from which seed. `faults`: the kinds of trouble there are; none: a fine day."""

    vendor: str
    seed: int
    steps: int
    faults: frozenset[str]
    calm_every: int = 1000
    trouble: float = 0.015  # of the steps
    lost: float = 0.06  # of the webhooks
    look_every: int = 250
    keys: tuple[tuple[str, Any], ...] = ()  # of the connection, instead of the usual ones
    share: int = 0  # of requests; 0: the usual one
    start: datetime | None = None  # None: drawn
    poll_every: float = 0.0  # seconds; 0: drawn


@dataclass
class Voyage:
    """One run under way; `steps`, `troubles` and `judged` count what was done, by kind."""

    plan: Plan
    folder: Path
    loop: Stillness
    patch: pytest.MonkeyPatch
    steps: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)
    judged: Counter[str] = field(default_factory=Counter)
    step: int = 0
    over: dict[str, float] = field(default_factory=dict)  # trouble that is, and when it ends
    progress: Callable[[Voyage], None] = lambda _voyage: None

    def __post_init__(self) -> None:
        plan = self.plan
        self.dice = random.Random(f"{plan.vendor} {plan.seed}")
        self.world = make_world(seed=plan.seed, tickets=0, start=self.loop.start)
        self.world.clock = self.loop.true_now
        self.sim = Simulator(self.world, vendor=plan.vendor)
        self.sim.url = "http://127.0.0.1:8099"
        self.sim._date = self.world.now  # type: ignore[method-assign]
        self.keys, share, window = SHARES[plan.vendor]
        self.poll_every = plan.poll_every or self.dice.choice((5, 8, 10)) * MINUTE
        self.disk = Disk(self.folder)
        self.seen = Seen(plan.share or share, window)
        self.house = House(self.folder, self.sim, self.disk, self.seen.heard)
        self.staff = Staff(self.world, self.dice)
        self.post = Post(self.sim, self.house.carry, lambda: self.seen.answers)
        self.judge = Judge(self)

    # ── from the beginning to the end ─────────────────────────────────────────────────────────

    async def sail(self) -> None:
        """All the steps. Broken names the law, the seed and the step."""
        await self.embark()
        calm_at = self.plan.calm_every
        try:
            while self.step < self.plan.steps:
                await self._one()
                self._look(ALWAYS)
                if self.step % self.plan.look_every == 0:
                    self._look(NOW_AND_THEN)
                if self.step >= calm_at or self.step >= self.plan.steps:
                    await self.calm()
                    calm_at = self.step + self.plan.calm_every
                    self.progress(self)
        finally:
            await self.land()

    async def embark(self) -> None:
        """The daemon runs, the post goes, and the first tickets have come."""
        self._set_up()
        await self.house.start()
        await asyncio.sleep(1)
        self.post.open()
        for _ in range(6):
            self.staff.open_ticket()

    async def land(self) -> None:
        self.disk.mend()
        self.world.listeners.clear()
        await self.house.kill(self.post.stop)

    def _set_up(self) -> None:
        tongue = TONGUES[self.plan.vendor]
        for name, value in tongue.secrets(self.sim).items():
            self.patch.setenv(name, value)
        self.disk.install(self.patch)
        self.house.install(self.patch)
        same = lambda _self: lambda: "the same settings"  # noqa: E731  # to reckon it costs 20 steps
        self.patch.setattr(Settings, "fingerprint", same)
        self.seen.watch(self.sim, lambda: self.house.lives)
        self.seen.listen()
        self.loop.set_exception_handler(self.seen.failed)
        own = {
            "vendor": self.plan.vendor,
            "allow_private": True,
            **tongue.keys(self.sim),
            "write_back": True,
            "canary": {"waived": "a pretend PSA"},
            "poll_every": f"{self.poll_every:.0f}s",
            "sweep_every": "4h",
            "timeout": "20s",
            **self.keys,
            **dict(self.plan.keys),
        }
        web = {"port": 8098, "public_url": "http://127.0.0.1:8098"}
        settings = {"store": "sqlite:///px.db", "web": web, "connections": {"main": own}}
        (self.folder / "connector.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        for client, zone in zip(CLIENTS, ZONES, strict=True):
            self.write_rules(client, zone)

    def write_rules(self, client: str, zone: str, **more: Any) -> None:
        calendar = {"timezone": zone, "week": {"mon-fri": ["08:00-18:00"]}}
        write_client(self.folder, client_file(client, targets=TARGETS, calendar=calendar, **more))

    # ── a step ────────────────────────────────────────────────────────────────────────────────

    async def _one(self) -> None:
        self.step += 1
        self.house.check()
        self._end_troubles()
        roll, trouble = self.dice.random(), self.plan.trouble if self.plan.faults else 0.0
        if roll < trouble:
            await self._trouble()
        elif roll < trouble + 0.03:
            await self._pass()
        elif roll < trouble + 0.34 and self.post.waiting:
            self._bring()
        else:
            self.steps["desk: " + self.staff.act()] += 1
        for _ in range(self.dice.randrange(5)):
            await asyncio.sleep(0)

    async def _pass(self) -> None:
        """Time passes."""
        self.steps["time"] += 1
        roll = self.dice.random()
        if roll < 0.7:
            seconds = self.dice.uniform(1, 30)
        elif roll < 0.97:
            seconds = self.dice.uniform(30, 240)
        elif roll < 0.99:
            seconds = self.dice.uniform(240, 1200)
        elif roll < 0.999:
            seconds = self.dice.uniform(2, 20) * HOUR  # a night
        else:
            seconds = self.dice.uniform(50, 65) * HOUR  # a weekend
        await self.sleep(round(seconds, 3))

    async def sleep(self, seconds: float) -> None:
        """Let time pass; trouble ends when its time has come."""
        if seconds > HOUR:
            self._look(NOW_AND_THEN)  # what is handled is forgotten after a week
        until = self.loop.time() + seconds
        while (now := self.loop.time()) < until:
            await asyncio.sleep(max(0.001, min([until, *self.over.values()]) - now))
            self._end_troubles()

    def _bring(self) -> None:
        post, kinds = self.post, self.plan.faults
        roll = self.dice.random()
        letter = post.waiting.pop(0 if "reorder" not in kinds or roll < 0.7 else -1)
        self.steps["webhook"] += 1
        if roll < self.plan.lost and "lost" in kinds:
            self.troubles["lost"] += 1
            self.world.deliveries["dropped"] += 1
            return
        if roll > 0.7 and "reorder" in kinds:
            self.troubles["reorder"] += 1
        post.send(letter)
        if "duplicate" in kinds and self.dice.random() < 0.1:
            self.troubles["duplicate"] += 1
            post.send(letter)
        if "duplicate" in kinds and post.delivered and self.dice.random() < 0.05:
            self.troubles["duplicate"] += 1  # one that was taken long ago
            post.send(self.dice.choice(post.delivered))

    async def _trouble(self) -> None:
        kinds = [one for one in TROUBLES if one.name in self.plan.faults and one.name not in self.over]
        if not kinds:
            return
        kind = self.dice.choices(kinds, [one.weight for one in kinds])[0]
        await self.begin(kind)

    async def begin(self, kind: Trouble) -> None:
        """Let this trouble begin."""
        if any(one.name in self.over for one in TROUBLES if one.group and one.group == kind.group):
            return
        self.steps["trouble"] += 1
        self.troubles[kind.name] += 1
        if kind.lasts:
            low, high = kind.lasts
            self.over[kind.name] = self.loop.time() + self.dice.uniform(low, high)
        await kind.begin(self)

    def _end_troubles(self, *, all_of_them: bool = False) -> None:
        now = self.loop.time()
        for kind in TROUBLES:
            stays = all_of_them and kind is POISON  # to be judged by what is set aside
            if kind.name in self.over and (self.over[kind.name] <= now or (all_of_them and not stays)):
                del self.over[kind.name]
                kind.end(self)

    # ── calm ──────────────────────────────────────────────────────────────────────────────────

    async def calm(self) -> None:
        """The weather ends, the post arrives, the last pause and one interval pass: all must be right."""
        self._end_troubles(all_of_them=True)
        self.house.check()
        while self.post.waiting:
            for letter in self.post.waiting[:20]:
                self.steps["webhook"] += 1
                self.step += 1
                self.post.send(letter)
            del self.post.waiting[:20]
            await asyncio.sleep(0.01)
        await self._rest(LONGEST_PAUSE + self.poll_every)
        for _ in range(BACKLOG):
            if self.seen.at_its_share():
                await self._rest(self.seen.window)
        await self._rest(self.poll_every + 5)
        self.look_at_everything()
        if POISON.name in self.over:
            del self.over[POISON.name]
            POISON.end(self)
        self.judge.all_read()
        self.staff.wake()

    def look_at_everything(self) -> None:
        """Judge by every law."""
        self._look(ALWAYS)
        self._look(NOW_AND_THEN)
        self._look(AFTER_CALM)

    async def _rest(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self.house.check()

    def _look(self, laws: Iterable[Any]) -> None:
        for law in laws:
            self.judged[law.__name__] += 1
            for complaint in law(self.judge):
                raise Broken(law.__name__, complaint, self)


def sail(
    plan: Plan,
    folder: Path,
    progress: Callable[[Voyage], None] = lambda _voyage: None,
    course: Callable[[Voyage], Awaitable[None]] = Voyage.sail,
) -> Voyage:
    """Make this voyage, in `folder`. Raises Broken."""
    start = plan.start or STARTS[plan.seed % len(STARTS)]

    async def main(loop: Stillness) -> Voyage:
        with pytest.MonkeyPatch.context() as patch:
            voyage = Voyage(plan, folder, loop, patch, progress=progress)
            try:
                await course(voyage)
            finally:
                structlog.reset_defaults()
            return voyage

    return stillness.run(start, plan.seed, main)


EVERY_FAULT = frozenset(one.name for one in TROUBLES) | POST_FAULTS
