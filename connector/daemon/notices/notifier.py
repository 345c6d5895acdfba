"""The notifier: makes the digests that are due, sends what is owed, and tries again what did not get through.

It runs beside the connections, for it must tell of one that stopped. What it sends was committed before;
killed after a message was taken and before we knew, it sends that once more under the same id.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.daemon.health import Health
from connector.daemon.notices.operators import look
from connector.daemon.notices.sending import Channels
from connector.errors import ConnectorError, Throttled, Unavailable
from connector.rules.notices import PASSING, NotifyRule
from connector.store import notices
from connector.store.notices import Notice, Sending
from connector.store.store import Store

log = structlog.get_logger(__name__)

LOOK_EVERY = 2.0
"""Seconds between looks; one that finds nothing is one indexed question."""
FAREWELL = 1.0
OPERATORS_EVERY = timedelta(seconds=30)
TIDY_EVERY = timedelta(days=1)
KEPT = timedelta(days=90)
"""How long what was told or suppressed can be looked up."""
GIVE_UP = 12
"""Attempts; with their pauses about ten hours."""
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=2)
AT_ONCE = 200
DIGEST_ROWS = 1000
BEFORE_TOLD = "over before it was told"

Told = tuple[Sending, list[Notice]]


class Notifier:
    """`operators`: what those who run us are told."""

    def __init__(
        self,
        store: Store,
        health: Health,
        channels: Channels,
        operators: NotifyRule,
        now: Callable[[], datetime],
    ) -> None:
        self._store, self._health, self._channels = store, health, channels
        self._operators, self._now = operators, now
        self._next_look: datetime | None = None
        self._next_tidy: datetime | None = None
        self._trouble = ""
        self._pauses: dict[str, tuple[datetime, int]] = {}  # by channel: until when, after how many failures

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; a message under way then has FAREWELL seconds, and is sent again another time."""
        if not self._channels.caps:
            return
        work, stopped = asyncio.create_task(self._keep(stop)), asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({work}, timeout=FAREWELL)
        finally:
            for task in (work, stopped):
                task.cancel()
            await asyncio.wait({work, stopped})

    async def _keep(self, stop: asyncio.Event) -> None:
        """What goes wrong here is said once and tried again: it must never be the end of the daemon."""
        while not stop.is_set():
            trouble = ""
            try:
                await self.round()
            except (Unavailable, SQLAlchemyError) as error:
                trouble = str(error)[:256]
                if trouble != self._trouble:
                    log.error("notices wait", reason=trouble)
            except Exception as error:  # a defect of ours: shown with its trace, tried again
                trouble = repr(error)[:256]
                if trouble != self._trouble:
                    log.exception("notices failed")
            self._trouble = trouble
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_EVERY)

    async def round(self) -> int:
        """Do what is due now; returns how many messages were taken."""
        now = self._now()
        await self._prepare(now)
        async with self._store.read() as tx:
            owed = [(one, await notices.told_by(tx, one.id)) for one in await notices.owed(tx, now, AT_ONCE)]
        by_channel: dict[str, list[Told]] = defaultdict(list)
        for sending, told in owed:
            if now >= self._pauses.get(sending.channel, (now, 0))[0]:
                by_channel[sending.channel].append((sending, told))
        return sum(await asyncio.gather(*(self._channel(queue) for queue in by_channel.values())))

    async def _prepare(self, now: datetime) -> None:
        looking = bool(self._operators) and (self._next_look is None or now >= self._next_look)
        tidying = self._next_tidy is None or now >= self._next_tidy
        async with self._store.read() as tx:
            digests = bool(await notices.digests_due(tx, now, 1))
        if not (looking or tidying or digests):
            return
        async with self._store.begin(of=notices.LOCK) as tx:
            if tidying:
                await notices.tidy(tx, now, now - KEPT)
                self._next_tidy = now + TIDY_EVERY
            if looking:
                await look(tx, self._health, self._operators, self._channels.caps, now)
                self._next_look = now + OPERATORS_EVERY
            await make_digests(tx, now)

    async def _channel(self, queue: Sequence[Told]) -> int:
        """One after the other; where one fails the others of the channel wait with it."""
        queue = await self._gathered(queue)
        for number, (sending, told) in enumerate(queue):
            if not await self._send(sending, told):
                return number
        return len(queue)

    async def _gathered(self, queue: Sequence[Told]) -> Sequence[Told]:
        """What has queued up behind one that failed goes as one digest: nobody reads an hour of old news."""
        fresh = [one for one in queue[1:] if not one[0].attempts]
        if len(fresh) < 2 or queue[0][0].channel not in self._pauses:
            return queue
        digest = _digest(queue[0][0].channel, [notice for _, told in fresh for notice in told], self._now())
        async with self._store.begin(of=notices.LOCK) as tx:
            await notices.merge(tx, [sending.id for sending, _ in fresh], digest)
            merged = await notices.told_by(tx, digest.id)
        return [one for one in queue if one not in fresh] + [(digest, merged)]

    async def _send(self, sending: Sending, told: list[Notice]) -> bool:
        now = self._now()
        try:
            await self._channels.send(sending, told, now)
        except ConnectorError as error:
            wait = self._pause(sending.channel, error, now)
            await self._failed(sending, error, now + wait)
            return False
        self._pauses.pop(sending.channel, None)
        async with self._store.begin(of=notices.LOCK) as tx:
            await notices.sent(tx, sending.id, now)
        return True

    def _pause(self, channel: str, error: ConnectorError, now: datetime) -> timedelta:
        """How long the channel is left alone: a minute, doubling, or what it asks for."""
        _, failures = self._pauses.get(channel, (now, 0))
        wait: timedelta = min(FIRST_WAIT * 2**failures, LONGEST_WAIT)
        if isinstance(error, Throttled):
            wait = max(wait, min(timedelta(seconds=error.retry_after), LONGEST_WAIT))
        self._pauses[channel] = now + wait, min(failures + 1, 10)
        return wait

    async def _failed(self, sending: Sending, error: ConnectorError, again: datetime) -> None:
        why = str(error)[:256]
        async with self._store.begin(of=notices.LOCK) as tx:
            if sending.attempts + 1 >= GIVE_UP:
                await notices.bury(tx, sending.id, error=why)
                log.error("notice given up", channel=sending.channel, error=why)
                return
            await notices.postpone(tx, sending.id, error=why, not_before=again)
        if not sending.attempts:
            log.warning("notice waits", channel=sending.channel, error=why)


async def make_digests(tx: AsyncConnection, now: datetime) -> None:
    """One digest a channel of all that is held and due; what is over and asked for something is not told."""
    for channel, due in (await notices.digests_due(tx, now, DIGEST_ROWS)).items():
        passed = [one.id for one in due if one.event in PASSING and one.over_at is not None]
        await notices.suppress(tx, passed, BEFORE_TOLD)
        told = [one for one in due if one.id not in set(passed)]
        if told:
            await notices.put(tx, [one.id for one in told], _digest(channel, told, now))


def _digest(channel: str, told: Sequence[Notice], now: datetime) -> Sending:
    words = "\n".join((channel, *(one.id for one in told)))
    id = "d" + hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:20]
    return Sending(id=id, channel=channel, kind="digest", since=now, not_before=now)
