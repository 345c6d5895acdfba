"""The command `calendar`: the PSA's working hours, to be copied into a client's file by a person.

A client's file stays the only truth: nothing is taken over behind anybody's back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.console import complain, err, fail, out, print_json
from connector.cli.daemon import AsJson, ConfigDir
from connector.errors import ConfigErrors, ConnectorError, NotFound

if TYPE_CHECKING:
    from connector.psa.port import VendorCalendar
    from connector.settings import Settings


def register(app: typer.Typer) -> None:
    app.command()(calendar)


def calendar(
    connection: Annotated[str | None, typer.Argument(help="If there are several PSAs.")] = None,
    name: Annotated[str | None, typer.Argument(help="One of its calendars, by name or id.")] = None,
    timezone: Annotated[
        str | None, typer.Option(help="Zone of the hours, like Europe/London, instead of the PSA's.")
    ] = None,
    config: ConfigDir = Path("config"),
    as_json: AsJson = False,
) -> None:
    """List the PSA's calendars, or print one as the `calendar:` block of a client's file.

    Examples:

      px-connector calendar --config /etc/px-connector

      px-connector calendar main "Standard Calendar" --config /etc/px-connector
    """
    from connector.settings import load_settings

    zone = _zone(timezone)
    try:
        settings = load_settings(config)
        connection = _connection(connection, settings)
        found = asyncio.run(_read(settings, connection, zone))
        if name is None:
            _list(connection, found, as_json)
        else:
            _one(connection, _named(found, name), zone, as_json)
    except (ConfigErrors, ConnectorError) as error:
        fail(error)
    if name is None and any(one.problem for one in found):
        raise typer.Exit(1)


def _zone(written: str | None) -> str:
    """An IANA name, also of a Windows one; wrong usage if nobody knows it."""
    from connector.psa.zones import iana_zone

    try:
        return iana_zone(written) if written is not None else ""
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--timezone") from None


def _connection(named: str | None, settings: Settings) -> str:
    known = settings.connections
    if named is None and len(known) == 1:
        return next(iter(known))
    if named is None:
        raise NotFound(f"there are several PSAs, name one of them: {', '.join(known)}")
    if named not in known:
        raise NotFound(f"no connection {named!r} in connector.yaml; known: {', '.join(known)}")
    return named


async def _read(settings: Settings, connection: str, zone: str) -> Sequence[VendorCalendar]:
    from connector.psa.vendors import build_psa

    psa = build_psa(connection, settings.connections[connection])
    try:
        return await psa.calendars(zone)
    finally:
        await psa.close()


def _named(found: Sequence[VendorCalendar], name: str) -> VendorCalendar:
    """The calendar of this id, or the only one of this name."""
    by_id = [one for one in found if one.id == name]
    fitting = by_id or [one for one in found if one.name.casefold() == name.casefold()]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise NotFound(f"several calendars are called {name!r}; take one by its id: {_choice(fitting)}")
    raise NotFound(f"no calendar {name!r}; there are: {_choice(found)}")


def _choice(some: Sequence[VendorCalendar]) -> str:
    from connector.clients.block import one_line

    return ", ".join(f"{one.id} {one_line(one.name)}".strip() for one in some) or "none at all"


def _list(connection: str, found: Sequence[VendorCalendar], as_json: bool) -> None:
    if as_json:
        print_json({"connection": connection, "calendars": [_as_json(one) for one in found]})
    elif found:
        _table(found)
    if not found:
        raise NotFound(f"{connection} has no calendars, or shows us none")


def _as_json(one: VendorCalendar) -> dict[str, Any]:
    from connector.clients.block import as_mapping

    return {
        "id": one.id,
        "name": one.name,
        "problem": one.problem,
        "note": one.note,
        "calendar": as_mapping(one.hours) if one.hours else None,
    }


def _table(found: Sequence[VendorCalendar]) -> None:
    from rich.markup import escape
    from rich.table import Table

    from connector.clients.block import in_short, one_line

    table = Table("id", "name", "zone", "hours", "days off", box=None, pad_edge=False)
    for one in found:
        row = "", "[red]cannot be used[/red]", ""
        if one.hours:
            days_off = len(one.hours.holidays) + len(one.hours.closures)
            row = one.hours.timezone, in_short(one.hours), str(days_off)
        table.add_row(escape(one.id), escape(one_line(one.name)), *row)
    out.print(table)
    for one in found:
        if one.problem:
            complain(_problem(one))
    for note in dict.fromkeys(one.note for one in found if one.note):
        err.print(f"note: {one_line(note)}", markup=False, soft_wrap=True)


def _one(connection: str, one: VendorCalendar, zone: str, as_json: bool) -> None:
    from connector.clients.block import as_yaml

    if as_json:
        print_json({"connection": connection, **_as_json(one)})
    if one.hours is None:
        fail(_problem(one))
    if not as_json:
        typer.echo(as_yaml(one.hours, _heading(connection, one, zone)), nl=False)


def _problem(one: VendorCalendar) -> str:
    from connector.clients.block import one_line

    return one_line(f"{one.id} {one.name}: {one.problem}")


def _heading(connection: str, one: VendorCalendar, zone: str) -> list[str]:
    """Where it comes from and when, and what it will not do by itself."""
    assert one.hours is not None
    asked = f" --timezone {zone}" if zone else ""
    lines = [
        f'"{one.name}" of {connection}, read on {datetime.now(UTC):%Y-%m-%d}:'
        f" px-connector calendar {connection} {one.id}{asked}",
        "Changes made there later do not arrive here by themselves.",
    ]
    last = max((*one.hours.holidays, *one.hours.closures), default=None)
    lines += [f"Its days off end with {last}: add later ones in time."] if last else []
    return [*lines, *([f"{one.note}."] if one.note else [])]
