"""Finishes what a `store erase` that was killed has left: in a SQLite file nobody would see the old bytes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from connector.errors import ConnectorError
from connector.history.erasure.erase import finish
from connector.store.store import Store
from connector.store.whole import sqlitefile

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 3600.0

LATE = timedelta(hours=1)
"""One that began longer ago is dead; a living one does the same at its end."""


async def keep_rubbed_out(store: Store, url: str, now: Callable[[], datetime], stop: asyncio.Event) -> None:
    """Until `stop`, where the store of this address is a file. What fails is logged and tried again."""
    file = sqlitefile.file_of(url)
    while file is not None and not stop.is_set():
        try:
            done = await finish(store, file, now() - LATE)
            if done:
                log.info("rubbed out what was erased")
            elif done is False:
                log.info("not rubbed out yet", error="somebody read all the while")
        except ConnectorError as error:
            log.info("not rubbed out yet", error=str(error))
        except Exception:  # a defect of ours must not end the daemon; it is logged with its trace
            log.exception("rubbing out failed")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_EVERY_S)
