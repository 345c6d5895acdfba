"""The day itself: what happens at the desks, in the order of time, each step heard of before the next.

All desks share one clock. It goes on in short slices, because a zone can change when nothing happens.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import typer

from connector.cli.console import complain, err
from connector.cli.demo.desks import Site

if TYPE_CHECKING:
    from connector.app import Connector

SLICE = timedelta(minutes=10)
"""The day advances at most this far at a time, so that every zone change happens when it should."""


async def caught_up(connector: Connector, sites: Sequence[Site], work: asyncio.Task[None]) -> None:
    """Until every desk's past is read and its webhook stands; says which PSA kept it and exits if not."""
    healths = {site.desk.psa: connector.health.connections[site.desk.name] for site in sites}
    for _ in range(600):
        await asyncio.sleep(0.1)
        if work.done():
            await work
        if all(health.last_poll is not None and health.webhook for health in healths.values()):
            await connector.supervisor.settled()
            return
        if any(health.state == "stopped" for health in healths.values()):
            break
    for psa, health in healths.items():
        if health.last_poll is None or not health.webhook:
            complain(f"{psa}: the daemon did not catch up: {health.detail or health.state}")
    raise typer.Exit(1)


async def play(connector: Connector, sites: Sequence[Site]) -> None:
    """Each step happens in its PSA; the daemon hears of it and has its say before the next.

    At the end it looks at every desk once more.
    """
    from rich.progress import BarColumn, Progress, TextColumn

    day = sorted(((site, step) for site in sites for step in site.steps), key=lambda both: both[1].at)
    columns = (TextColumn("{task.fields[clock]}"), BarColumn(30), TextColumn("{task.description}"))
    with Progress(*columns, console=err) as progress:
        bar = progress.add_task("the day begins", total=len(day), clock="08:00")
        for site, step in day:
            for at in _slices(site.world.now(), step.at):
                _set_clocks(sites, at)
                await _turn(connector, sites)
            step.apply()
            _set_clocks(sites, site.world.now())
            await site.sim.drain()
            await _turn(connector, [site])
            told = f"{site.desk.psa} · {step.title}"
            progress.update(bar, advance=1, clock=f"{step.at:%H:%M}", description=told)
        await _turn(connector, sites)


def let_time_pass(sites: Sequence[Site]) -> None:
    """From now on the desks' clock goes as fast as ours, and on from where it stands."""
    began, evening = datetime.now(UTC), sites[0].world.now()
    for site in sites:
        site.world.clock = lambda: evening + (datetime.now(UTC) - began)


def _slices(start: datetime, end: datetime) -> Iterator[datetime]:
    at = start + SLICE
    while at < end:
        yield at
        at += SLICE


def _set_clocks(sites: Sequence[Site], at: datetime) -> None:
    for site in sites:
        site.world.set_time(at)


async def _turn(connector: Connector, sites: Sequence[Site]) -> None:
    for site in sites:
        connector.supervisor.wake(site.desk.name)
    await connector.supervisor.settled()
