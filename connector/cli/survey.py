"""The commands `survey list` and `survey annual`: who was asked and who not, and the yearly questionnaire."""

from __future__ import annotations

import asyncio
import csv
import io
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.console import err, fail, out, print_json, printable, safe
from connector.cli.daemon import AsJson, ConfigDir
from connector.errors import ConfigError, ConfigErrors, ConnectorError, Rejected

if TYPE_CHECKING:
    from connector.rules.policy import Policy
    from connector.rules.surveylinks import Links
    from connector.settings import Settings
    from connector.store.surveys import Survey

survey = typer.Typer(
    help="""Our own survey: who was asked and who not, and the yearly questionnaire.

    Examples:

      px-connector survey list --skipped

      px-connector survey annual "Acme Dental" staff.csv --out links.csv
    """,
)


def register(app: typer.Typer) -> None:
    app.add_typer(survey, name="survey")


@survey.command("list")
def list_(
    client: Annotated[str, typer.Option(help="Only this client's, by the name of its file.")] = "",
    connection: Annotated[str, typer.Option(help="Only of this PSA.")] = "",
    skipped: Annotated[
        bool, typer.Option("--skipped", help="Only those not asked, with the reason.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 50,
    config: ConfigDir = Path("config"),
    as_json: AsJson = False,
) -> None:
    """List who was asked about which ticket, what became of it, and why others were not asked.

    Examples:

      px-connector survey list --client "Acme Dental"

      px-connector survey list --skipped --json
    """
    from connector.settings import load_settings

    try:
        settings = load_settings(config)
        links = settings.survey.links() if settings.survey else None
        found = asyncio.run(_listed(settings.store, client, connection, skipped, limit))
    except (ConfigErrors, ConnectorError) as error:
        fail(error)
    if as_json:
        now = datetime.now(UTC)
        for one in found:
            print_json(_as_json(one, links, now))
        return
    _table(found)
    if not found:
        out.print("nobody was asked, and nobody was left out" if not skipped else "nobody was left out")


async def _listed(store_url: str, client: str, connection: str, skipped: bool, limit: int) -> list[Survey]:
    from connector.store import surveys
    from connector.store.store import Store

    store = await Store.open(store_url)
    try:
        async with store.read() as tx:
            states: tuple[surveys.State, ...] = ("skipped",) if skipped else ()
            return await surveys.listed(tx, conn=connection, client=client, states=states, limit=limit)
    finally:
        await store.close()


def _as_json(one: Survey, links: Links | None, now: datetime) -> dict[str, Any]:
    """`link` is there as long as it can be answered, for tools that send their own mail."""
    from connector import ticketlog

    open_ = one.state == "asked" and one.expires_at is not None and now < one.expires_at
    times = {"expires_at": one.expires_at, "answered_at": one.answered_at, "mailed_at": one.mailed_at}
    return {
        "connection": one.conn,
        "ticket": one.ticket_id,
        "client": one.client,
        "contact": one.contact,
        "kind": one.kind,
        "state": one.state,
        "why": one.why,
        "at": ticketlog.iso(one.at),
        "score": one.score,
        "scale": one.scale,
        **{name: ticketlog.iso(at) if at else None for name, at in times.items()},
        "link": links.link(one.link, one.expires_at) if links and open_ and one.expires_at else None,
    }


def _table(found: Sequence[Survey]) -> None:
    from rich.table import Table

    if not found:
        return
    table = Table("when", "client", "ticket", "who", "", "", box=None, pad_edge=False)
    for one in found:
        about = one.ticket_id or "yearly"
        said = one.why or (f"{one.score} of {one.scale}" if one.score else "")
        cells = (one.client, about, one.contact, one.state, said)
        table.add_row(f"{one.at:%Y-%m-%d %H:%M}", *(safe(cell) for cell in cells))
    out.print(table)


@survey.command()
def annual(
    client: Annotated[str, typer.Argument(help="The client, by the name of its file.")],
    contacts: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV with a column `email`.")],
    year: Annotated[int | None, typer.Option(min=2000, max=2200, help="Of which year; this one.")] = None,
    to: Annotated[Path | None, typer.Option("--out", help="Write the links here, not to stdout.")] = None,
    send: Annotated[bool, typer.Option("--send", help="Mail them; needs `mail` in connector.yaml.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be done.")] = False,
    config: ConfigDir = Path("config"),
    as_json: AsJson = False,
) -> None:
    """Make one link for each contact and year, and write them as CSV for a mail merge, or mail them.

    The same list again gives the same links; only who was not mailed yet is mailed.

    Examples:

      px-connector survey annual "Acme Dental" staff.csv --out links.csv

      px-connector survey annual "Acme Dental" staff.csv --send
    """
    from connector.history.annual import read_contacts, to_send
    from connector.settings import load_settings

    now = datetime.now(UTC).replace(microsecond=0)
    try:
        settings = load_settings(config)
        links, policy = _links(settings, config), _client(config, client)
        if send and settings.mail is None:
            raise ConfigError("mail: name a mail server before --send", file=config / "connector.yaml")
        read = read_contacts(contacts)
        invited = asyncio.run(_invite(settings.store, policy, read.addresses, now, year or now.year, dry_run))
        sending = to_send(invited) if send else []
        failed = asyncio.run(_send(settings, links, sending)) if sending and not dry_run else []
        made = {} if dry_run else _open(invited, links)
        if to is not None or not (send or as_json or dry_run):
            _write(made, to)
    except (ConfigErrors, ConnectorError) as error:
        fail(error)
    told = {
        "client": policy.client,
        "contacts": len(read.addresses),
        "open": sum(one.state == "asked" for one in invited),
        "answered": sum(one.state == "answered" for one in invited),
        "left_out": [one.contact for one in invited if one.state == "skipped"],
        "dry_run": dry_run,
        "mailed": len(sending) - len(failed),
        "failed": [{"contact": who, "error": why} for who, why in failed],
        "refused": [{"row": row, "error": why} for row, why in read.wrong],
        "links": made,
    }
    _tell(told, send=send, as_json=as_json)
    if failed or read.wrong:
        raise typer.Exit(1)


def _links(settings: Settings, config: Path) -> Links:
    if settings.survey is None:
        raise ConfigError(
            "survey: name a key and the address of the page; see docs/survey.md",
            file=config / "connector.yaml",
        )
    return settings.survey.links()


def _client(config: Path, name: str) -> Policy:
    from connector.clients import load_clients

    book = load_clients(config)
    for policy in book.policies:
        if policy.client.casefold() == name.casefold():
            if policy.match is None:
                raise ConfigError("match: needed, so that the answers belong to a PSA", file=policy.source)
            return policy
    known = ", ".join(policy.client for policy in book.policies) or "none"
    raise ConfigError(f"no client's file is of {name!r}; there are: {known}", file=config / "clients")


async def _invite(
    store_url: str, policy: Policy, addresses: Sequence[str], now: datetime, year: int, dry_run: bool
) -> list[Survey]:
    from connector.history.annual import invite
    from connector.store.store import Store

    assert policy.match is not None
    store = await Store.open(store_url)
    try:
        async with store.begin(of=policy.match.connection) as tx:
            invited = await invite(tx, policy.match.connection, policy, addresses, now, year=year)
            if dry_run:
                await tx.rollback()
            return invited
    finally:
        await store.close()


async def _send(settings: Settings, links: Links, sending: Sequence[Survey]) -> list[tuple[str, str]]:
    """Mail these, each remembered as soon as the server has taken it; who was refused, and why."""
    from connector.daemon.mail import Mailer
    from connector.history.annual import letter
    from connector.store import surveys
    from connector.store.store import Store

    assert settings.mail is not None
    failed = []
    store = await Store.open(settings.store)
    try:
        async with Mailer(settings.mail) as mailer:
            for one in sending:
                assert one.expires_at is not None
                now = datetime.now(UTC)
                link = links.link(one.link, one.expires_at)
                try:
                    await mailer.send(letter(one, link, settings.mail.sender, now))
                except Rejected as error:
                    failed.append((one.contact, str(error)))
                    continue
                async with store.begin(of=one.conn) as tx:
                    await surveys.mailed(tx, one.link, now)
    finally:
        await store.close()
    return failed


def _open(invited: Sequence[Survey], links: Links) -> dict[str, str]:
    """The links of those who may still answer, by address."""
    return {
        one.contact: links.link(one.link, one.expires_at)
        for one in invited
        if one.state == "asked" and one.expires_at is not None
    }


def _write(made: dict[str, str], to: Path | None) -> None:
    """`email,link`, to stdout or into a file that only we can read."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("email", "link"), *made.items()])
    if to is None:
        sys.stdout.write(text.getvalue())
        return
    try:
        to.touch(mode=0o600)
        to.chmod(0o600)  # also where it was there before
        to.write_text(text.getvalue(), encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", file=to) from None


def _tell(told: dict[str, Any], *, send: bool, as_json: bool) -> None:
    """The sum of it on stderr, so that stdout is the CSV alone; with `--json` on stdout."""
    if as_json:
        print_json(told)
        return
    would = "would be " if told["dry_run"] else ""
    mailed = f", {told['mailed']} {would}mailed" if send else ""
    text = (
        f"{told['client']}: {told['contacts']} contacts, {told['open']} {would}open, "
        f"{told['answered']} answered, {len(told['left_out'])} of the desk left out{mailed}"
    )
    err.print(printable(text), markup=False, soft_wrap=True)
    for one in told["failed"]:
        err.print(printable(f"{one['contact']}: {one['error']}"), markup=False, soft_wrap=True)
    for one in told["refused"]:
        err.print(printable(f"row {one['row']}: {one['error']}"), markup=False, soft_wrap=True)
