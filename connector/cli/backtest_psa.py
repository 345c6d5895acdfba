"""History straight from the PSAs, for whoever asks before the daemon has ever run.

What a first reading would give is read into a store that is thrown away: no flag, note or ticket is written,
nothing is registered, and the daemon's own store is not touched.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from connector.app import Connector
from connector.daemon.start import start
from connector.daemon.turn import turn
from connector.errors import Throttled
from connector.settings import Settings


@contextmanager
def read_in(
    settings: Settings, config: Path, days: int | None, seen: Callable[[int], None]
) -> Iterator[Settings]:
    """Settings whose store holds what the PSAs know of the last `days`, None: as `backfill_days` says.

    `seen` hears how many tickets were read so far. Raises what the adapters raise.
    """
    with TemporaryDirectory(prefix="px-backtest-") as folder:
        harmless = only_reading(settings, f"sqlite:///{folder}/history.db", days)
        asyncio.run(_read(harmless, config, seen))
        yield harmless


def only_reading(settings: Settings, store: str, days: int | None) -> Settings:
    """The same PSAs, with nothing switched on that writes to them or to people."""
    calm: dict[str, object] = {"write_back": False, "callbacks": False}
    if days is not None:
        calm["backfill_days"] = days
    quiet = {name: one.model_copy(update=calm) for name, one in settings.connections.items()}
    return settings.model_copy(update={"store": store, "connections": quiet, "survey": None, "mail": None})


async def _read(settings: Settings, config: Path, seen: Callable[[int], None]) -> None:
    connector = await Connector.build(settings, config)
    read = 0
    try:
        for connection in connector.supervisor.connections.values():
            await start(connection)
            lagging = True
            while lagging:
                try:
                    outcome = await turn(connection)
                except Throttled as error:
                    await asyncio.sleep(error.retry_after)
                    continue
                read, lagging = read + outcome.observed, outcome.lagging
                seen(read)
    finally:
        await connector.close()
