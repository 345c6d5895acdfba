"""The MSP that each test has for itself."""

from __future__ import annotations

import pytest

from connector.simulator import make_world
from tests.integration.halo.kit import START


@pytest.fixture
def world():
    return make_world(seed=7, tickets=60, start=START)
