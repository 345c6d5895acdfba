"""Requests are counted in the store before they are sent, a handful at a time.

So who follows a killed worker knows how many it may have sent at most, and a worker that has lost its turn
sends no more than the handful it still had. A turn with nothing to do needs no more than the first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

FIRST = 20
MORE = 50


class Permits:
    """`more(number)` counts so many more in the store. Superseded if the turn is another's."""

    def __init__(self, more: Callable[[int], Awaitable[None]]) -> None:
        self._more, self._left = more, FIRST
        self._asking = asyncio.Lock()

    async def __call__(self) -> None:
        """Use one up."""
        while self._left == 0:
            async with self._asking:
                if self._left == 0:
                    await self._more(MORE)
                    self._left = MORE
        self._left -= 1
