"""The fuzzers' targets without their fuzzer: what was ever found, the seeds, and what hypothesis thinks of.

`make fuzz ARGS=webhooks` looks for more; what it finds is put into fuzz/corpus/ with its mending.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from types import ModuleType

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fuzz.__main__ import TARGETS
from fuzz._corpus import kept

MOST = {"vendors": 80, "files": 40}
"""Seeds that are sent, where one is dear."""

pytestmark = pytest.mark.xdist_group("fuzz")


@pytest.fixture(scope="module", params=TARGETS)
def target(request: pytest.FixtureRequest) -> Iterator[ModuleType]:
    module = importlib.import_module(f"fuzz.{request.param}")
    yield module
    module.close()


def test_what_was_found_once_is_found_no_more(target: ModuleType) -> None:
    inputs = kept(target.__name__.removeprefix("fuzz."))
    assert inputs
    for one in inputs:
        target.one(one)


def test_the_seeds_hurt_nobody(target: ModuleType) -> None:
    seeds = target.seeds()
    step = max(1, len(seeds) // MOST.get(target.__name__.removeprefix("fuzz."), 1000))
    for seed in seeds[::step]:
        target.one(seed)


@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(st.data(), st.binary(max_size=200))
@example(None, b"")
def test_nothing_that_is_sent_hurts(target: ModuleType, data: st.DataObject | None, more: bytes) -> None:
    seed = data.draw(st.sampled_from(target.seeds())) if data else b""
    target.one(more)
    target.one(seed[: len(more) or None] + more)
