"""What was said on the line and logged, as the other side has it: the laws are judged by this."""

from __future__ import annotations

import asyncio
import re
import sys
import traceback
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

import httpx
import structlog

from connector.errors import ConnectorError
from connector.simulator import Exchange, Simulator

NUMBER = re.compile(r"\d{4,}")
PATIENCE_429 = 30.0
"""Seconds to keep still after a 429 that names no time (facts: ConnectWise's guide)."""

ROUNDING_S = 1e-6
"""What five minutes of a minute each may be short of one window of five, in floating point."""

DEFECTS = frozenset({"turn failed", "learning failed", "notices failed", "audit failed"})
"""What the daemon logs, with a trace, when it meets an error that nobody has thought of."""


@dataclass
class Seen:
    """`share` requests may come in within `window` seconds from one life of the daemon.

    `named`: which of its answers was the last to a request that named this ticket. `idle_writes`: writes that
    changed nothing, but for the first one of a life, which tries what a write leaves alone; if what that has
    left was not read at once, the next one tries.
    """

    share: int
    window: float
    requests: int = 0
    answers: int = 0
    busiest: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    named: dict[int, int] = field(default_factory=dict)
    complaints: list[tuple[str, str]] = field(default_factory=list)
    logged: Counter[str] = field(default_factory=Counter)
    idle_writes: list[str] = field(default_factory=list)
    strange_writes: list[str] = field(default_factory=list)
    hang_up_on_write: bool = False
    _life: int = 0
    _recent: deque[float] = field(default_factory=deque)
    _quiet_until: float = 0.0
    _said_at: float = 0.0
    _written: int = 0
    _trial: tuple[frozenset[str], float] = (frozenset(), 0.0)  # the ticket of one under way, and its time
    _tried: int = 0  # the last life that knows what a write leaves alone

    def watch(self, sim: Simulator, life: Any) -> None:
        """Count what comes in when it comes in: an answer may be late, or never be given."""
        enters, loop = sim.dialect.enters, asyncio.get_running_loop()

        def counted(ask: Any) -> float:
            self._enters(loop.time(), life())
            path = ask.path.casefold().rstrip("/")
            if self.hang_up_on_write and ask.method != "GET" and ("/tickets" in path) and "query" not in path:
                self.hang_up_on_write, sim.faults.hang_up_next = False, 1
            return float(enters(ask))

        sim.dialect.enters = counted  # type: ignore[method-assign]
        sim._tap = lambda exchange: self._answered(exchange, sim)

    def _enters(self, now: float, life: int) -> None:
        if life != self._life:
            self._life, self._quiet_until = life, 0.0
            self._recent.clear()
        self.requests += 1
        if (
            self._said_at + 0.01 < now < self._quiet_until - 0.01
        ):  # what is under way when it is said may come
            left = self._quiet_until - now
            self.complaints.append(("patience", f"a request {left:.1f} s before the PSA's 429 allowed one"))
        self._recent.append(now)
        while self._recent[0] <= now - self.window + ROUNDING_S:
            self._recent.popleft()
        self.busiest = max(self.busiest, len(self._recent))
        if len(self._recent) > self.share:
            self.complaints.append(("quota", f"{len(self._recent)} requests within {self.window:g} s"))

    def at_its_share(self) -> bool:
        """Whether the daemon has lately asked as much as it may, near enough: there is more to be asked."""
        since = asyncio.get_running_loop().time() - self.window
        return sum(at > since for at in self._recent) > 0.8 * self.share

    def heard(self, answer: httpx.Response) -> None:
        """The daemon has got this answer."""
        if answer.status_code == 429:
            self._said_at = now = asyncio.get_running_loop().time()
            asked = answer.headers.get("retry-after")
            self._quiet_until = max(self._quiet_until, now + (float(asked) if asked else PATIENCE_429))
        tickets, since = self._trial
        if answer.request.method == "GET" and not tickets.isdisjoint(NUMBER.findall(answer.request.url.path)):
            self._trial = frozenset(), 0.0
            if answer.status_code == 200 and _is_whole(answer) and since == asyncio.get_running_loop().time():
                self._tried = self._life

    def _answered(self, exchange: Exchange, sim: Simulator) -> None:
        self.answers += 1
        self.statuses[exchange.status] += 1
        if exchange.status >= 300:
            return
        body = exchange.request_body.decode("utf-8", "replace") if exchange.request_body else ""
        for number in NUMBER.findall(f"{exchange.path} {unquote_plus(exchange.query)} {body}"):
            self.named[int(number)] = self.answers
        if exchange.method not in ("GET", "HEAD"):
            self._changed(exchange, sim, body)

    def _changed(self, exchange: Exchange, sim: Simulator, body: str) -> None:
        path = exchange.path.casefold().rstrip("/")
        if path.endswith(("/query", "/notification")) or "webhook" in path or "callback" in path:
            return
        if not (path.endswith("/tickets") or "/tickets/" in path) or "note" in path:
            self.strange_writes.append(f"{exchange.method} {exchange.path} {body[:200]}")
            return
        if len(sim.world.writes) == self._written:
            if sim.vendor == "autotask" or self._tried == self._life:
                self.idle_writes.append(f"{exchange.method} {exchange.path} {body[:200]}")
            ids = NUMBER.findall(f"{exchange.path} {body}")
            self._trial = frozenset(ids[:1]), asyncio.get_running_loop().time()
        self._written = len(sim.world.writes)

    # ── what the daemon says of itself ────────────────────────────────────────────────────────

    def listen(self) -> None:
        """Hear its log, which goes nowhere else."""
        structlog.configure(processors=[self._heard])

    def _heard(self, _logger: Any, level: str, event: dict[str, Any]) -> Any:
        said = str(event.get("event"))
        self.logged[said] += 1
        if said in DEFECTS and not isinstance(sys.exc_info()[1], ConnectorError):
            self.complaints.append(("no defect", f"{said}: {traceback.format_exc()[-1500:]}"))
        raise structlog.DropEvent

    def failed(self, _loop: Any, context: dict[str, Any]) -> None:
        """An error in a task nobody waits for."""
        self.complaints.append(("no defect", f"{context.get('message')}: {context.get('exception')!r}"))


def _is_whole(answer: httpx.Response) -> bool:
    """Whether it was not cut short."""
    try:
        answer.json()
    except ValueError:
        return False
    return True
