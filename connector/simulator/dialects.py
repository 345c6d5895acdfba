"""The vendors that can be played, by name: one world, several tongues.

A dialect is a translation of the world and nothing else. The server knows only what stands here, so
another PSA is a folder of its own and one line in `VENDORS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from connector.simulator.autotask.api import Autotask
from connector.simulator.connectwise.api import ConnectWise
from connector.simulator.faults import Faults
from connector.simulator.halo.api import Halo
from connector.simulator.hooks import Delivery, Habits
from connector.simulator.records import Change
from connector.simulator.web import Ask, Reply
from connector.simulator.world import World


class Dialect(Protocol):
    """What the server needs of a vendor. `habits` say how patiently its webhooks are sent."""

    habits: Habits

    def below_api(self, path: str) -> str | None:
        """The path below the API's own prefix, as the specification has it; None for public pages."""
        ...

    def enters(self, ask: Ask) -> float:
        """A request has come: how many seconds the vendor makes it wait, over the faults' latency."""
        ...

    def answer(self, ask: Ask) -> Reply:
        """The answer to a request whose path is still the whole path."""
        ...

    def leaves(self, ask: Ask) -> None:
        """The answer is on its way."""
        ...

    def credentials(self, member: str = ...) -> Any:
        """What a client needs to log in, in the vendor's own words: a dataclass of the dialect."""
        ...

    def deliveries(self, change: Change) -> Sequence[Delivery]:
        """The webhooks that a change makes."""
        ...


VENDORS: dict[str, Callable[[World, Faults, Callable[[], str]], Dialect]] = {
    "connectwise": ConnectWise,
    "autotask": Autotask,
    "halo": Halo,
}


def dialect_of(vendor: str, world: World, faults: Faults, url: Callable[[], str]) -> Dialect:
    """The dialect of that name, served at `url()`; ValueError tells the names there are."""
    if vendor not in VENDORS:
        raise ValueError(f"no vendor is called {vendor!r}; there are: {', '.join(VENDORS)}")
    return VENDORS[vendor](world, faults, url)
