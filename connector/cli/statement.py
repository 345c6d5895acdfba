"""The commands `statement` and `verify`: a month told to a client, and whether it holds what it says."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.console import complain, err, fail, out, print_json, printable
from connector.cli.files import progress
from connector.cli.logs import instant
from connector.errors import ConfigErrors, ConnectorError

if TYPE_CHECKING:
    from datetime import datetime

    from connector.history.statement.collect import Month
    from connector.history.statement.facts import Facts


def register(app: typer.Typer) -> None:
    app.command()(statement)
    app.command()(verify)


def statement(
    client: Annotated[
        str, typer.Argument(help="Whose, by the name of its file; with --log as the log has it.")
    ] = "",
    month: Annotated[str, typer.Option(help="Like 2026-10, in the client's own time zone.")] = "",
    at: Annotated[
        str | None, typer.Option(help="No later than this instant, ISO 8601 with offset. Default: now.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--out", dir_okay=False, help="Default: CLIENT-MONTH.html in this folder.")
    ] = None,
    log: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="From a ticket log instead of the store.")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="With --log: the client's YAML file.")
    ] = None,
    engineers: Annotated[
        bool, typer.Option("--engineers", help="Name the desk's people, too. Not for everybody's eyes.")
    ] = False,
    config: Annotated[Path, typer.Option(help="The folder with connector.yaml.")] = Path("config"),
    as_json: Annotated[
        bool, typer.Option("--json", help="Figures and facts as one JSON document on stdout, or in --out.")
    ] = False,
) -> None:
    """Make the statement of a client's month: one HTML file that holds its own facts.

    Examples:

      px-connector statement "Acme Dental" --month 2026-10 --config /etc/px-connector

      px-connector statement --log tickets.jsonl.gz --policy acme.yaml --month 2026-10 --out october.html
    """
    if not month:
        raise typer.BadParameter("name a month, like 2026-10", param_hint="--month")
    if (log is None) != (policy is None):
        raise typer.BadParameter("--log and --policy go together", param_hint="--log")
    if log is None and not client:
        raise typer.BadParameter("name a client, or give --log", param_hint="client")
    until = instant(at)
    try:
        if log is not None and policy is not None:
            facts = _of_log(log, policy, client, month, until, engineers)
        else:
            facts = _of_store(config, client, month, until, engineers)
    except (ConfigErrors, ConnectorError) as error:
        fail(error)
    _write(facts, file, as_json)
    if facts.head.unreadable:
        complain(f"{facts.head.unreadable} tickets could not be read or judged; the statement says so")
        raise typer.Exit(1)


def _of_log(log: Path, file: Path, client: str, month: str, until: datetime, engineers: bool) -> Facts:
    from connector import ticketlog
    from connector.clients import policy_of, written_rules
    from connector.history.logratings import read_ahead
    from connector.history.statement.logged import from_log

    files = written_rules(file)
    policy = policy_of(files, standalone=True)
    span = _month(month, policy.calendar.timezone, until)
    ahead = read_ahead(log, policy, span.until)
    items = progress(ticketlog.read_log(log), log, hidden=not err.is_terminal)
    return from_log(items, ahead, policy, files, span, client=client, engineers=engineers)


def _of_store(config: Path, client: str, month: str, until: datetime, engineers: bool) -> Facts:
    from rich.status import Status

    from connector.history.statement.stored import from_store, policy_for
    from connector.settings import load_settings

    settings = load_settings(config)
    policy, files, book = policy_for(config, client)
    span = _month(month, policy.calendar.timezone, until)
    with Status("reading the store", console=err) as status:
        return asyncio.run(
            from_store(
                settings.store,
                book,
                policy,
                files,
                span,
                engineers=engineers,
                seen=lambda done: status.update(f"{done} tickets looked at"),
            )
        )


def _month(text: str, timezone: str, until: datetime) -> Month:
    from connector.history.statement.collect import month_of

    try:
        return month_of(text, timezone, until)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--month") from None


def _write(facts: Facts, file: Path | None, as_json: bool) -> None:
    from connector.history.statement.facts import to_records
    from connector.history.statement.page import document, json_document

    records = to_records(facts)
    text = json_document(records) if as_json else document(records)
    if as_json and file is None:
        sys.stdout.write(text)
        return
    name = re.sub(r"\W+", "-", facts.head.client.casefold()).strip("-") or "client"
    path = file or Path(f"{name}-{facts.head.month}.html")
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        fail(f"{path}: cannot be written: {error.strerror}")
    err.print(
        printable(f"{path}: {len(records)} facts, last hash {records[-1]['hash']}"),
        markup=False,
        soft_wrap=True,
    )


def verify(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A statement, HTML or JSON.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Work every number of a statement out again from the facts inside it. Nothing else is read.

    Exit code 1 where anything differs: a fact, a rule, or a character of the page.

    Example:

      px-connector verify acme-dental-2026-10.html
    """
    from connector.history.statement.check import chain_head, problems

    try:
        text = file.read_bytes().decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{file}: cannot be read: {error}")
    found = problems(text)
    head = chain_head(text)
    if as_json:
        print_json({"file": str(file), "holds": not found, "chain": head, "problems": found})
    else:
        for problem in found:
            complain(f"{file}: {problem}")
        if not found:
            out.print(
                printable(f"{file}: every number is what its facts make. Last hash: {head}"),
                markup=False,
                soft_wrap=True,
            )
    if found:
        raise typer.Exit(1)
