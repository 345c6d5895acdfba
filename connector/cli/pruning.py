"""The command `store prune`: what connector.yaml's `retention` lets go, now and not only once a day."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.console import fail, out, print_json
from connector.cli.daemon import AsJson, ConfigDir
from connector.cli.store import run
from connector.errors import ConfigErrors, ConnectorError

if TYPE_CHECKING:
    from connector.store.whole.prune import Keep


def prune(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would go.")] = False,
    config: ConfigDir = Path("config"),
    as_json: AsJson = False,
) -> None:
    """Let go of tickets and ratings that were over longer ago than connector.yaml's `retention` says.

    The daemon does the same once a day. Without `retention` everything is kept.

    Examples:

      px-connector store prune --dry-run

      px-connector store prune --config /etc/px-connector
    """
    from connector.settings import load_settings
    from connector.store.whole.prune import Keep

    try:
        settings = load_settings(config)
    except (ConfigErrors, ConnectorError) as error:
        fail(error)
    keep = Keep.days(settings.retention.tickets_days, settings.retention.ratings_days)
    gone = run(_gone(settings.store, list(settings.connections), keep, dry=dry_run))
    if as_json:
        print_json({"rows": dict(sorted(gone.items())), "dry_run": dry_run})
        return
    for table, number in sorted(gone.items()):
        out.print(f"{number:>8,}  {table}")
    if keep == Keep():
        out.print("everything is kept: connector.yaml has no `retention`")
    else:
        out.print(f"{gone.total():,} rows {'would go: leave out --dry-run' if dry_run else 'are gone'}")


async def _gone(url: str, conns: list[str], keep: Keep, *, dry: bool) -> Counter[str]:
    from connector.store.store import Store
    from connector.store.whole.prune import planned
    from connector.store.whole.prune import prune as let_go

    store = await Store.open(url)
    try:
        return await (planned if dry else let_go)(store, conns, keep, datetime.now(UTC))
    finally:
        await store.close()
