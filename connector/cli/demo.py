"""`demo`: simulator, daemon and board on loopback, and a working day played through them.

It shows the whole thing with nothing of one's own at stake: real HTTP, real callbacks, the real
daemon. The table at the end is read back from the PSA, not from our store.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.console import complain, err, out

if TYPE_CHECKING:
    from connector.app import Connector
    from connector.history.lookup import Found
    from connector.simulator import Simulator, Step, World

CONNECTION = "brightdesk"
SLICE = timedelta(minutes=10)
"""The day advances at most this far at a time, so that every zone change happens when it should."""


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    once: Annotated[
        bool,
        typer.Option("--once", help="Play the day, print the outcome, exit 0 only if the flags arrived."),
    ] = False,
    port: Annotated[int, typer.Option(help="Port of the board; 0: any free one.", min=0, max=65535)] = 8765,
    seed: Annotated[int, typer.Option(help="The same seed gives the same day.")] = 7,
    tickets: Annotated[int, typer.Option(help="Tickets from before that day.", min=0, max=20000)] = 60,
) -> None:
    """Play a working day at a pretend MSP and show what the PSA says, what the customer felt, and the flags.

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
    from connector.simulator import Simulator, make_world, working_day

    start = datetime(2026, 11, 20, 7, 55, tzinfo=UTC)
    world = make_world(seed=seed, tickets=tickets, start=start, clients=("Acme Dental", "Globex", "Initech"))
    steps = working_day(world)
    with tempfile.TemporaryDirectory(prefix="px-connector-demo-") as folder:
        async with Simulator(world) as sim:
            connector = await _connector(Path(folder), sim, world, _free(port))
            work = asyncio.create_task(connector.serve())
            try:
                await _caught_up(connector, work)
                board = f"http://127.0.0.1:{connector.settings.web.port}/"
                err.print(f"Pretend PSA {sim.url} · board {board}", markup=False)
                await _play(connector, sim, world, steps)
                rows = await _outcome(connector, world, steps)
                _show(rows)
                arrived = _verdict(rows)
                if not once and arrived:
                    await _stay(connector, world, board)
            finally:
                connector.stop()
                await work
    return arrived


async def _connector(folder: Path, sim: Simulator, world: World, port: int) -> Connector:
    """The real daemon on a configuration of its own in a temporary folder."""
    from connector.app import Connector
    from connector.settings import load_settings

    clients = folder / "clients"
    clients.mkdir()
    for file in resources.files("connector.cli").joinpath("demo_config").iterdir():
        if file.name.endswith(".yaml"):
            shutil.copyfile(str(file), clients / file.name)
    keys = sim.credentials
    secrets = {
        "PX_DEMO_PUBLIC_KEY": keys.public_key,
        "PX_DEMO_PRIVATE_KEY": keys.private_key,
        "PX_DEMO_CLIENT_ID": keys.client_id,
    }
    os.environ.update(secrets)
    (folder / "connector.yaml").write_text(
        f"""
store: sqlite:///px-connector.db
web: {{port: {port}, public_url: "http://127.0.0.1:{port}"}}
connections:
  {CONNECTION}:
    vendor: connectwise
    site: {sim.url}
    company: {keys.company}
    public_key: {{env: PX_DEMO_PUBLIC_KEY}}
    private_key: {{env: PX_DEMO_PRIVATE_KEY}}
    client_id: {{env: PX_DEMO_CLIENT_ID}}
    allow_private: true
    write_back: true
    poll_every: 60s
    requests_per_minute: 100000
    concurrency: 8
""",
        encoding="utf-8",
    )
    return await Connector.build(load_settings(folder), folder, now=world.now)


def _free(port: int) -> int:
    """The port, or any free one when somebody else has it."""
    for wanted in (port, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", wanted))
            return int(probe.getsockname()[1])
    raise typer.Exit(1)


async def _caught_up(connector: Connector, work: asyncio.Task[None]) -> None:
    """Until the back-fill is done and the webhook stands."""
    health = connector.health.connections[CONNECTION]
    for _ in range(600):
        await asyncio.sleep(0.1)
        if work.done():
            await work
        if health.state == "stopped":
            raise typer.Exit(1)
        if health.last_poll is not None and health.webhook:
            await connector.supervisor.settled()
            return
    complain(f"the daemon did not catch up within a minute: {health.detail or health.state}")
    raise typer.Exit(1)


async def _play(connector: Connector, sim: Simulator, world: World, steps: list[Step]) -> None:
    """Each step of the day happens in the PSA; the daemon hears of it and has its say before the next."""
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (TextColumn("{task.fields[clock]}"), BarColumn(30), TextColumn("{task.description}"))
    with Progress(*columns, console=err) as progress:
        bar = progress.add_task("the day begins", total=len(steps), clock="08:00")
        for step in steps:
            for at in _slices(world.now(), step.at):
                world.set_time(at)
                await _turn(connector)
            step.apply()
            await sim.drain()
            await _turn(connector)
            progress.update(bar, advance=1, clock=f"{step.at:%H:%M}", description=step.title)


def _slices(start: datetime, end: datetime) -> Iterator[datetime]:
    at = start + SLICE
    while at < end:
        yield at
        at += SLICE


async def _turn(connector: Connector) -> None:
    connector.supervisor.wake(CONNECTION)
    await connector.supervisor.settled()


@dataclass(frozen=True, slots=True)
class Row:
    """One ticket of the day: our account of it, the flags we want, the flags the PSA shows."""

    story: str
    found: Found
    desired: Mapping[str, str]
    shown: dict[str, str]


async def _outcome(connector: Connector, world: World, steps: list[Step]) -> list[Row]:
    """Read the flags of the day's tickets back from the PSA, beside what they should be."""
    from connector.history.lookup import account

    stories = {str(step.ticket): step.story for step in steps}
    psa = connector.supervisor.connections[CONNECTION].psa
    written = await psa.read_flags(list(stories))
    rows = []
    for ticket_id, story in stories.items():
        found = await account(connector.store, connector.rules.book, CONNECTION, ticket_id, world.now())
        shown = {str(k): v for k, v in written[ticket_id].flags.items()}
        desired = {str(k): v for k, v in psa.shown(found.assessment.flags).items()}
        rows.append(Row(story, found, desired, shown))
    return rows


def _show(rows: list[Row]) -> None:
    from rich.markup import escape
    from rich.table import Table

    from connector.cli.telling import COLOURS
    from connector.history.explain import customer_felt, psa_says

    table = Table(title="The day, as the PSA says it and as the customers felt it", show_lines=True)
    for heading in (
        "client",
        "ticket",
        "PSA says",
        "customer felt",
        "flags now on the ticket (read back from the PSA)",
    ):
        table.add_column(heading, overflow="fold")
    for row in rows:
        ticket, flags = row.found.ticket, row.shown
        zone = flags.get("zone", "")
        risk = "AT RISK  " if flags.get("at_risk") == "Yes" else ""
        light = f"[{COLOURS.get(zone, 'white')}]{zone or '–'}[/]"
        text = f"{risk}{light}  {flags.get('px', '')}\n{escape(flags.get('why', ''))}"
        table.add_row(
            ticket.client,
            f"{ticket.id} {ticket.summary}",
            psa_says(row.found.assessment, ticket, row.found.policy),
            customer_felt(row.found.assessment),
            text,
        )
    out.print(table)


def _verdict(rows: list[Row]) -> bool:
    """The flags arrived if the PSA shows exactly what it should, and something at all."""
    wrong = [row for row in rows if any(row.shown.get(k, "") != v for k, v in row.desired.items())]
    flagged = sum(1 for row in rows if any(row.shown.values()))
    for row in wrong:
        complain(f"ticket {row.found.ticket.id}: wanted {row.desired}, the PSA shows {row.shown}")
    if wrong or not flagged:
        complain("the flags did not arrive")
        return False
    out.print(f"{flagged} tickets carry their flags in the PSA; every one reads back as it should.")
    return True


async def _stay(connector: Connector, world: World, board: str) -> None:
    """Keep the board up; the clock goes on in real time from the end of the day."""
    began, evening = datetime.now(UTC), world.now()
    world.clock = lambda: evening + (datetime.now(UTC) - began)
    out.print(f"The board stays up at {board}  (Ctrl-C ends it)", markup=False)
    connector.stop_on_signals()
    await connector.stopped()
