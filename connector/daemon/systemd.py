"""What systemd is told (sd_notify): ready, stopping, reading files again, and that the work still moves.

Nothing is sent where nobody listens: without NOTIFY_SOCKET all of it is a no-op. The protocol is one datagram
of lines to an AF_UNIX socket (man sd_notify), so no library is needed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)

STUCK_S = 900.0
"""Seconds a turn may be under way without a request sent or a decision kept, before it is called stuck.

The longest honest silence is a request that waits a minute for its budget and is then tried five times over.
"""


def tell(*lines: str, patience_s: float = 1.0) -> None:
    """Send lines like `READY=1` to whoever started us; one that is gone or does not listen stops nobody.

    `patience_s`: how long it may have too much to listen to, before this is left unsaid.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    where = "\0" + address[1:] if address.startswith("@") else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as speaker:
            speaker.settimeout(patience_s)
            speaker.sendto("\n".join(lines).encode(), where)
    except OSError as error:
        log.warning("systemd not told", what=lines[0], error=str(error))


def reloading() -> None:
    """The files are read again; `tell("READY=1")` ends it. The instant is for Type=notify-reload."""
    tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")


def watchdog_s() -> float:
    """Seconds within which systemd wants a sign of life, 0.0 if it does not care."""
    ours = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    text = os.environ.get("WATCHDOG_USEC", "")
    return int(text) / 1e6 if ours and text.isdecimal() else 0.0


async def keep_telling(stop: asyncio.Event, stuck: Callable[[], str], status: Callable[[], str]) -> None:
    """A sign of life twice as often as asked for, until `stop`; none while `stuck` says what does not move.

    It comes from the event loop, so one that is blocked gives none either, and systemd starts us again.
    """
    if not os.environ.get("NOTIFY_SOCKET"):
        return
    every, said = (watchdog_s() or 60.0) / 2, ""
    while not stop.is_set():
        trouble = stuck()
        if trouble and trouble != said:
            log.error("no sign of life for systemd", reason=trouble)
        said = trouble
        alive = ["WATCHDOG=1"] if watchdog_s() and not trouble else []
        tell(*alive, f"STATUS={trouble or status()}", patience_s=0.0)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), every)


class Pulse:
    """Whether the turns under way move, by what they have done so far.

    `under_way` names those that turn now; `done` says of one how much it has done, as anything that changes.
    """

    def __init__(
        self,
        under_way: Callable[[], list[str]],
        done: Callable[[str], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._under_way, self._done, self._clock = under_way, done, clock
        self._seen: dict[str, tuple[object, float]] = {}

    def stuck(self) -> str:
        """What has not moved for STUCK_S, in words; '' if nothing."""
        now, before = self._clock(), self._seen
        self._seen = {}
        for name in self._under_way():
            done = self._done(name)
            known = before.get(name)
            self._seen[name] = known if known and known[0] == done else (done, now)
        still = [name for name, (_, since) in self._seen.items() if now - since >= STUCK_S]
        return f"no progress in the turn of {', '.join(sorted(still))}" if still else ""
