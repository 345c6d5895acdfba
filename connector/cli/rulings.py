"""The command `rule`: a person's word on an author or a text, kept with who, when and why."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from connector.cli.console import err, fail, out, print_json, printable
from connector.cli.daemon import AsJson, ConfigDir
from connector.errors import ConfigErrors, ConnectorError

if TYPE_CHECKING:
    from connector.history.rulings import Made
    from connector.store.rulings import KeptRuling


def register(app: typer.Typer) -> None:
    app.command()(rule)


def rule(
    message: Annotated[
        str | None, typer.Argument(metavar="MESSAGE_KEY", help="A message, as `explain` names it: note:12")
    ] = None,
    author: Annotated[str | None, typer.Option(help="Or an author: their id in the PSA.")] = None,
    cause: Annotated[Literal["human", "automated"] | None, typer.Option(help="Who causes it.")] = None,
    content: Annotated[
        Literal["boilerplate", "specific"] | None,
        typer.Option(help="What it says; specific: not a template."),
    ] = None,
    by: Annotated[str | None, typer.Option(help="Who says so.")] = None,
    why: Annotated[str, typer.Option(help="Why, in a few words.")] = "",
    withdraw: Annotated[int | None, typer.Option(help="Take back the ruling of this number.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="Show every ruling made.")] = False,
    ticket: Annotated[str | None, typer.Option(help="If several tickets have such a message.")] = None,
    connection: Annotated[str | None, typer.Option(help="If there are several PSAs.")] = None,
    config: ConfigDir = Path("config"),
    as_json: AsJson = False,
) -> None:
    """Say what a message or an author is. It stands above every rule, now and for later messages.

    A ruling on a message holds for texts like it by the same author; one on an author for all they write.

    Examples:

      px-connector rule note:4711 --content boilerplate --by Dana --why "our chaser" --config /etc/px

      px-connector rule --author 29 --cause automated --by Dana --why "the RMM's account"

      px-connector rule --list
    """
    from connector.history import rulings
    from connector.settings import load_settings

    _check(message, author, cause or content, by, withdraw, list_)
    now = datetime.now(UTC).replace(microsecond=0)
    try:
        settings = load_settings(config)
        if list_:
            _show_all(asyncio.run(rulings.every(settings.store)), as_json)
            return
        assert by is not None
        if withdraw is not None:
            kept = asyncio.run(rulings.withdraw(settings.store, withdraw, by, now))
            _say({"withdrawn": kept.id}, f"ruling {kept.id} is withdrawn", as_json)
            return
        word = rulings.Word(by=by, cause=cause, content=content, why=why)
        if message is not None:
            made = asyncio.run(
                rulings.on_message(settings.store, message, word, now, connection=connection, ticket=ticket)
            )
        else:
            where = rulings.only_connection(connection, settings.connections.keys())
            made = asyncio.run(rulings.on_author(settings.store, where, author or "", word, now))
    except (ConfigErrors, ConnectorError) as error:
        fail(error)
    _say(_made_json(made), _made_text(made), as_json)
    if not made.known:
        author = printable(made.ruling.author)
        text = (
            f"note: nobody with the id '{author}' has done anything yet; `px-connector learn` lists who has"
        )
        err.print(text, markup=False, soft_wrap=True)


def _check(
    message: str | None,
    author: str | None,
    said: str | None,
    by: str | None,
    withdraw: int | None,
    list_: bool,
) -> None:
    """Wrong usage ends with 2."""
    about = [one for one in (message, author, withdraw, True if list_ else None) if one is not None]
    if len(about) != 1:
        raise typer.BadParameter("name a message key, or --author, or --withdraw, or --list: one of them")
    if not list_ and not (by or "").strip():
        raise typer.BadParameter("say who rules, with --by NAME")
    if (message is not None or author is not None) and said is None:
        raise typer.BadParameter("say what it is, with --cause or --content")
    if author is not None and not author.strip():
        raise typer.BadParameter("--author: expected an id")


def _say(body: dict[str, Any], text: str, as_json: bool) -> None:
    if as_json:
        print_json(body)
    else:
        out.print(printable(text), markup=False, soft_wrap=True)


def _made_json(made: Made) -> dict[str, Any]:
    ruling = made.ruling
    return {
        "ruling": made.number,
        "connection": made.connection,
        "author": ruling.author,
        "text": made.sample,
        "cause": ruling.cause,
        "content": ruling.content,
        "tickets": made.concerned,
        "known": made.known,
    }


def _made_text(made: Made) -> str:
    ruling = made.ruling
    verdict = " and ".join(one for one in (ruling.cause, ruling.content) if one)
    what = f"texts like “{made.sample[:60]}” by {ruling.author or 'an unknown author'}"
    about = what if ruling.lines else f"all that {ruling.author} writes"
    tickets = "1 open ticket is" if made.concerned == 1 else f"{made.concerned} open tickets are"
    return f"ruling {made.number}: {about} on {made.connection} is {verdict}; {tickets} judged again"


def _show_all(kept: Sequence[KeptRuling], as_json: bool) -> None:
    from connector import ticketlog

    for one in kept:
        ruling = one.ruling
        body = {
            "ruling": one.id,
            "connection": one.conn,
            "author": ruling.author,
            "text": one.sample,
            "cause": ruling.cause,
            "content": ruling.content,
            "by": ruling.by,
            "at": ticketlog.iso(ruling.at),
            "why": ruling.why,
            "withdrawn_by": one.withdrawn_by,
            "withdrawn_at": ticketlog.iso(one.withdrawn_at),
        }
        verdict = " and ".join(part for part in (ruling.cause, ruling.content) if part)
        about = f"“{one.sample[:60]}” by {ruling.author}" if ruling.lines else f"author {ruling.author}"
        gone = f"; withdrawn by {one.withdrawn_by}, {one.withdrawn_at:%Y-%m-%d}" if one.withdrawn_at else ""
        why = f": {ruling.why}" if ruling.why else ""
        text = f"{one.id}  {one.conn}  {about}: {verdict}  ({ruling.by}, {ruling.at:%Y-%m-%d}{why}{gone})"
        _say(body, text, as_json)
    if not kept and not as_json:
        out.print("no rulings yet")
