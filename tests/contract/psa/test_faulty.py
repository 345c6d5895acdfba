"""The suite sees what it says it sees: an adapter broken in one trait does not pass that trait."""

from __future__ import annotations

import pytest

from tests.contract.psa.faulty import FAULTS, KEYS
from tests.contract.psa.quality import quality
from tests.contract.psa.stage import on_stage
from tests.contract.psa.test_contract import FELL_SHORT
from tests.contract.psa.tongues import CONNECTWISE
from tests.contract.psa.traits import TRAITS


def test_every_trait_that_connectwise_has_is_broken_once() -> None:
    assert FAULTS.keys() == {name for name, stated in quality("connectwise").items() if stated.done}


@pytest.mark.parametrize("name", sorted(FAULTS))
async def test_a_broken_adapter_is_caught(name: str) -> None:
    trait = TRAITS[name]
    async with on_stage(
        CONNECTWISE, tickets=trait.tickets, wrap=FAULTS[name], change=KEYS.get(name)
    ) as stage:
        with pytest.raises(FELL_SHORT):
            await trait.check(stage)
