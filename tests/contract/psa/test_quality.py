"""`quality.yaml` is whole: every trait is stated, none is invented, every vendor has one and stands by it."""

from __future__ import annotations

import re

import pytest

from connector.settings.vendors import installed
from tests.contract.psa.quality import quality
from tests.contract.psa.test_contract import PARTS
from tests.contract.psa.tongues import TONGUES
from tests.contract.psa.traits import TRAITS
from tests.shared import ROOT


@pytest.mark.parametrize("vendor", TONGUES)
def test_every_trait_is_stated_and_none_invented(vendor: str) -> None:
    assert quality(vendor).keys() == TRAITS.keys()


def test_every_installed_adapter_stands_by_the_contract() -> None:
    assert set(installed()) == set(TONGUES)


def test_every_part_of_the_suite_has_traits_and_every_trait_says_what_it_asks() -> None:
    homes = {trait.check.__module__ for trait in TRAITS.values()}
    assert homes == {part.__name__ for part in PARTS}
    assert all(trait.check.__doc__ for trait in TRAITS.values())


def test_the_guide_for_a_fourth_psa_names_every_trait_once() -> None:
    guide = (ROOT / "docs" / "adapters.md").read_text(encoding="utf-8").partition("## The contract")[2]
    named = [
        name for line in guide.splitlines() if line.startswith("|") for name in re.findall("`(\\w+)`", line)
    ]
    assert sorted(named) == sorted(TRAITS)
