"""The command `doctor`: is it set up so that it can work, and what is there to do about it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.canary import WATCH_S, canary
from connector.cli.chosen import chosen, tally
from connector.cli.console import err, fail, out, print_json, printable, safe
from connector.cli.daemon import AsJson, ConfigDir
from connector.errors import ConfigErrors, ConnectorError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from connector.clients import ClientBook
    from connector.history.doctor import Finding, Report
    from connector.settings import Settings

_COLOURS = {"ok": "green", "note": "cyan", "warning": "yellow", "error": "red"}


def register(app: typer.Typer) -> None:
    app.command()(doctor)


def doctor(
    config: ConfigDir = Path("config"),
    connection: Annotated[str | None, typer.Option(help="Only this one of several PSAs.")] = None,
    fix: Annotated[
        bool,
        typer.Option(
            "--fix", help="Create our webhook or switch it on again; put back what a broken-off canary left."
        ),
    ] = False,
    ticket: Annotated[
        str | None,
        typer.Option(
            "--canary",
            metavar="TICKET",
            help="Write one value to this test ticket, watch what else moves, put it back.",
        ),
    ] = None,
    watch: Annotated[int, typer.Option(min=1, max=3600, help="With --canary: seconds to watch.")] = WATCH_S,
    yes: Annotated[bool, typer.Option("--yes", help="With --canary: do not ask, write.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look whether each PSA is set up so that the connector can work, and say what to do where it is not.

    Login, rights, fields, webhook, requests left, clock, time zones, statuses, priorities, days off, clients,
    canary. It takes some twenty requests a PSA and writes no ticket but the one of --canary. Ends with 1 at
    any warning or error.

    Examples:

      px-connector doctor --config /etc/px-connector

      px-connector doctor --config /etc/px-connector --connection main --fix

      px-connector doctor --config /etc/px-connector --connection main --canary 48213
    """
    from connector.clients import load_clients
    from connector.history.doctor import bad, files_of
    from connector.logs import configure_logging
    from connector.settings import load_settings

    configure_logging("console", "error")  # what an adapter would log is among the findings
    try:
        settings = load_settings(config)
        names = chosen(connection, settings.connections)
        if ticket is not None:
            return canary(config, _only(names), ticket, watch, yes, as_json)
        book = load_clients(config)
        files = files_of([*book.errors, *book.unknown_connections(settings.connections)])
        reports = asyncio.run(_examine(settings, book, names, fix))
    except (ConfigErrors, ConnectorError) as error:
        fail(error)
    if as_json:
        print_json({"files": [one.as_json() for one in files], "connections": [r.as_json() for r in reports]})
    else:
        _show(files, reports)
    if bad(files) or any(bad(report.findings) for report in reports):
        raise typer.Exit(1)


def _only(names: Sequence[str]) -> str:
    if len(names) > 1:
        raise typer.BadParameter(
            f"which PSA has this ticket? one of {', '.join(names)}", param_hint="--connection"
        )
    return names[0]


async def _examine(settings: Settings, book: ClientBook, names: Sequence[str], fix: bool) -> list[Report]:
    """One PSA after the other, with a line on stderr that says what is asked."""
    from connector.clients.captions import of_connection
    from connector.history.doctor import examine
    from connector.store.store import Store, is_there

    reports = []
    async with AsyncExitStack() as stack:
        store = None
        if is_there(settings.store):
            store = await Store.open(settings.store)
            stack.push_async_callback(store.close)
        status = stack.enter_context(err.status(""))
        for name in names:

            def tell(doing: str, name: str = name) -> None:
                status.update(safe(f"{name}: {doing}"))

            reports.append(
                await examine(
                    name,
                    settings.connections[name],
                    of_connection(book, name),
                    hook_url=settings.hook_url(name),
                    today=datetime.now(UTC).date(),
                    fix=fix,
                    tell=tell,
                    store=store,
                )
            )
    return reports


def _show(files: Sequence[Finding], reports: Sequence[Report]) -> None:
    if files:
        out.print("[bold]clients' files[/bold]")
        out.print(table(files))
    for report in reports:
        server = f" · {report.server}" if report.server else f" · {report.vendor}"
        out.print(f"\n[bold]{safe(report.connection)}[/bold]{safe(server)} · {report.requests} requests")
        out.print(table(report.findings))
    told = tally([*files, *(one for report in reports for one in report.findings)])
    out.print("\n" + (told or "Everything is as it should be."))


def table(findings: Sequence[Finding]) -> RenderableType:
    """Findings for people: how bad, about what, and what to do."""
    from rich.table import Table
    from rich.text import Text

    table = Table("", "", "", box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for one in findings:
        what = Text(printable(one.found))
        if one.why:
            what.append(f"\nlooked at: {printable(one.looked_at)}", "dim")
            what.append(f"\nwhy: {printable(one.why)}", "dim")
        if one.fix:
            what.append(f"\nfix: {printable(one.fix)}")
        table.add_row(Text(one.severity, _COLOURS[one.severity]), one.check, what)
    return table
