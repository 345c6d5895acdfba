"""Commands around the daemon: `run` it, `check` its files, `explain` a ticket from its store."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from connector.cli.console import complain, err, fail, out, print_json
from connector.errors import CanaryNeeded, ConfigError, ConfigErrors, ConnectorError

ConfigDir = Annotated[
    Path, typer.Option("--config", exists=True, file_okay=False, help="The folder with connector.yaml.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, nothing else.")]


def register(app: typer.Typer) -> None:
    app.command()(run)
    app.command()(check)
    app.command()(explain)


def run(config: ConfigDir = Path("config")) -> None:
    """Run the daemon until it is told to stop (Ctrl-C or SIGTERM).

    It only watches until a connection has `write_back: true`. Then it ends at once with 2 unless that
    connection's canary has passed (`px-connector doctor --canary TICKET`) or is waived in connector.yaml.

    Example:

      px-connector run --config /etc/px-connector
    """
    from connector.app import Connector
    from connector.logs import configure_logging
    from connector.settings import load_settings
    from connector.traces import begin

    try:
        settings = load_settings(config)
        configure_logging(settings.log.format, settings.log.level)
        begin()
        asyncio.run(_run(Connector, settings, config))
    except CanaryNeeded as error:
        for one in error.errors:
            complain(str(one))
        raise typer.Exit(2) from None
    except (ConfigErrors, ConnectorError) as error:
        fail(error)


async def _run(kind: Any, settings: Any, config: Path) -> None:
    connector = await kind.build(settings, config)
    connector.stop_on_signals()
    await connector.serve()


def check(config: ConfigDir = Path("config"), as_json: AsJson = False) -> None:
    """Validate every YAML file; errors name file, line and column and say what was expected.

    Example:

      px-connector check --config config
    """
    from connector.clients import load_clients
    from connector.settings import load_settings

    errors: list[Any] = []
    try:
        settings = load_settings(config)
        warnings = [*settings.missing_secrets(), *settings.exposed_secrets()]
        connections = set(settings.connections)
    except ConfigErrors as found:
        errors += found.errors
        connections, warnings = set(), []
    book = load_clients(config)
    errors += book.errors
    if connections:
        errors += book.unknown_connections(connections)
        errors += book.unknown_channels(settings.notify.channels)
        if settings.survey is None:
            vain = "survey.ask: nobody is asked, for connector.yaml has no `survey`"
            warnings += [ConfigError(vain, file=one.source) for one in book.policies if one.survey.ask]
    warnings += book.warnings
    if as_json:
        rows = [
            {"file": str(e.file or ""), "line": e.line, "column": e.column, "message": e.message}
            for e in errors
        ]
        print_json({"clients": len(book.policies), "errors": rows, "warnings": [str(w) for w in warnings]})
    else:
        for warning in warnings:
            err.print(f"warning: {warning}", markup=False, soft_wrap=True)
        for error in errors:
            err.print(str(error), markup=False, soft_wrap=True)
        clients = ", ".join(policy.client for policy in book.policies) or "none"
        out.print(f"{len(book.policies)} clients read: {clients}", markup=False)
        out.print(f"{len(errors)} errors" if errors else "everything is fine")
    if errors:
        raise typer.Exit(1)


def explain(
    ticket: Annotated[str, typer.Argument(help="The PSA's ticket number.")],
    config: ConfigDir = Path("config"),
    connection: Annotated[str | None, typer.Option(help="If two PSAs have a ticket of that number.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say why every flag of a ticket is what it is, line by line, from the daemon's own store.

    Example:

      px-connector explain 48213 --config /etc/px-connector
    """
    from connector.cli.telling import show
    from connector.history.lookup import look_up
    from connector.settings import load_settings

    try:
        settings = load_settings(config)
        found = asyncio.run(look_up(settings.store, config, ticket, connection))
        if found.connection in settings.connections:
            meanings = settings.connections[found.connection].status_meanings()
            found = replace(found, meanings=meanings)
    except (ConfigErrors, ConnectorError) as error:
        fail(error)
    if as_json:
        print_json(found.as_json())
    else:
        show(found, out)
