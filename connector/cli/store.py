"""The commands `store …`: what the connector remembers, saved, moved, written out, thinned, erased."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from connector.cli.console import err, fail, out, print_json, safe
from connector.cli.daemon import AsJson, ConfigDir
from connector.errors import ConfigErrors, ConnectorError

if TYPE_CHECKING:
    from connector.store.whole.copy import Told

T = TypeVar("T")

Url = Annotated[
    str | None,
    typer.Option("--from", help="Another store than the one of connector.yaml.", show_default=False),
]

store = typer.Typer(
    help="""What the connector remembers: save it, move it, write it out, thin it, erase a person's data.

    Examples:

      px-connector store backup /backup/px-2026-11-22.db

      px-connector store copy --to postgresql://px@db/px
    """,
)


def register(app: typer.Typer) -> None:
    from connector.cli.erasing import erase
    from connector.cli.pruning import prune

    store.command()(prune)
    store.command()(erase)
    app.add_typer(store, name="store")


@store.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The new file.")],
    config: ConfigDir = Path("config"),
    as_json: AsJson = False,
) -> None:
    """Save the store into one file, while the daemon runs; SQLite, whatever the store is.

    The file is as the store was at one instant, is looked over, and can be read by its owner only.

    Example:

      px-connector store backup /backup/px-$(date +%F).db --config /etc/px-connector
    """
    from connector.store.whole.backup import backup as save

    with progress() as told:
        made = run(save(store_of(config), file, told))
    body = {"file": str(file), "bytes": made.bytes, "sha256": made.sha256, "tables": made.revision}
    if as_json:
        print_json(body)
        return
    out.print(f"{made.bytes / 1e6:,.1f} MB, sound, tables {made.revision}: {safe(str(file))}", soft_wrap=True)
    out.print(f"sha256 {made.sha256}", soft_wrap=True)


@store.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `store backup` made.")],
    config: ConfigDir = Path("config"),
    as_json: AsJson = False,
) -> None:
    """Fill the empty store of connector.yaml from a backup; one that holds anything is not touched.

    Stop the daemon first. A backup of an older version is brought up to date on the way.

    Example:

      px-connector store restore /backup/px-2026-11-22.db --config /etc/px-connector
    """
    from connector.store.whole.restore import restore as fill

    with progress() as told:
        was = run(fill(file, store_of(config), told))
    if as_json:
        print_json({"file": str(file), "tables": was.known, "made_with": was.found})
        return
    changed = "" if was.current else f", brought from tables {was.found} to {was.known}"
    out.print(f"restored from {safe(str(file))}{changed}", soft_wrap=True)
    out.print("What was erased for a person since that backup is in it again: erase it once more.")


@store.command()
def copy(
    to: Annotated[
        str, typer.Option(help="The empty store's address.", envvar="PX_STORE_TO", show_envvar=True)
    ],
    source: Url = None,
    config: ConfigDir = Path("config"),
    as_json: AsJson = False,
) -> None:
    """Copy every row into an empty store of either kind, and compare the hash of every table.

    Stop the daemon first: what it writes after the copy has begun stays behind. A password is better in
    PX_STORE_TO, in PGPASSWORD or in ~/.pgpass than on the command line.

    Examples:

      px-connector store copy --to postgresql://px@db/px --config /etc/px-connector

      px-connector store copy --from postgresql://px@db/px --to sqlite:////var/lib/px/px.db
    """
    from connector.store.whole.copy import copy_between

    with progress() as told:
        copied = run(copy_between(source or store_of(config), to, told))
    if as_json:
        print_json([{"table": one.table, "rows": one.rows, "hash": one.hash} for one in copied])
        return
    for one in copied:
        out.print(f"{one.rows:>10,}  {one.table:<16} {one.hash}", soft_wrap=True)
    out.print("every hash is the same on both sides; now name the new address in connector.yaml")


@store.command()
def migrate(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; 1 if this version could not work on it as it is.")
    ] = False,
    config: ConfigDir = Path("config"),
    as_json: AsJson = False,
) -> None:
    """Bring the tables to what this version needs, as the daemon does at its start.

    Every step only adds, so the version before can go on working on the new tables.

    Examples:

      px-connector store migrate --check

      px-connector store migrate --config /etc/px-connector
    """
    from connector.store.whole import revisions

    url = store_of(config)
    found = run(revisions.state(url))
    if not check:
        run(revisions.bring_up(url))
    if as_json:
        print_json(
            {
                "tables": found.found,
                "needed": found.known,
                "missing": found.missing,
                "usable": found.usable,
                "done": not check,
            }
        )
    else:
        _tell_of(found, done=not check)
    if check and not found.usable:
        raise typer.Exit(1)


@store.command()
def export(
    to: Annotated[Path, typer.Option(help="A new folder.")],
    client: Annotated[str, typer.Option(help="Only what is of this client, as its file names it.")] = "",
    config: ConfigDir = Path("config"),
    as_json: AsJson = False,
) -> None:
    """Write everything, or all that is of one client, as JSON lines and ticket logs: docs/store.md.

    Examples:

      px-connector store export --to /tmp/px --config /etc/px-connector

      px-connector store export --to /tmp/acme --client "Acme Dental"
    """
    from connector.store.whole.export import export as write

    async def all_of_it(url: str) -> Any:
        from connector.store.store import Store
        from connector.store.whole.revisions import must_be_known

        await must_be_known(url)
        opened = await Store.open(url)
        try:
            return await write(opened, to, datetime.now(UTC), client=client, told=told)
        finally:
            await opened.close()

    with progress() as told:
        written = run(all_of_it(store_of(config)))
    if as_json:
        print_json([{"file": one.file, "lines": one.lines, "sha256": one.sha256} for one in written])
        return
    for one in written:
        out.print(f"{one.lines:>10,}  {safe(one.file)}", soft_wrap=True)


def _tell_of(found: Any, *, done: bool) -> None:
    from connector.store.whole import revisions

    if not found.found:
        out.print("made all tables" if done else "there are no tables yet: they are made at the first start")
    elif found.newer:
        refused = "" if found.usable else ", which may not work on them any more: install the newer one again"
        out.print(
            f"tables {found.found}, newer than the {found.known} of this version{refused}", soft_wrap=True
        )
    elif found.current:
        out.print(f"tables {found.found}: nothing is missing")
    else:
        out.print(f"tables {found.found}, needed {found.known}; {'added' if done else 'missing'}:")
        for line in revisions.told(found.missing):
            out.print(f"  {safe(line)}", soft_wrap=True)


def store_of(config: Path) -> str:
    """The address of connector.yaml's store; wrong files end the command."""
    from connector.settings import load_settings

    try:
        return load_settings(config).store
    except (ConfigErrors, ConnectorError) as error:
        fail(error)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Do it; an error ends the command and says what to do."""
    try:
        return asyncio.run(work)
    except (ConfigErrors, ConnectorError) as error:
        fail(error)


@contextmanager
def progress() -> Iterator[Told]:
    """How far it is, on stderr, while a person looks."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description:16}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("")

        def told(what: str, done: int, of: int) -> None:
            bar.update(task, description=safe(what), completed=min(done, of), total=max(of, 1))

        yield told
