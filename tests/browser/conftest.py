"""One browser and one house for all tests here; without a browser there is nothing to collect."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.kit import BROWSER, House, Window, browser_running, house_open, window

collect_ignore_glob = [] if BROWSER else ["test_*.py"]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They share a browser, so they share its event loop and its worker."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with browser_running() as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """The demo's daemon and desks in the middle of their afternoon; a test leaves it fit for the next one."""
    async with house_open(tmp_path_factory.mktemp("house")) as opened:
        yield opened


@pytest.fixture
def look(browser: Browser, house: House) -> Callable[..., AbstractAsyncContextManager[Window]]:
    """`async with look(size, scheme) as window: page = await window.go("ticket?…")`."""
    return partial(window, browser, house.url)
