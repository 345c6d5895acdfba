"""The vendors' own specifications, listening to what an adapter and its simulated PSA say to each other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.openapi import Tap
from tests.openapi_autotask import AutotaskTap
from tests.openapi_halo import halo
from tests.shared import shared

_TAPS: dict[str, Callable[[Path], Tap]] = {
    "connectwise": Tap,
    "autotask": AutotaskTap,
    "halo": lambda specification: Tap(specification, halo),
}
ON_PURPOSE = frozenset({"malformed", "array_body", "not_understood"})
"""Traits in which the PSA breaks its own specification, because that is what is tried."""


def tap_for(vendor: str, trait: str) -> Tap | None:
    """A tap for this trait; None where there is nothing to hold it against, or it is not at hand."""
    found = [] if trait in ON_PURPOSE else shared("specs", f"{vendor}.openapi.json")
    return _TAPS[vendor](found[0]) if found else None
