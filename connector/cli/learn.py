"""`px-connector learn`: fit the risk model now, and show what it knows."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer

from connector.cli.console import fail, out, print_json
from connector.cli.daemon import AsJson, ConfigDir
from connector.errors import ConfigErrors, ConnectorError


def register(app: typer.Typer) -> None:
    app.command()(learn)


def learn(config: ConfigDir = Path("config"), as_json: AsJson = False) -> None:
    """Learn from the store's own tickets how likely promises are missed. The daemon does it daily by itself.

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
        print_json({name: model.to_json() for name, model in found.items()})
        return
    for name, model in found.items():
        if not model.buckets:
            out.print(f"{name}: too few finished tickets; the risk is the share of time used", markup=False)
        for bucket, one in model.buckets.items():
            text = f"{name}: {bucket} was missed by {one.base:.1%} of {one.tickets} tickets"
            out.print(f"{text}, {len(one.speeds)} groups compared", markup=False)


async def _learn(settings: Any, config: Path) -> dict[str, Any]:
    from connector.clients import load_clients
    from connector.history.learning import learn
    from connector.store.store import Store

    book, now = load_clients(config), datetime.now(UTC).replace(microsecond=0)
    store = await Store.open(settings.store)
    try:
        return {name: await learn(store, name, book, now) for name in settings.connections}
    finally:
        await store.close()
