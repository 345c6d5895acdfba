"""Every adapter stands by the contract, trait by trait; what one cannot do, it says in its quality.yaml."""

from __future__ import annotations

import pytest

from connector.errors import ConnectorError
from tests.contract.psa import calling, desking, enduring, reading, starting, telling, writing
from tests.contract.psa.quality import quality
from tests.contract.psa.stage import on_stage
from tests.contract.psa.taps import tap_for
from tests.contract.psa.tongues import TONGUES
from tests.contract.psa.traits import TRAITS

PARTS = (starting, reading, telling, writing, desking, calling, enduring)
"""Where the traits are: importing them makes them known."""

FELL_SHORT = (AssertionError, ConnectorError, ValueError, pytest.fail.Exception)


@pytest.mark.parametrize("name", TRAITS)
@pytest.mark.parametrize("vendor", TONGUES)
async def test_a_trait_is_as_the_adapter_says(vendor: str, name: str) -> None:
    """Done means done. Exempt means that it is really so: the day it can be done, it must be said."""
    trait, stated = TRAITS[name], quality(vendor)[name]
    tap = tap_for(vendor, name) if stated.done else None
    async with on_stage(TONGUES[vendor], tickets=trait.tickets, tap=tap) as stage:
        if stated.done:
            await trait.check(stage)
        else:
            with pytest.raises(FELL_SHORT):
                await trait.check(stage)
    assert tap is None or tap.violations == [], "what was said breaks the vendor's specification"
