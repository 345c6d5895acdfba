"""A scripted working day, 08:00 to 18:00: every way in which a PSA and a customer disagree, in 13 tickets.

The demo plays it and the acceptance tests judge it. What happens, and when, is a table in day.toml.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from connector.simulator.texts import read_toml
from connector.simulator.world import World


@dataclass(frozen=True)
class Step:
    """`apply` moves the world's clock to `at` and does it. `story` says what the ticket is there to show."""

    at: datetime
    title: str
    apply: Callable[[], None]
    ticket: int
    client: str
    story: str


def working_day(world: World, cast: Mapping[str, str] | None = None) -> list[Step]:
    """The steps of the day on which the world started, in order of time; ticket ids are reserved now.

    `cast` says which stories are played, and for which client of the world; without it all of them are,
    dealt out to the clients. ValueError for a story that day.toml does not have.
    """
    script = read_toml("day.toml")
    stories: Mapping[str, Any] = script["tickets"]
    cast = _dealt(world, stories) if cast is None else cast
    ids = {key: world.reserve_ticket_id() for key in sorted(cast, key=list(stories).index)}
    steps = []
    for row in script["steps"]:
        key = row["ticket"]
        if key not in cast:
            continue
        story, ticket, client, at = stories[key], ids[key], cast[key], _on_day(world, row["at"])
        apply = _applier(world, at, ticket, row["do"], {**story, "client": client})
        steps.append(Step(at, f"{client}: {row['title']}", apply, ticket, client, story["shows"]))
    return steps


def _dealt(world: World, stories: Mapping[str, Any]) -> dict[str, str]:
    clients = [company.name for company in world.companies.values()]
    return {key: clients[story["client"] % len(clients)] for key, story in stories.items()}


def _on_day(world: World, clock: time) -> datetime:
    return datetime.combine(world.start.date(), clock, world.start.tzinfo)


def _applier(
    world: World, at: datetime, ticket: int, actions: list[list[Any]], story: Mapping[str, Any]
) -> Callable[[], None]:
    def apply() -> None:
        for place, (name, *arguments) in enumerate(actions):
            world.set_time(at + timedelta(seconds=place))
            given = [_filled(argument, ticket) for argument in arguments]
            if name == "open_ticket":
                _open(world, ticket, story)
            elif name == "book":
                member, start, minutes, by = given
                world.book(ticket, member, _on_day(world, time.fromisoformat(start)), minutes, by)
            else:
                getattr(world, name)(ticket, *given)

    return apply


def _filled(argument: Any, ticket: int) -> Any:
    return argument.replace("{ticket}", str(ticket)) if isinstance(argument, str) else argument


def _open(world: World, ticket: int, story: Mapping[str, Any]) -> None:
    where = {key: story[key] for key in ("board", "type", "by") if key in story}
    world.open_ticket(
        story["client"],
        story["summary"],
        text=story["text"],
        priority=story["priority"],
        ticket_id=ticket,
        **where,
    )
