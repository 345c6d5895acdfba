"""The command `audit`: who did what, and why, as the operations page tells it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from connector.cli.console import fail, out, print_json, printable
from connector.cli.daemon import AsJson, ConfigDir
from connector.errors import ConfigErrors, ConnectorError


def register(app: typer.Typer) -> None:
    app.command()(audit)


def audit(
    limit: Annotated[int, typer.Option(help="How many, the newest first.", min=1, max=100_000)] = 100,
    config: ConfigDir = Path("config"),
    as_json: AsJson = False,
) -> None:
    """Show what people did: retries, drops, rulings. With --json one JSON document a line.

    Example:

      px-connector audit --limit 20 --config /etc/px-connector
    """
    from connector import ticketlog
    from connector.history import upkeep
    from connector.settings import load_settings

    try:
        deeds = asyncio.run(upkeep.deeds(load_settings(config).store, limit))
    except (ConfigErrors, ConnectorError) as error:
        fail(error)
    for deed in deeds:
        body = {
            "at": ticketlog.iso(deed.at),
            "by": deed.by.name,
            "role": deed.by.role,
            "what": deed.what,
            "connection": deed.conn,
            "subject": deed.subject,
            "why": deed.by.why,
        }
        if as_json:
            print_json(body)
            continue
        about = " ".join(filter(None, (deed.conn, deed.subject)))
        why = f": {deed.by.why}" if deed.by.why else ""
        text = f"{deed.at:%Y-%m-%d %H:%M} UTC  {deed.by.name} ({deed.by.role})  {deed.what}  {about}{why}"
        out.print(printable(text), markup=False, soft_wrap=True)
    if not deeds and not as_json:
        out.print("nobody has done anything yet")
