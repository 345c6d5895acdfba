"""Putting back what a canary wrote: at its end, when broken off, and at the next call after a power cut.

A value that is not ours any more is left alone: somebody has decided otherwise meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from connector.errors import ConnectorError, NotFound
from connector.psa.port import Psa, Written
from connector.store import canaries
from connector.store.canaries import Canary
from connector.store.store import Store

TRIES = 3
"""Times the former value is written before a person is called."""
PAUSE = 10.0
"""Seconds between them."""


async def put_back(
    psa: Psa, canary: Canary, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> str:
    """Give the field its former value unless it has lost ours already; why it may not stand, or ''."""
    problem = ""
    for attempt in range(TRIES):
        if attempt:
            await sleep(PAUSE)
        try:
            problem = await _put_back(psa, canary)
        except NotFound:
            return ""
        except ConnectorError as error:
            problem = str(error)
        if not problem:
            break
    return problem


async def _put_back(psa: Psa, canary: Canary) -> str:
    if (await read_now(psa, canary.ticket_id)).flags.get(canary.flag, "") != canary.wrote:
        return ""
    await psa.write(canary.ticket_id, {canary.flag: canary.was})
    shown = (await read_now(psa, canary.ticket_id)).flags.get(canary.flag, "")
    return "" if shown != canary.wrote else "the PSA took the former value and does not show it"


async def clear_up(
    name: str, psa: Psa, store: Store, now: Callable[[], datetime]
) -> list[tuple[Canary, str]]:
    """Put back what broken-off canaries left; each with why it could not be, or ''. The `psa` is started."""
    async with store.read() as tx:
        rows = await canaries.left(tx, name)
    done = []
    for row in rows:
        problem = await put_back(psa, row)
        if not problem:
            async with store.begin(of=name) as tx:
                await canaries.end(tx, row.id, state="undone", at=now(), doc=row.doc)
        done.append((row, problem))
    return done


async def read_now(psa: Psa, ticket_id: str) -> Written:
    """The flags as they stand right now, past lists that lag. NotFound if the ticket is gone."""
    read = await psa.read_flags([ticket_id])
    if ticket_id not in read:
        raise NotFound(f"ticket {ticket_id} is gone")
    return read[ticket_id]
