"""How a good adapter is broken: by what it answers, by what it is told, or by what it does.

Most mistakes can be made with any PSA, and one broken adapter stands for all vendors. Where a mistake is made
in a vendor's own words, each vendor has its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from connector.model import Event
from connector.psa.port import Batch, Psa, Snapshot
from tests.contract.psa.through import Through

EVERYBODY = ""
"""The vendor of a fault that any adapter may have."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`wrap` breaks a good adapter; `keys` are settings it takes for its own, whatever it was told."""

    wrap: Callable[[Psa], Psa]
    keys: Mapping[str, Any] = field(default_factory=dict)


FAULTS: dict[tuple[str, str], Fault] = {}
"""By the trait that is broken and the vendor; a vendor's own goes before everybody's."""


def fault(name: str, vendor: str) -> Fault:
    """The broken adapter of this vendor for this trait. KeyError if there is none."""
    return FAULTS.get((name, vendor)) or FAULTS[name, EVERYBODY]


def breaks(name: str, vendor: str = EVERYBODY, **keys: Any) -> Callable[[type[Through]], type[Through]]:
    """Makes an adapter the broken one for a trait; `keys` as in `Fault`."""

    def register(faulty: type[Through]) -> type[Through]:
        assert (name, vendor) not in FAULTS, f"{name} is broken twice"
        FAULTS[name, vendor] = Fault(faulty, keys)
        return faulty

    return register


def tells(name: str, change: Callable[[Event], Event | None]) -> None:
    """An adapter that gets the facts of timelines wrong; None leaves one out."""

    class Misteller(Through):
        def brought(self, batch: Batch) -> Batch:
            changed = ((ticket, change(event)) for ticket, event in batch.events)
            return replace(batch, events=tuple((t, event) for t, event in changed if event is not None))

    breaks(name)(Misteller)


def shows(name: str, change: Callable[[Snapshot], Snapshot | None]) -> None:
    """An adapter that gets tickets wrong; None leaves one out."""

    class Misviewer(Through):
        def brought(self, batch: Batch) -> Batch:
            return replace(batch, snapshots=tuple(s for s in map(change, batch.snapshots) if s is not None))

    breaks(name)(Misviewer)


def ticket(snapshot: Snapshot, **values: Any) -> Snapshot:
    """The snapshot with other values in its ticket."""
    return replace(snapshot, ticket=replace(snapshot.ticket, **values))
