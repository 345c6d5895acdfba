"""Fixtures that many tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from connector.simulator import Exchange
from tests.openapi import Tap
from tests.shared import shared


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
