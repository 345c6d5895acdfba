"""The command `notify`: what people were told and what not, and whether a channel works."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.console import fail, out, print_json, printable, safe, who
from connector.cli.daemon import AsJson, ConfigDir
from connector.errors import ConfigError, ConfigErrors, ConnectorError

if TYPE_CHECKING:
    from connector.settings import Settings
    from connector.store.notices import Notice, Sending

    Row = tuple[Notice, Sending | None]


class Shown(StrEnum):
    held = "held"
    owed = "owed"
    sent = "sent"
    dead = "dead"
    suppressed = "suppressed"


def register(app: typer.Typer) -> None:
    app.command()(notify)


def notify(
    test: Annotated[str, typer.Option(metavar="CHANNEL", help="Send this channel a test now.")] = "",
    retry: Annotated[str, typer.Option(metavar="ID", help="Try a dead message again: its id.")] = "",
    state: Annotated[Shown | None, typer.Option(help="Only those of this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 50,
    config: ConfigDir = Path("config"),
    as_json: AsJson = False,
) -> None:
    """List what people were told outside of the PSA and what not, with the reason; or try a channel.

    Examples:

      px-connector notify --test dispatch

      px-connector notify --state suppressed --json

      px-connector notify --state dead

      px-connector notify --retry s3f0c2a9d11b7e4d05c66
    """
    from connector.settings import load_settings

    try:
        settings = load_settings(config)
        if test:
            _tested(settings, test, config, as_json)
        elif retry:
            _retried(settings, retry, as_json)
        else:
            _list(asyncio.run(_listed(settings.store, state, limit)), as_json)
    except (ConfigErrors, ConnectorError) as error:
        fail(error)


def _tested(settings: Settings, channel: str, config: Path, as_json: bool) -> None:
    from connector.daemon.notices.sending import Channels, trial

    known = settings.notify.channels
    if channel not in known:
        there = ", ".join(sorted(known)) or "none"
        raise ConfigError(f"no channel {channel!r}; there are: {there}", file=config / "connector.yaml")
    now = datetime.now(UTC)
    sending, notices = trial(channel, now)
    asyncio.run(Channels(known, settings.mail).send(sending, notices, now))
    if as_json:
        print_json({"channel": channel, "kind": known[channel].kind, "taken": True})
        return
    out.print(printable(f"{channel} ({known[channel].kind}) has taken a test"), markup=False)


def _retried(settings: Settings, id: str, as_json: bool) -> None:
    if not asyncio.run(_retry(settings.store, id)):
        raise ConfigError(f"no dead message has the id {id!r}: see px-connector notify --state dead")
    if as_json:
        print_json({"id": id, "state": "owed"})
        return
    out.print(printable(f"{id} is tried again"), markup=False)


async def _retry(store_url: str, id: str) -> bool:
    from connector.history import upkeep
    from connector.store.audit import Doer
    from connector.store.store import Store

    store = await Store.open(store_url)
    try:
        async with store.begin() as tx:
            return await upkeep.tell_again(tx, id, Doer(name=who(), role="command line"), datetime.now(UTC))
    finally:
        await store.close()


async def _listed(store_url: str, state: Shown | None, limit: int) -> list[Row]:
    from connector.store import notices
    from connector.store.store import Store

    store = await Store.open(store_url)
    try:
        async with store.read() as tx:
            return await notices.listed(tx, state=state.value if state else "", limit=limit)
    finally:
        await store.close()


def _list(rows: Sequence[Row], as_json: bool) -> None:
    from rich.table import Table

    from connector.daemon.notices.told import head

    if as_json:
        for notice, sending in rows:
            print_json(_as_json(notice, sending))
        return
    if not rows:
        out.print("nobody was told of anything")
        return
    table = Table("when", "channel", "state", "client", "ticket", "what", "", box=None, pad_edge=False)
    for notice, sending in rows:
        why = (sending.error if sending else "") or notice.why
        if notice.state == "held" and notice.due_at:
            why = f"{why}, until {notice.due_at:%Y-%m-%d %H:%M}"
        if sending and sending.state == "dead":
            why = f"{why} ({sending.id})"
        stood = sending.state if sending else notice.state
        cells = (notice.channel, stood, notice.client, notice.ticket_id, head(notice), why)
        table.add_row(f"{notice.at:%Y-%m-%d %H:%M}", *(safe(cell) for cell in cells))
    out.print(table)


def _as_json(notice: Notice, sending: Sending | None) -> dict[str, Any]:
    from connector import ticketlog

    return {
        "id": notice.id,
        "channel": notice.channel,
        "state": sending.state if sending else notice.state,
        "event": notice.event,
        "connection": notice.conn,
        "client": notice.client or None,
        "ticket": notice.ticket_id or None,
        "line": notice.said.get("line", ""),
        "at": ticketlog.iso(notice.at),
        "over_at": ticketlog.iso(notice.over_at),
        "due_at": ticketlog.iso(notice.due_at),
        "why": notice.why,
        "message": sending.id if sending else None,
        "kind": sending.kind if sending else None,
        "attempts": sending.attempts if sending else 0,
        "error": sending.error if sending else "",
        "sent_at": ticketlog.iso(sending.sent_at) if sending else None,
    }
