"""The traits of an adapter, by name: what every PSA must do here, whoever made it.

A trait is a check: it is handed a stage and raises where the adapter falls short. `quality.yaml` beside an
adapter names them all, so their names are as stable as the words of the design.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.contract.psa.stage import Stage

Check = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Trait:
    """`check` raises where the adapter falls short; `tickets` are those the MSP has from before."""

    name: str
    check: Check
    tickets: int


TRAITS: dict[str, Trait] = {}


def trait(tickets: int = 60) -> Callable[[Check], Check]:
    """Makes a check a trait of the same name."""

    def register(check: Check) -> Check:
        name: str = check.__name__  # type: ignore[attr-defined]
        TRAITS[name] = Trait(name, check, tickets)
        return check

    return register
