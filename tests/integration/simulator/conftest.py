"""A small world on the line, held against the vendor's specification where that is at hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from connector.simulator import Exchange, Simulator, World, make_world
from tests.integration.simulator.autotask_kit import Talk, talk_of
from tests.integration.simulator.halokit import halo_client
from tests.integration.simulator.kit import client_of
from tests.openapi_autotask import AutotaskTap
from tests.shared import shared


@pytest.fixture
def world() -> World:
    return make_world(tickets=120)


@pytest.fixture
async def sim(world: World, openapi_tap: Callable[[Exchange], None] | None) -> AsyncIterator[Simulator]:
    async with Simulator(world, tap=openapi_tap) as simulator:
        yield simulator


@pytest.fixture
async def api(sim: Simulator) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(sim) as client:
        yield client


@pytest.fixture
async def halo(world: World, halo_tap: Callable[[Exchange], None] | None) -> AsyncIterator[Simulator]:
    async with Simulator(world, "halo", tap=halo_tap) as simulator:
        yield simulator


@pytest.fixture
async def hapi(halo: Simulator) -> AsyncIterator[httpx.AsyncClient]:
    """With a token that outlasts what a test does to the clock."""
    halo.faults.token_lifetime = 30 * 86_400
    async with halo_client(halo) as client:
        halo.faults.token_lifetime = 3600
        yield client


@pytest.fixture
async def at(world: World) -> AsyncIterator[Talk]:
    """The same world as Autotask, on the line with its specification where that is at hand."""
    found = shared("specs", "autotask.openapi.json")
    tap = AutotaskTap(found[0]) if found else None
    async with Simulator(world, "autotask", tap=tap) as simulator, talk_of(simulator) as talk:
        yield talk
    assert tap is None or tap.violations == []


@pytest.fixture
async def bad(world: World) -> AsyncIterator[Talk]:
    """An Autotask that is made to break its own specification."""
    async with Simulator(world, "autotask") as simulator, talk_of(simulator) as talk:
        yield talk
