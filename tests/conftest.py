"""Fixtures that many tests share."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator

import pytest
import respx.mocks
import structlog
from hypothesis import HealthCheck, settings

from connector.simulator import Exchange
from connector.store import sqlite
from tests.openapi import Tap
from tests.openapi_halo import halo
from tests.postgres import database
from tests.shared import shared
from tests.sqlite import empty_files, with_tables

__all__ = ["empty_files"]

respx.mocks.DEFAULT_MOCKER = respx.mocks.HTTPXMocker.name
respx.mocks.HTTPXMocker.add_targets("connector.psa.wire.Wire")

MEMORY, ROOMY = "/dev/shm", 4 << 30
"""Where tests keep their files if there is room: the store waits for the disk at each commit, as it must."""


def pytest_configure() -> None:
    """Say that there is no event loop yet.

    looptime asks for the current one before every test, and for a test without a loop Python would
    make one that nobody closes: an error in whichever test the garbage collector finds it.
    """
    asyncio.set_event_loop(None)
    os.environ["COLUMNS"] = "250"  # the console takes its width from the first test that prints
    # On a fresh machine the first example waits for Hypothesis's table of characters; that is no fault.
    settings.register_profile("ours", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("ours")
    if os.path.isdir(MEMORY) and shutil.disk_usage(MEMORY).free > ROOMY:
        os.environ.setdefault("TMPDIR", MEMORY)
        tempfile.tempdir = None
    sqlite._prepared = with_tables


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a fifth of the time goes by in waiting for processes and sockets."""
    return (os.cpu_count() or 1) + 1


LONG = (
    "tests/acceptance/",
    "tests/simulation/",
    "tests/browser/",
    "tests/integration/test_contract_crash.py",
)
"""Where the tests are that take longest."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest begin first, so that no worker ends with one of them alone."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """The address of a PostgreSQL database with our tables; it is gone after the test."""
    with database() as url:
        yield url


@pytest.fixture(autouse=True)
def logging_as_at_the_start() -> Iterator[None]:
    """A command run in this process sets its own log level; the next test must not inherit it."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def openapi_tap() -> Iterator[Callable[[Exchange], None] | None]:
    """For `Simulator(tap=openapi_tap)`: the test fails if anything on the line breaks the vendor's spec.

    None where the specification is not at hand.
    """
    found = shared("specs", "connectwise.openapi.json")
    if not found:
        yield None
        return
    tap = Tap(found[0])
    yield tap
    assert tap.violations == []


@pytest.fixture
def halo_tap() -> Iterator[Callable[[Exchange], None] | None]:
    """The same for `Simulator(vendor="halo", tap=halo_tap)`."""
    found = shared("specs", "halo.openapi.json")
    if not found:
        yield None
        return
    tap = Tap(found[0], halo)
    yield tap
    assert tap.violations == []
