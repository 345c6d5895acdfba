"""May this connection write? Only after its canary has passed for what it is now, or by a written waiver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.errors import CanaryNeeded, ConfigError
from connector.history.canary.setup import Setup, changed
from connector.rules.policy import Policy
from connector.store import canaries
from connector.store.canaries import Canary
from connector.store.store import Store

SHOWN = 5
"""Changes named of many."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a connection stands: `why` says it in a sentence. Only `passed` and `waived` ones write."""

    state: Literal["watches", "waived", "passed", "held"]
    why: str


async def standing(tx: AsyncConnection, name: str, setup: Setup, policies: Sequence[Policy]) -> Standing:
    """Whether it may write under these rules."""
    asked = setup.write_back and not setup.waived
    return judged(setup, policies, await canaries.last(tx, name) if asked else None)


def judged(setup: Setup, policies: Sequence[Policy], last: Canary | None) -> Standing:
    """The same, of the last canary that says anything."""
    if not setup.write_back:
        return Standing("watches", "write_back is false: it watches and writes nothing")
    if setup.waived:
        return Standing("waived", f"no canary is asked for: {setup.waived}")
    if last is None:
        return Standing("held", "no canary has been tried yet")
    told = f"the canary of {last.at:%Y-%m-%d %H:%M} UTC on ticket {last.ticket_id}"
    if last.state != "passed":
        return Standing("held", f"{told} {_MISSED[last.state]}")
    if new := changed(last.setup, setup.whole(policies)):
        more = f" and {len(new) - SHOWN} more" if len(new) > SHOWN else ""
        return Standing("held", f"{told} was for something else: {', '.join(new[:SHOWN])}{more}")
    return Standing("passed", f"{told}, by {last.by}, has passed")


_MISSED = {"failed": "failed", "open": "was broken off: its value may still stand there"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What keeps one connection's writes back. `folder` of the configuration, as a person would type it."""

    name: str
    setup: Setup
    folder: str

    async def held(self, store: Store, policies: Sequence[Policy]) -> str:
        """Why it must not write though it is told to, and what to do; '' where nothing keeps it."""
        async with store.read() as tx:
            found = await standing(tx, self.name, self.setup, policies)
        return self.refusal(found) if found.state == "held" else ""

    def refusal(self, found: Standing) -> str:
        """What a person reads who wants writes and may not have them yet."""
        command = f"px-connector doctor --config {self.folder} --connection {self.name} --canary TICKET"
        return (
            f"connections.{self.name}: write_back is true, and {found.why}. Run `{command}` with the number "
            "of a test ticket; until it has passed set `write_back: false`, or write down why none is "
            'needed: `canary: {waived: "reason"}`'
        )

    @property
    def waiver(self) -> str:
        """Why it writes without a canary; '' if it does not."""
        return self.setup.waived if self.setup.write_back else ""


async def open_all(store: Store, gates: Sequence[tuple[Gate, Sequence[Policy]]]) -> None:
    """CanaryNeeded with every connection that is told to write and must not."""
    found = [await gate.held(store, policies) for gate, policies in gates]
    if errors := [ConfigError(text) for text in found if text]:
        raise CanaryNeeded(errors)
