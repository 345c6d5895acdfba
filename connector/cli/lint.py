"""The command `lint`: is the PSA's own SLA set up honestly, and what is there to do where it is not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.chosen import chosen, tally
from connector.cli.console import err, fail, out, print_json, printable, safe
from connector.cli.daemon import AsJson, ConfigDir
from connector.errors import ConfigErrors, ConnectorError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from connector.clients import ClientBook
    from connector.history.doctor import Finding
    from connector.history.lint import LintReport
    from connector.settings import Settings

_COLOURS = {"note": "cyan", "warning": "yellow", "error": "red"}


def register(app: typer.Typer) -> None:
    app.command()(lint)


def lint(
    config: ConfigDir = Path("config"),
    connection: Annotated[str | None, typer.Option(help="Only this one of several PSAs.")] = None,
    as_json: AsJson = False,
) -> None:
    """Judge how each PSA counts its own SLA: answers that nobody gave, clocks that never pause, other hours
    and promises than the client's, tickets that stay closed.

    It reads the PSA's set-up and the tickets of the store, whichever is there,
    says what it could not look at, and writes nothing. Ends with 1 at any finding.

    Examples:

      px-connector lint --config /etc/px-connector

      px-connector lint --config /etc/px-connector --connection main --json
    """
    from connector.clients import load_clients
    from connector.history.doctor import files_of
    from connector.logs import configure_logging
    from connector.settings import load_settings

    configure_logging("console", "error")  # what an adapter would log is among the findings
    try:
        settings = load_settings(config)
        names = chosen(connection, settings.connections)
        book = load_clients(config)
        files = files_of([*book.errors, *book.unknown_connections(settings.connections)])
        reports = asyncio.run(_lint(settings, book, names))
    except (ConfigErrors, ConnectorError) as error:
        fail(error)
    if as_json:
        print_json({"files": [one.as_json() for one in files], "connections": [r.as_json() for r in reports]})
    else:
        _show(files, reports)
    if files or any(report.findings for report in reports):
        raise typer.Exit(1)


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


async def _lint(settings: Settings, book: ClientBook, names: Sequence[str]) -> list[LintReport]:
    """One PSA after the other, with a line on stderr that says what is looked at."""
    from connector.history.lint import lint

    reports = []
    with err.status("") as status:
        for name in names:

            def tell(doing: str, name: str = name) -> None:
                status.update(safe(f"{name}: {doing}"))

            connection = settings.connections[name]
            reports.append(await lint(name, connection, book, settings.store, now=now(), tell=tell))
    return reports


def _show(files: Sequence[Finding], reports: Sequence[LintReport]) -> None:
    if files:
        out.print("[bold]clients' files[/bold]")
        out.print(_table(files))
    for report in reports:
        told = f"{report.vendor} · {report.requests} requests · {report.tickets} tickets of the store"
        out.print(f"\n[bold]{safe(report.connection)}[/bold] · {safe(told)}")
        if counted := report.responses.all:
            hollow = len(report.responses.hollow)
            out.print(f"The PSA counted {counted} responses to customers; {hollow} with nobody's message.")
        out.print(_table(report.findings))
        for what, why in report.not_made.items():
            out.print(f"not looked at: {safe(what)}: {safe(why)}", style="dim", soft_wrap=True)
    told = tally([*files, *(one for report in reports for one in report.findings)])
    out.print("\n" + (told or "Nothing was found."))


def _table(findings: Sequence[Finding]) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    table = Table("", "", box=None, show_header=False, pad_edge=False, padding=(0, 2, 1, 0))
    for one in findings:
        what = Text(printable(one.found), "bold")
        for line in one.evidence:
            what.append(f"\n· {printable(line)}", "not bold")
        what.append(f"\nwhy: {printable(one.why)}", "not bold dim")
        if one.where:
            what.append(f"\nwhere: {printable(one.where)}", "not bold dim")
        what.append(f"\nfix: {printable(one.fix)}", "not bold")
        table.add_row(Text(one.severity, _COLOURS[one.severity]), what)
    return table
