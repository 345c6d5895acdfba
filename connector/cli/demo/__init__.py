"""`demo`: three simulated PSAs, one daemon and its board on loopback, and a working day played through them.

It shows the whole thing with nothing of one's own at stake: real HTTP, real callbacks, the real
daemon. The table at the end is read back from the PSAs, not from our store.

desks  who works where, and their connections    play     the day's steps, in the order of time
outcome  the table and its verdict               clients  the clients' files
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.console import complain, err, out

if TYPE_CHECKING:
    from connector.app import Connector
    from connector.cli.demo.desks import Site

START = datetime(2026, 11, 20, 7, 55, tzinfo=UTC)


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    once: Annotated[
        bool,
        typer.Option("--once", help="Play the day, print the outcome, exit 0 only if all flags arrived."),
    ] = False,
    port: Annotated[int, typer.Option(help="Port of the board; 0: any free one.", min=0, max=65535)] = 8765,
    seed: Annotated[int, typer.Option(help="The same seed gives the same day.")] = 7,
    tickets: Annotated[
        int, typer.Option(help="Tickets from before that day, at each desk.", min=0, max=20000)
    ] = 40,
) -> None:
    """Play a working day at three pretend desks, on ConnectWise, Autotask and HaloPSA at once.

    At the end it shows what each PSA says, what the customers felt, and the flags in the PSA.

    Examples:

      px-connector demo

      px-connector demo --once
    """
    from connector.errors import ConnectorError
    from connector.logs import configure_logging

    configure_logging("console", "error")
    try:
        arrived = asyncio.run(_demo(once, port, seed, tickets))
    except KeyboardInterrupt:
        arrived = True
    except ConnectorError as error:
        complain(str(error))
        arrived = False
    if not arrived:
        raise typer.Exit(1)


async def _demo(once: bool, port: int, seed: int, tickets: int) -> bool:
    from connector.cli.demo.desks import DESKS, open_site
    from connector.cli.demo.outcome import read_back, show, verdict
    from connector.cli.demo.play import caught_up, play

    sites = [
        open_site(desk, seed=seed + place, tickets=tickets, start=START) for place, desk in enumerate(DESKS)
    ]
    async with contextlib.AsyncExitStack() as house:
        folder = Path(house.enter_context(tempfile.TemporaryDirectory(prefix="px-connector-demo-")))
        for site in sites:
            await house.enter_async_context(site.sim)
        connector = await _connector(folder, sites, _free(port))
        work = asyncio.create_task(connector.serve())
        try:
            await caught_up(connector, sites, work)
            board = f"http://127.0.0.1:{connector.settings.web.port}/"
            _announce(sites, board)
            await play(connector, sites)
            outcome = await read_back(connector, sites)
            show(outcome.rows)
            arrived = verdict(outcome)
            if not once and arrived:
                await _stay(connector, sites, board)
        finally:
            connector.stop()
            await work
    return arrived


async def _connector(folder: Path, sites: Sequence[Site], port: int) -> Connector:
    """The real daemon on a configuration of its own in a temporary folder."""
    from connector.app import Connector
    from connector.cli.demo.desks import write_config
    from connector.settings import load_settings

    write_config(folder, sites, port)
    return await Connector.build(load_settings(folder), folder, now=sites[0].world.now)


def _free(port: int) -> int:
    """The port, or any free one when somebody else has it."""
    for wanted in (port, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", wanted))
            return int(probe.getsockname()[1])
    raise typer.Exit(1)


def _announce(sites: Sequence[Site], board: str) -> None:
    for site in sites:
        err.print(f"{site.desk.name}: a pretend {site.desk.psa} on {site.sim.url}/desk", markup=False)
    err.print(f"board: {board}", markup=False)


async def _stay(connector: Connector, sites: Sequence[Site], board: str) -> None:
    """Keep the board up; the clock goes on in real time from the end of the day."""
    from connector.cli.demo.play import let_time_pass

    let_time_pass(sites)
    out.print(f"The board stays up at {board}  (Ctrl-C ends it)", markup=False)
    connector.stop_on_signals()
    await connector.stopped()
