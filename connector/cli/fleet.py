"""Many workers on one PostgreSQL: `worker` turns, `web` has the door and the pages, `scale` says how many."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from connector.cli.console import fail, out, print_json
from connector.errors import ConfigErrors, ConnectorError

ConfigDir = Annotated[
    Path, typer.Option("--config", exists=True, file_okay=False, help="The folder with connector.yaml.")
]


def register(app: typer.Typer) -> None:
    app.command()(worker)
    app.command()(web)
    app.command()(scale)


def worker(
    config: ConfigDir = Path("config"),
    concurrency: Annotated[
        int, typer.Option(help="Turns at a time in the fast lane; the slow one has twice as many.")
    ] = 8,
) -> None:
    """Turn connections, beside as many other workers as there are, until told to stop (Ctrl-C or SIGTERM).

    It needs `store: postgresql://…` and has no pages: start `px-connector web` for those. Start as many as
    `px-connector scale` says, on as many machines as you like, with the same files on each.

    Example:

      px-connector worker --config /etc/px-connector --concurrency 8
    """
    from connector.replica import work

    _serve(config, lambda settings: work(settings, config, slots=concurrency))


def web(config: ConfigDir = Path("config")) -> None:
    """Serve webhooks, pages and metrics of a fleet, until told to stop. Start several behind a balancer.

    Example:

      px-connector web --config /etc/px-connector
    """
    from connector.replica import serve

    _serve(config, lambda settings: serve(settings, config))


def scale(
    connections: Annotated[int, typer.Option(help="PSAs to be looked after.", min=1)],
    config: Annotated[
        Path | None, typer.Option("--config", help="Of a fleet at work, whose turns are then measured.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON document on stdout, nothing else.")
    ] = False,
) -> None:
    """Say how many workers, cores and databases so many connections need, and what gives out first.

    Examples:

      px-connector scale --connections 2000

      px-connector scale --connections 100000 --config /etc/px-connector --json
    """
    from dataclasses import asdict

    from connector.daemon.fleet.scale import BENCH, need

    try:
        costs = asyncio.run(_measured(config)) if config else BENCH
    except (ConfigErrors, ConnectorError) as error:
        fail(error)
    found = need(connections, costs)
    if as_json:
        print_json({"costs": asdict(costs), "need": asdict(found)})
    else:
        _show(found, costs)


def _show(found: Any, costs: Any) -> None:
    rows = {
        "turns a second": f"{found.turns_per_second:.0f}",
        "workers": f"{found.workers}, with {found.worker_cores:.1f} cores in all",
        "memory of a worker": f"{found.worker_memory_mb:.0f} MB",
        "databases": f"{found.fleets}, with {found.database_cores:.1f} cores in all",
        "commits a second": f"{found.commits_per_second:.0f}",
        "stored": f"{found.stored_gb:.1f} GB",
        "requests a second": f"{found.requests_per_second:.0f}, to all PSAs together",
        "gives out first": f"{found.bottleneck} ({max(found.limits.values()):.0%} of one database used)",
    }
    for name, value in rows.items():
        out.print(f"{name + ':':<20} {value}", markup=False, highlight=False)
    if found.fleets > 1:
        words = f"{found.fleets} fleets, each with its own database, workers and files"
        out.print(f"\nThat is {words}.", markup=False, soft_wrap=True)
    out.print(f"\nOn paper, from {costs.source}.", markup=False, soft_wrap=True)


async def _measured(config: Path) -> Any:
    import json

    from connector.daemon.fleet.scale import BENCH, measured
    from connector.daemon.fleet.worker import shared
    from connector.settings import load_settings
    from connector.store import connections, vitals, workers
    from connector.store.store import Store

    store = await Store.open(load_settings(config).store)
    try:
        shared(store)
        async with store.read() as tx:
            turns = [
                json.loads(row.health).get("cost", {}) for row in await connections.turned_since(tx, None)
            ]
            return measured(BENCH, await workers.every(tx), turns, (await vitals.room(tx)).taken)
    finally:
        await store.close()


def _serve(config: Path, main: Any) -> None:
    from connector.logs import configure_logging
    from connector.settings import load_settings
    from connector.traces import begin

    try:
        settings = load_settings(config)
        configure_logging(settings.log.format, settings.log.level)
        begin()
        with asyncio.Runner(loop_factory=_loop()) as runner:
            runner.run(main(settings))
    except (ConfigErrors, ConnectorError) as error:
        fail(error)


def _loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The quicker loop, where the extra brings one (not on Windows): a seventh less CPU for each turn."""
    try:
        from uvloop import new_event_loop
    except ImportError:
        return None
    return new_event_loop
