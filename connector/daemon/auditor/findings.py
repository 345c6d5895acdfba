"""What an audit has found so far: what was checked, what is broken, and what shall be looked at again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from connector.history.invariants.words import Broken, Invariant
from connector.store.breaches import Key

OF_A_TICKET: tuple[Invariant, ...] = (
    "assessment",
    "flags",
    "double_write",
    "history",
    "visible",
    "unseen",
    "owed",
)


@dataclass(slots=True)
class Findings:
    """`judge`, `read`: tickets to be judged, or read from the PSA, again."""

    checked: list[tuple[Invariant, str]] = field(default_factory=list)
    broken: dict[Key, Broken] = field(default_factory=dict)
    over: set[Key] = field(default_factory=set)  # cannot be broken any more
    all_fine: set[Invariant] = field(default_factory=set)  # of every ticket
    judge: set[str] = field(default_factory=set)
    read: set[str] = field(default_factory=set)

    def add(self, invariant: Invariant, ticket_id: str, found: Iterable[Broken | None]) -> None:
        """The outcome of a check; what may be broken more than once is told once."""
        self.checked.append((invariant, ticket_id))
        for one in found:
            if one is not None:
                self.broken.setdefault((one.invariant, one.ticket_id), one)

    def excuse(self, ticket_id: str, invariants: Iterable[Invariant] = OF_A_TICKET) -> None:
        """Nothing is promised of this ticket now: it is gone, or the write is known to be owed."""
        self.over.update((name, ticket_id) for name in invariants)

    def is_over(self, key: Key) -> bool:
        """Whether an open breach is one no longer."""
        if key in self.broken:
            return False
        return key in self.over or key[0] in self.all_fine or key in self.checked
