"""How the pretend MSP's PSA counts its own SLA: what an administrator set up, in nobody's dialect.

Out of the box it is set up as most are: moving a ticket to Assigned counts as a response, and a customer
who writes again answers himself. `honest` is the same desk set up so that nothing lies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from connector.simulator import people
from connector.simulator.directory import Directory
from connector.simulator.records import Stage

STANDARD = 1
CALENDAR = 1
"""The calendar the SLA is counted in (hours.py)."""

Promised = tuple[int, int, int]
"""Respond, plan, resolve: working minutes."""


def _promises() -> dict[int, Promised]:
    return {one.id: (one.respond, one.plan, one.resolve) for one in people.PRIORITIES}


@dataclass(frozen=True, slots=True)
class Terms:
    """An SLA. `calendar` None: it counts every hour. `promises` by priority; one that lacks has none."""

    id: int
    name: str
    calendar: int | None = CALENDAR
    default: bool = True
    promises: Mapping[int, Promised] = field(default_factory=_promises)


@dataclass(slots=True)
class SlaSetup:
    """`sla_of`: the SLA agreed for a company, where it is not the default.

    `reopens`: a customer's mail reopens a closed ticket, which then is in `reopened`. `contacted`: a ticket
    that an agent logs counts as responded at once. `closes`: statuses that close a ticket by themselves.
    """

    slas: tuple[Terms, ...] = (Terms(STANDARD, "Standard SLA"),)
    sla_of: dict[int, int] = field(default_factory=dict)
    reopens: bool = True
    reopened: str = "Customer Responded"
    contacted: bool = False
    closes: tuple[str, ...] = ()

    @property
    def default(self) -> Terms | None:
        return next((one for one in self.slas if one.default), None)


def set_stage(world: Directory, status: str, stage: Stage) -> None:
    """On every board, a status means this to the PSA's SLA from now on."""
    for board in list(world.boards.values()):
        changed = tuple(replace(one, stage=stage) if one.name == status else one for one in board.statuses)
        world.boards[board.id] = replace(board, statuses=changed)
        world.statuses.update((one.id, one) for one in changed)


def honest(world: Directory) -> None:
    """Only what shows that somebody spoke with the customer counts: a date made, and the solution."""
    for status in ("Assigned", "In Progress", "Customer Responded"):
        set_stage(world, status, "open")
