"""Many workers on one PostgreSQL: `worker` turns, `web` has the door and the pages, `scale` says how many."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from connector.cli.console import fail
from connector.errors import ConfigErrors, ConnectorError

ConfigDir = Annotated[
    Path, typer.Option("--config", exists=True, file_okay=False, help="The folder with connector.yaml.")
]


def register(app: typer.Typer) -> None:
    app.command()(worker)
    app.command()(web)


def worker(
    config: ConfigDir = Path("config"),
    concurrency: Annotated[
        int, typer.Option(help="Turns at a time in the fast lane; the slow one has three times as many.")
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


def _serve(config: Path, main: Any) -> None:
    from connector.logs import configure_logging
    from connector.settings import load_settings
    from connector.traces import begin

    try:
        settings = load_settings(config)
        configure_logging(settings.log.format, settings.log.level)
        begin()
        asyncio.run(main(settings))
    except (ConfigErrors, ConnectorError) as error:
        fail(error)
