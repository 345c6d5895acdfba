"""The commands `ratings import` and `ratings list`: a survey tool's export in, the whole ledger out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from connector.cli.console import err, fail, out, print_json, printable, safe
from connector.cli.daemon import AsJson, ConfigDir
from connector.errors import ConfigErrors, ConnectorError

if TYPE_CHECKING:
    from connector.history.ratingfiles import Line
    from connector.rules.marks import Marks
    from connector.rules.ratings import Verdict
    from connector.settings import Settings
    from connector.store.ratings import Entry

Connection = Annotated[str | None, typer.Option(help="If there are several PSAs.")]
SHOWN = 8
"""Rows a preview shows."""

PART = 500
"""Rows kept in one transaction."""

ratings = typer.Typer(
    help="""What customers said: bring it in from a file, and see what counts of it.

    Examples:

      px-connector ratings import reviews.csv --source smileback --dry-run

      px-connector ratings list --refused
    """,
)


def register(app: typer.Typer) -> None:
    app.add_typer(ratings, name="ratings")


@ratings.command("import")
def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, UTF-8, with headings.")],
    source: Annotated[
        Literal["smileback", "simplesat", "crewhu", "generic"], typer.Option(help="Whose export it is.")
    ] = "generic",
    connection: Connection = None,
    client: Annotated[str, typer.Option(help="Whose ratings those are that name no ticket.")] = "",
    annual: Annotated[
        bool, typer.Option("--annual", help="The yearly questionnaire: about no ticket.")
    ] = False,
    scale: Annotated[float | None, typer.Option(help="Points of the scale.")] = None,
    best: Annotated[Literal["high", "low"], typer.Option(help="low: 1 is the happiest answer.")] = "high",
    word: Annotated[list[str] | None, typer.Option(help="An answer in words: Happy=5")] = None,
    column: Annotated[list[str] | None, typer.Option(help="Which heading is what: score=Rating")] = None,
    date_format: Annotated[str, typer.Option(help="Of dates that are not ISO 8601: %m/%d/%Y")] = "",
    timezone: Annotated[str, typer.Option(help="Of dates without an offset, like Europe/London.")] = "UTC",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be done.")] = False,
    config: ConfigDir = Path("config"),
    as_json: AsJson = False,
) -> None:
    """Bring in a survey tool's export. Importing it again changes nothing but adds comments that came later.

    Examples:

      px-connector ratings import reviews.csv --source smileback --dry-run

      px-connector ratings import csat.csv --scale 10 --column score=Note --column at=Datum
    """
    from connector.history.ratingfiles import LAYOUTS, Reading, read_ratings
    from connector.history.rulings import only_connection
    from connector.settings import load_settings

    layout = LAYOUTS[source]
    reading = Reading(
        layout=layout,
        columns=_pairs(column, "--column", "score=Rating"),
        marks=_marks(layout.marks, scale, best, word),
        zone=_zone(timezone),
        dates=date_format,
        client=client,
        annual=annual,
    )
    now = datetime.now(UTC).replace(microsecond=0)
    try:
        settings = load_settings(config)
        where = only_connection(connection, settings.connections.keys())
        found, lines = read_ratings(file, reading, now)
        rows = list(lines)
        told = asyncio.run(_receive(settings, config, where, rows, now, keep=not dry_run))
    except (ConfigErrors, ConnectorError) as error:
        fail(error)
    told = {"file": str(file), "connection": where, "dry_run": dry_run, "columns": found, **told}
    if as_json:
        print_json(told)
    else:
        _tell_import(told, rows)
    if told["refused"]:
        raise typer.Exit(1)


def _pairs(written: Sequence[str] | None, option: str, example: str) -> dict[str, str]:
    from connector.history.ratingfiles import COLUMNS

    pairs = dict(one.split("=", 1) for one in written or () if "=" in one)
    if len(pairs) < len(written or ()):
        raise typer.BadParameter(f"expected NAME=VALUE, each name once, like {example}", param_hint=option)
    strange = sorted(set(pairs) - set(COLUMNS)) if option == "--column" else []
    if strange:
        known = ", ".join(COLUMNS)
        raise typer.BadParameter(f"{strange[0]!r} is no column; there are: {known}", param_hint=option)
    return pairs


def _marks(
    usual: Marks, scale: float | None, best: Literal["high", "low"], words: Sequence[str] | None
) -> Marks:
    """The tool's own way of writing scores, unless another is named."""
    from dataclasses import replace

    from connector.rules.marks import MOST, Marks

    if scale is not None and not 0 < scale <= MOST:
        raise typer.BadParameter(f"expected 1 to {MOST:g} points", param_hint="--scale")
    try:
        said = {key.casefold(): float(value) for key, value in _pairs(words, "--word", "Happy=5").items()}
    except ValueError:
        raise typer.BadParameter("expected points, like Happy=5", param_hint="--word") from None
    marks = replace(usual, best=best) if scale is None else Marks(scale=scale, best=best)
    if [one for one in said.values() if not 0 <= one <= marks.scale]:
        raise typer.BadParameter(f"expected 0 to {marks.scale:g} points", param_hint="--word")
    return replace(marks, words={**marks.words, **said}) if said else marks


def _zone(name: str) -> Any:
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise typer.BadParameter(
            f"{name!r} is no time zone; write Europe/London", param_hint="--timezone"
        ) from None


async def _receive(
    settings: Settings, config: Path, conn: str, rows: Sequence[Line], now: datetime, *, keep: bool
) -> dict[str, Any]:
    """Keep what is new, or only see what that would be. In parts, so that a daemon that runs goes on."""
    from connector.clients import load_clients
    from connector.history.incoming import Received, receive
    from connector.store.store import Store

    good = [row for row in rows if row.sent is not None]
    refused = [(row.row, row.error) for row in rows if row.sent is None]
    book = load_clients(config)
    total = Received()
    store = await Store.open(settings.store)
    try:
        for start in range(0, len(good), PART):
            part = good[start : start + PART]
            async with store.begin(of=conn) as tx:
                outcome = await receive(tx, conn, [row.sent for row in part if row.sent], book, now)
                if not keep:
                    await tx.rollback()
            total.new += outcome.new
            total.known += outcome.known
            total.unknown |= outcome.unknown
            refused += [(part[place].row, error) for place, error in outcome.errors]
    finally:
        await store.close()
    return {
        "rows": len(rows),
        "new": total.new,
        "known": total.known,
        "unknown_tickets": sorted(total.unknown),
        "refused": [{"row": row, "error": error} for row, error in sorted(refused)],
    }


def _tell_import(told: dict[str, Any], rows: Sequence[Line]) -> None:
    from rich.table import Table

    columns = ", ".join(f"{name} is “{head.strip()}”" for name, head in told["columns"].items())
    out.print(printable(f"{told['file']}: {columns}"), markup=False, soft_wrap=True)
    if told["dry_run"]:
        table = Table("row", "when", "ticket", "score", "who", "comment", box=None, pad_edge=False)
        for row in [row for row in rows if row.sent is not None][:SHOWN]:
            assert row.sent is not None
            rating = row.sent.rating
            about = row.sent.ticket or row.sent.client
            score = f"{rating.score:g} of {rating.scale:g}"
            cells = (f"{rating.at:%Y-%m-%d %H:%M}", about, score, rating.actor.id, rating.comment[:60])
            table.add_row(str(row.row), *(safe(cell) for cell in cells))
        out.print(table)
    would = "would be " if told["dry_run"] else ""
    out.print(
        f"{told['rows']} rows: {told['new']} {would}new, {told['known']} known already, "
        f"{len(told['refused'])} refused",
        markup=False,
    )
    if told["new"] and not told["dry_run"]:
        out.print(
            "the daemon enters those of tickets at its next turn; `px-connector ratings list` shows them"
        )
    if told["unknown_tickets"]:
        some = ", ".join(told["unknown_tickets"][:10])
        out.print(
            printable(f"{len(told['unknown_tickets'])} tickets are not known yet: {some}"), markup=False
        )
    for one in told["refused"]:
        err.print(printable(f"row {one['row']}: {one['error']}"), markup=False, soft_wrap=True)


@ratings.command("list")
def list_(
    client: Annotated[str, typer.Option(help="Only this client's, by the name of its file.")] = "",
    connection: Annotated[str, typer.Option(help="Only of this PSA.")] = "",
    refused: Annotated[bool, typer.Option("--refused", help="Only those that do not count.")] = False,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only those that wait for tickets.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 50,
    config: ConfigDir = Path("config"),
    as_json: AsJson = False,
) -> None:
    """List ratings with what became of them, and why some do not count.

    Examples:

      px-connector ratings list --client "Acme Dental"

      px-connector ratings list --refused --json
    """
    from connector.settings import load_settings

    wanted: tuple[Verdict, ...] = (*(("refused",) if refused else ()), *(("waiting",) if waiting else ()))
    try:
        settings = load_settings(config)
        found = asyncio.run(_listed(settings.store, client, connection, wanted))
    except (ConfigErrors, ConnectorError) as error:
        fail(error)
    shown = found[-limit:]
    if as_json:
        for entry in shown:
            print_json(_as_json(entry))
        return
    _table(shown)
    if len(found) > len(shown):
        out.print(f"{len(found) - len(shown)} older ones are left out; --limit shows more")
    if not found:
        out.print(
            f"no ratings of {safe(client)}: is that the name its file gives?" if client else "no ratings"
        )


async def _listed(store_url: str, client: str, connection: str, verdicts: Sequence[Verdict]) -> list[Entry]:
    from connector.store import ratings as ledger
    from connector.store.store import Store

    store = await Store.open(store_url)
    try:
        async with store.read() as tx:
            return await ledger.listed(tx, conn=connection, client=client, verdicts=verdicts)
    finally:
        await store.close()


def _as_json(entry: Entry) -> dict[str, Any]:
    from connector import ticketlog

    rating = entry.rating
    return {
        "connection": entry.conn,
        "ticket": entry.ticket_id,
        "client": entry.client,
        "key": entry.key,
        "at": ticketlog.iso(rating.at),
        "score": rating.score,
        "scale": rating.scale,
        "comment": rating.comment,
        "lost_minutes": rating.lost_minutes,
        "factors": list(rating.factors),
        "contact": entry.contact,
        "board": entry.board,
        "engineer": entry.engineer,
        "channel": entry.channel,
        "source": rating.source,
        "kind": rating.kind,
        "verdict": entry.verdict,
        "why": entry.why,
    }


def _table(entries: Sequence[Entry]) -> None:
    from rich.table import Table

    if not entries:
        return
    table = Table("when", "client", "ticket", "score", "source", "who", "", "", box=None, pad_edge=False)
    for entry in entries:
        rating = entry.rating
        about = entry.why or (f"“{rating.comment[:60]}”" if rating.comment else "")
        score = f"{rating.score:g} of {rating.scale:g}"
        cells = (
            entry.client,
            entry.ticket_id or "–",
            score,
            rating.source,
            entry.contact,
            entry.verdict,
            about,
        )
        table.add_row(f"{rating.at:%Y-%m-%d %H:%M}", *(safe(cell) for cell in cells))
    out.print(table)
