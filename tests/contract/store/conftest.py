"""The store under test: the same suite runs over every implementation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from connector.store.store import Store

IMPLEMENTATIONS: dict[str, Callable[[Path], str]] = {
    "sqlite": lambda folder: f"sqlite:///{folder / 'px.db'}",
}


@pytest.fixture(params=sorted(IMPLEMENTATIONS))
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(IMPLEMENTATIONS[request.param](tmp_path))
    yield opened
    await opened.close()
