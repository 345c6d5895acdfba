"""The command `store erase`: a person's data out of the store, first as a trial."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.chosen import chosen
from connector.cli.console import fail, out, print_json, who
from connector.cli.daemon import AsJson, ConfigDir
from connector.cli.store import run
from connector.errors import ConfigErrors, ConnectorError

if TYPE_CHECKING:
    from connector.history.erasure.erase import Erased


def erase(
    contact: Annotated[str, typer.Option(help="The PSA's number of the contact, or a mail address.")],
    connection: Annotated[str, typer.Option(help="The PSA they are a contact of.")],
    also: Annotated[
        list[str] | None, typer.Option(help="A name or address they are called by in texts. Repeatable.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would be erased.")] = False,
    config: ConfigDir = Path("config"),
    as_json: AsJson = False,
) -> None:
    """Erase a person's data from the store for good: names, addresses, texts, comments.

    That messages were written, when and how long, and scores stay under a number that says nothing, so that
    clocks and PX can still be explained. What the PSA tells again is made nameless as it is read. The PSA is
    not touched, nor are backups and logs: docs/privacy.md.

    Examples:

      px-connector store erase --contact 1042 --connection main --also "Ann Archer" --dry-run

      px-connector store erase --contact 1042 --connection main --also "Ann Archer"
    """
    from connector.history.erasure.erase import erase as wipe
    from connector.settings import load_settings
    from connector.store.audit import Doer

    try:
        settings = load_settings(config)
    except (ConfigErrors, ConnectorError) as error:
        fail(error)
    chosen(connection, settings.connections)
    by = Doer(name=who(), role="command line")
    now = datetime.now(UTC)
    done = run(wipe(settings.store, connection, contact, by, now, also=also or (), dry=dry_run))
    if as_json:
        body = {"alias": done.alias, "tickets": done.tickets, "rows": dict(done.counts)}
        print_json({**body, "dry_run": dry_run, "rubbed_out": done.rubbed_out})
    else:
        _tell(done, dry=dry_run)
    if done.rubbed_out is False:
        fail(
            "old pages are still in the store's log, somebody read all the while: the daemon tries again "
            "within two hours; or erase once more"
        )


def _tell(done: Erased, *, dry: bool) -> None:
    for table, number in done.counts.items():
        out.print(f"{number:>8,}  {table}")
    total = sum(done.counts.values())
    if dry:
        out.print(f"{total:,} rows, {done.tickets:,} tickets: nothing is changed yet, leave out --dry-run")
    else:
        out.print(f"{total:,} rows, {done.tickets:,} tickets are nameless now: {done.alias}", soft_wrap=True)
