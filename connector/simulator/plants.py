"""Faults of a PSA's set-up, by name: what an administrator got wrong, and `lint` must find.

Apart from `faults`, which make requests go wrong: a plant changes what the PSA *is*, and stays. `honest`
comes first: out of the box the desk is set up as most are, which is not honest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from connector.simulator.records import Hook, Status
from connector.simulator.slasetup import Promised, Terms, honest, set_stage
from connector.simulator.world import World

Plant = Callable[[World], None]
_ON_HOLD, _GOLD, _FIRST_COMPANY = 99, 3, 250


def plant(world: World, name: str) -> None:
    """Plant this one. ValueError with the names there are."""
    if name not in PLANTS:
        raise ValueError(f"no plant is called {name!r}; there are: {', '.join(PLANTS)}")
    PLANTS[name](world)


def _stage(status: str, stage: Any) -> Plant:
    return lambda world: set_stage(world, status, stage)


def _terms(**change: Any) -> Plant:
    """The standard SLA, otherwise."""

    def plant(world: World) -> None:
        first, *rest = world.set_up.slas
        world.set_up.slas = (replace(first, **change), *rest)

    return plant


def _promise(priority: int, promised: Promised | None) -> Plant:
    def plant(world: World) -> None:
        kept = {number: one for number, one in world.set_up.slas[0].promises.items() if number != priority}
        _terms(promises=kept | ({priority: promised} if promised else {}))(world)

    return plant


def _gold(world: World) -> None:
    """The first client has agreed on an SLA of its own."""
    promises = {**world.set_up.slas[0].promises, 1: (5, 30, 120)}
    world.set_up.slas += (Terms(_GOLD, "Gold SLA", default=False, promises=promises),)
    world.set_up.sla_of[_FIRST_COMPANY] = _GOLD


def _on_hold(world: World) -> None:
    """One board has On Hold, in which the clock goes on."""
    number, board = next(iter(world.boards.items()))
    new = Status(_ON_HOLD, number, "On Hold", "open")
    world.boards[number] = replace(board, statuses=(*board.statuses, new))
    world.statuses[new.id] = new


def _calendar(**change: Any) -> Plant:
    def plant(world: World) -> None:
        world.calendars[1] = replace(world.calendars[1], **change)

    return plant


def _hooks_off(world: World) -> None:
    for hook in world.hooks.values():
        hook.inactive = True


def _foreign_hook_off(world: World) -> None:
    """Another integration's, whose address holds a secret."""
    number, url = max(world.hooks, default=0) + 1, "https://hooks.rewst.example/s3cret?key=s3cret"
    hook = Hook(number, url, "ticket", "owner", 1, 151, "g", description="Rewst", inactive=True)
    world.hooks[number] = hook


def _habit(name: str, value: object) -> Plant:
    return lambda world: setattr(world.set_up, name, value)


PLANTS: Mapping[str, Plant] = {
    "honest": honest,
    "in-progress-answers": _stage("In Progress", "responded"),
    "assigned-answers": _stage("Assigned", "responded"),
    "reply-answers": _stage("Customer Responded", "planned"),
    "new-answers": _stage("New", "responded"),
    "new-waits": _stage("New", "waiting"),
    "waiting-counts": _stage("Waiting Customer", "open"),
    "on-hold-counts": _on_hold,
    "scheduled-waits": _stage("Scheduled", "waiting"),
    "every-hour": _terms(calendar=None),
    "other-calendar": _terms(calendar=2),
    "longer-hours": _calendar(hours=dict.fromkeys(range(5), ("07:00", "22:00"))),
    "works-on-holidays": _calendar(days_off=2),
    "no-default-sla": _terms(default=False),
    "p2-otherwise": _promise(2, (45, 120, 480)),
    "p4-nothing": _promise(4, None),
    "own-sla": _gold,
    "hooks-off": _hooks_off,
    "foreign-hook-off": _foreign_hook_off,
    "reply-unheard": _habit("reopens", False),
    "reopened-closed": _habit("reopened", ">Closed"),
    "reopened-waits": _habit("reopened", "Waiting Customer"),
    "reopened-resolved": _habit("reopened", "Resolved"),
    "logging-answers": _habit("contacted", True),
    "waiting-closes": _habit("closes", ("Waiting Customer",)),
}
