"""Adapters that are broken on purpose: one for every trait and vendor, with a single thing wrong.

Each is a mistake that somebody really makes with a PSA, not a crash. If the suite lets one pass, the trait
it breaks is not tested.
"""

from tests.contract.psa.faulty import calling, desking, enduring, reading, starting, telling, writing
from tests.contract.psa.faulty.broken import EVERYBODY, FAULTS, fault

PARTS = (starting, reading, telling, writing, desking, calling, enduring)
"""Where the broken adapters are: importing them makes them known."""

__all__ = ["EVERYBODY", "FAULTS", "PARTS", "fault"]
