"""The suite sees what it says it sees: an adapter broken in one trait does not pass that trait."""

from __future__ import annotations

import pytest

from tests.contract.psa.faulty import EVERYBODY, FAULTS, fault
from tests.contract.psa.quality import quality
from tests.contract.psa.stage import on_stage
from tests.contract.psa.test_contract import FELL_SHORT
from tests.contract.psa.tongues import TONGUES
from tests.contract.psa.traits import TRAITS

CLAIMED = [(vendor, name) for vendor in TONGUES for name, said in quality(vendor).items() if said.done]
"""What each vendor's adapter says it does."""


def test_every_trait_is_broken_once_for_every_vendor_that_claims_it() -> None:
    own = {(vendor, name) for name, vendor in FAULTS if vendor != EVERYBODY}
    shared = {(vendor, name) for vendor in TONGUES for name, whose in FAULTS if whose == EVERYBODY}
    assert set(CLAIMED) - own - shared == set(), "claimed, and nobody breaks it"
    assert own - set(CLAIMED) == set(), "broken, and nobody claims it"
    assert {name for name, _ in FAULTS} == TRAITS.keys()


@pytest.mark.parametrize(("vendor", "name"), CLAIMED)
async def test_a_broken_adapter_is_caught(vendor: str, name: str) -> None:
    trait, broken = TRAITS[name], fault(name, vendor)
    async with on_stage(
        TONGUES[vendor], tickets=trait.tickets, wrap=broken.wrap, change=broken.keys
    ) as stage:
        with pytest.raises(FELL_SHORT):
            await trait.check(stage)
