"""A small world on the line, held against the vendor's specification where that is at hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from connector.simulator import Exchange, Simulator, World, make_world
from tests.integration.simulator.kit import client_of


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
