"""The command `plan`: what became of each client's promise, and a person's word on it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.console import fail, out, print_json, printable, safe, who
from connector.cli.daemon import AsJson, ConfigDir
from connector.errors import ConfigErrors, ConnectorError

if TYPE_CHECKING:
    from connector.history.promises import Standing
    from connector.rules.contract import Confirmation

Client = Annotated[str, typer.Argument(metavar="CLIENT", help="The client, as its file names it.")]
By = Annotated[str, typer.Option(help="Who says so.")]
Why = Annotated[str, typer.Option(help="Why, in a few words.")]

plan = typer.Typer(
    help="""Reviews, improvement plans, rights to leave: how they stand, and your word on them.

    Examples:

      px-connector plan list

      px-connector plan confirm "Acme Dental" --by Dana --why "agreed in the review"
    """,
)


def register(app: typer.Typer) -> None:
    app.add_typer(plan, name="plan")


@plan.command("list")
def list_(config: ConfigDir = Path("config"), as_json: AsJson = False) -> None:
    """How every client's promise stands.

    Example:

      px-connector plan list --config /etc/px-connector
    """
    from connector.history import promises

    found = _run(promises.standings(_store(config), config, _now()))
    if as_json:
        print_json([one.as_json() for one in found])
    else:
        _show(found)


@plan.command()
def confirm(
    client: Client, by: By, why: Why = "", config: ConfigDir = Path("config"), as_json: AsJson = False
) -> None:
    """Open the improvement plan that `px.plan: guarded` holds back. The daemon does it at its next look.

    Example:

      px-connector plan confirm "Acme Dental" --by Dana --why "agreed in the review"
    """
    from connector.history import promises

    name = _run(promises.confirm(_store(config), config, client, _word(by, why)))
    _say(name, "plan confirmed", f"the improvement plan of {name} opens within a quarter of an hour", as_json)


@plan.command("close-review")
def close_review(
    client: Client, by: By, why: Why = "", config: ConfigDir = Path("config"), as_json: AsJson = False
) -> None:
    """The service review has been held. Another opens only once PX has been at its target in between.

    Example:

      px-connector plan close-review "Acme Dental" --by Dana --why "held on Friday, with the owner"
    """
    from connector.history import promises

    name = _run(promises.close(_store(config), config, client, _word(by, why)))
    _say(name, "review closed", f"the review of {name} is closed", as_json)


@plan.command("end-release")
def end_release(
    client: Client, by: By, why: Why = "", config: ConfigDir = Path("config"), as_json: AsJson = False
) -> None:
    """The client's right to leave is over, as agreed with the client.

    Example:

      px-connector plan end-release "Acme Dental" --by Dana --why "they stay, new terms signed"
    """
    from connector.history import promises

    name = _run(promises.end(_store(config), config, client, _word(by, why)))
    _say(name, "release ended", f"the right to leave of {name} has ended", as_json)


@plan.command()
def retry(client: Client, config: ConfigDir = Path("config"), as_json: AsJson = False) -> None:
    """Have the tickets and notes tried again that the PSA refused, after you have mended why.

    Example:

      px-connector plan retry "Acme Dental"
    """
    from connector.history import promises
    from connector.store.audit import Doer

    by = Doer(name=who(), role="command line")
    number = _run(promises.retry(_store(config), config, client, by, _now()))
    _say(client, "tried again", f"tried again: {number}", as_json, number=number)


def _word(by: str, why: str) -> Confirmation:
    from connector.rules.contract import Confirmation

    if not by.strip():
        raise typer.BadParameter("say who, with --by NAME")
    return Confirmation(by=by.strip(), at=_now(), why=why.strip())


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _store(config: Path) -> str:
    from connector.settings import load_settings

    try:
        return load_settings(config).store
    except (ConfigErrors, ConnectorError) as error:
        fail(error)


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    try:
        return asyncio.run(work)
    except (ConfigErrors, ConnectorError) as error:
        fail(error)


def _say(client: str, what: str, text: str, as_json: bool, **more: Any) -> None:
    if as_json:
        print_json({"client": client, "done": what, **more})
    else:
        out.print(printable(text), markup=False, soft_wrap=True)


def _show(found: Sequence[Standing]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in ("client", "PX", "promised", "review", "plan", "right to leave"):
        table.add_column(heading)
    for one in found:
        said = one.as_json()
        until = f" until {said['plan_until'][:10]}" if said["plan_until"] else ""
        waits = "held back: chance could explain it" if said["plan_waits"] else "-"
        table.add_row(
            safe(said["client"]),
            said["px"] or "no answers",
            f"{said['target']:g} %",
            f"since {said['review_since'][:10]}" if said["review_since"] else "-",
            f"since {said['plan_since'][:10]}{until}" if said["plan_since"] else waits,
            f"since {said['release_since'][:10]}" if said["release_since"] else "-",
        )
    out.print(table)
    for one in found:
        for errand in one.refused:
            text = f"refused by {one.conn}: {(errand.summary or errand.text)[:60]}: {errand.error}"
            out.print(printable(text), markup=False, soft_wrap=True)
    if not found:
        out.print("no clients")
