"""`doctor --canary`: shows the ticket, asks, carries the test write out, and says what was seen."""

from __future__ import annotations

import asyncio
import getpass
import sys
from asyncio import sleep
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from connector.cli.console import complain, err, fail, out, print_json, safe
from connector.errors import ConfigError, ConfigErrors, ConnectorError

if TYPE_CHECKING:
    from connector.clients import ClientBook
    from connector.history.canary.course import Course
    from connector.history.canary.ready import Ready
    from connector.history.canary.report import Outcome
    from connector.psa.port import Psa
    from connector.settings import Settings
    from connector.store.store import Store

WATCH_S = 120


def canary(config: Path, name: str, ticket: str, watch_s: int, yes: bool, as_json: bool) -> None:
    """Exit 0 when it passed, 1 when it did not or could not be carried out, 2 where nobody has agreed."""
    from connector.clients import load_clients
    from connector.settings import load_settings

    if not yes and (as_json or not _can_ask()):
        raise typer.BadParameter("nobody can be asked here: look at the ticket, then add --yes")
    try:
        settings = load_settings(config)
        book = load_clients(config)
        for error in book.errors:
            complain(f"{error}; this file's fields are left out: once mended they may ask for another canary")
        outcome = asyncio.run(_fly(settings, book, name, ticket.strip(), watch_s, yes))
    except (ConfigErrors, ConnectorError) as error:
        fail(error)
    except KeyboardInterrupt:
        raise typer.Exit(1) from None
    if outcome is None:
        err.print("Nothing was written.")
        raise typer.Exit(1)
    if as_json:
        print_json({"canary": outcome.as_json()})
    else:
        _show(outcome)
    if not outcome.passed:
        raise typer.Exit(1)


def _can_ask() -> bool:
    return sys.stdin.isatty()


def _now() -> datetime:
    return datetime.now(UTC)


async def _fly(
    settings: Settings, book: ClientBook, name: str, ticket: str, watch_s: int, yes: bool
) -> Outcome | None:
    """None where a person said no."""
    from connector.clients.captions import of_connection
    from connector.history.canary.course import Course
    from connector.history.canary.ready import made_ready
    from connector.history.canary.setup import Setup
    from connector.store.store import Store

    one, policies = settings.connections[name], of_connection(book, name)
    setup = Setup.of(one).whole(policies)
    store = await Store.open(settings.store)
    try:
        with err.status("") as status:

            def tell(doing: str) -> None:
                status.update(safe(f"{name}: {doing}"))

            async with made_ready(name, one, policies, store, ticket, now=_now, tell=tell) as ready:
                status.stop()
                if not _agreed(ready, watch_s, yes):
                    return None
                status.start()
                async with _listening(settings, store, name, ready.psa) as calls:
                    course = Course(
                        name=name,
                        psa=ready.psa,
                        store=store,
                        by=_user(),
                        setup=setup,
                        watch=timedelta(seconds=watch_s),
                        calls=calls,
                        now=_now,
                        tell=tell,
                        sleep=sleep,
                    )
                    return await _carried_out(course, ready)
    finally:
        await store.close()


async def _carried_out(course: Course, ready: Ready) -> Outcome:
    try:
        return await course.fly(ready.aim, ready.sight)
    except asyncio.CancelledError:
        complain(f"broken off; {course.flight.stuck or 'the field has its former value again'}")
        raise


@asynccontextmanager
async def _listening(settings: Settings, store: Store, name: str, psa: Psa) -> AsyncIterator[bool]:
    """Webhooks are heard, if there are to be any: by the daemon, which has our port then, or here."""
    from connector.app import listen
    from connector.clients import ClientBook
    from connector.daemon.health import Health
    from connector.web.deps import WebDeps
    from connector.web.ears import ears

    if not settings.hook_url(name):
        yield False
        return
    try:
        door = listen(settings.web.host, settings.web.port)
    except ConfigError:
        yield True
        return
    deps = WebDeps(
        store=store,
        connections={name: psa},
        health=Health(),
        clients=ClientBook,
        wake=lambda _name: None,
        now=_now,
        token=None,
    )
    async with ears(deps, door):
        yield True


def _agreed(ready: Ready, watch_s: int, yes: bool) -> bool:
    """Shows what will be done to which ticket; whether a person agrees."""
    from connector.history.canary.aim import doubts, summary
    from connector.history.canary.sight import cut

    for row, problem in ready.left:
        told = f"still there: {problem}" if problem else "put back now"
        err.print(
            f"A canary of {row.at:%Y-%m-%d %H:%M} UTC on ticket {row.ticket_id} was broken off; {safe(told)}"
        )
    for what, value in summary(ready.sight):
        err.print(f"{what:>10}  {safe(value)}", soft_wrap=True)
    for doubt in doubts(ready.sight, _now()):
        err.print(f"[yellow]is this a test ticket? {safe(doubt)}[/yellow]", soft_wrap=True)
    aim = ready.aim
    was, wrote = safe(cut(aim.was)), safe(cut(aim.wrote))
    err.print(
        f"{aim.flag} shows {was}; for {watch_s} s it will show {wrote}, then {was} again.", soft_wrap=True
    )
    return yes or typer.confirm("Write to this ticket?", default=False, err=True)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"


def _show(outcome: Outcome) -> None:
    from connector.cli.doctor import table

    out.print(table(outcome.findings))
    if outcome.passed:
        out.print(f"\nThe canary of {safe(outcome.connection)} has passed: it may have write_back: true.")
    elif any(one.code == "canary-customer" for one in outcome.findings):
        out.print(
            "\n[bold red]THE CANARY HAS FAILED: A CUSTOMER WAS WRITTEN TO. Leave writes off.[/bold red]"
        )
    else:
        out.print("\n[red]The canary has failed: leave writes off until this is mended.[/red]")
