"""The store under test: the same suite runs over every implementation."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from pathlib import Path

import pytest

from connector.store.store import Store
from tests.postgres import database
from tests.sqlite import connecting_is_over

IMPLEMENTATIONS: dict[str, Callable[[Path], AbstractContextManager[str]]] = {
    "sqlite": lambda folder: nullcontext(f"sqlite:///{folder / 'px.db'}"),
    "postgresql": lambda folder: database(),
}


@pytest.fixture(params=sorted(IMPLEMENTATIONS))
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    with IMPLEMENTATIONS[request.param](tmp_path) as url:
        before = threading.enumerate()
        opened = await Store.open(url)
        yield opened
        await opened.close()
        await connecting_is_over(before)


@pytest.fixture(params=sorted(IMPLEMENTATIONS))
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a store of each kind is; nobody has opened it."""
    with IMPLEMENTATIONS[request.param](tmp_path) as url:
        yield url


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    """A store for as long as the block lasts."""
    store = await Store.open(url)
    try:
        yield store
    finally:
        await store.close()
