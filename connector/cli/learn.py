"""`px-connector learn`: fit the risk model now, show what it knows, and who mostly sends stock texts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from connector.cli.console import fail, out, print_json, safe
from connector.cli.daemon import AsJson, ConfigDir
from connector.errors import ConfigErrors, ConnectorError

if TYPE_CHECKING:
    from connector.rules.authorship.habits import Habit
    from connector.rules.risk import Model


def register(app: typer.Typer) -> None:
    app.command()(learn)


def learn(config: ConfigDir = Path("config"), as_json: AsJson = False) -> None:
    """Learn from the store's own tickets how likely promises are missed, and list
    who of the desk mostly sends stock texts: a machine that writes in a person's
    name is found so. The daemon learns the first daily by itself.

    Example:

      px-connector learn --config /etc/px-connector
    """
    from connector.logs import configure_logging
    from connector.settings import load_settings

    try:
        settings = load_settings(config)
        configure_logging(settings.log.format, "warning")
        found = asyncio.run(_learn(settings, config))
    except (ConfigErrors, ConnectorError) as error:
        fail(error)
    if as_json:
        people = {name: [_as_json(habit) for habit in habits] for name, (_, habits) in found.items()}
        print_json({name: {**model.to_json(), "people": people[name]} for name, (model, _) in found.items()})
        return
    for name, (model, habits) in found.items():
        if not model.buckets:
            out.print(f"{name}: too few finished tickets; the risk is the share of time used", markup=False)
        for bucket, one in model.buckets.items():
            text = f"{name}: {bucket} was missed by {one.base:.1%} of {one.tickets} tickets"
            out.print(f"{text}, {len(one.speeds)} groups compared", markup=False)
        _show(name, habits)


async def _learn(settings: Any, config: Path) -> dict[str, tuple[Model, Sequence[Habit]]]:
    from connector.clients import load_clients
    from connector.history.habits import habits
    from connector.history.learning import learn
    from connector.store.store import Store

    book, now = load_clients(config), datetime.now(UTC).replace(microsecond=0)
    store = await Store.open(settings.store)
    try:
        return {
            name: (await learn(store, name, book, now), await habits(store, name, book))
            for name in settings.connections
        }
    finally:
        await store.close()


def _as_json(habit: Habit) -> dict[str, Any]:
    from connector.rules.authorship.templates import author_of

    return {
        "author": author_of(habit.actor),
        "name": habit.actor.name,
        "cause": habit.cause,
        "why": habit.why,
        "notes": habit.notes,
        "stock": habit.stock,
        "share": round(habit.share, 4),
        "asks": habit.asks,
        "sample": str(habit.sample or ""),
    }


def _show(name: str, habits: Sequence[Habit]) -> None:
    """Everybody who wrote enough to be judged, then what to do about those who ask for it."""
    from rich.table import Table

    from connector.rules.authorship.habits import ENOUGH, SHARE
    from connector.rules.authorship.templates import author_of

    often = [habit for habit in habits if habit.notes >= ENOUGH]
    if often:
        table = Table("who", "taken for", "notes", "stock texts", "most used", box=None, pad_edge=False)
        for habit in often:
            actor = habit.actor
            who = f"{actor.name} ({actor.id})" if actor.name and actor.id else author_of(actor)
            share = "–" if habit.actor.kind == "automation" else f"{habit.share:.0%}"
            kind = {"human": "person", "automated": "machine"}.get(habit.cause, habit.cause)
            taken = f"{kind} ({habit.why})"
            cells = (
                who,
                taken,
                str(habit.notes),
                share + (" ?" if habit.asks else ""),
                str(habit.sample or "")[:80],
            )
            table.add_row(*(safe(cell) for cell in cells))
        out.print(table)
    rest = len(habits) - len(often)
    if rest:
        out.print(f"{name}: {rest} more wrote fewer than {ENOUGH} notes", markup=False)
    asked = [habit for habit in often if habit.asks]
    if asked:
        out.print(
            f"?: more than {SHARE:.0%} stock texts. Is it a person? If not: "
            f"px-connector rule --author {author_of(asked[0].actor)} --cause automated --by NAME; "
            "if so: --cause human",
            markup=False,
            soft_wrap=True,
        )
