"""How the day ended: what each PSA says, what the customers felt, and the flags as the PSA shows them now.

The flags are read back from the PSAs over HTTP, not from our store: what is not there has not arrived.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.cli.console import complain, out, safe
from connector.cli.demo.desks import Desk, Site
from connector.errors import ConnectorError

if TYPE_CHECKING:
    from connector.app import Connector
    from connector.history.lookup import Found


@dataclass(frozen=True, slots=True)
class Row:
    """One ticket of the day: our account of it, the flags we want, the flags the PSA shows."""

    desk: Desk
    found: Found
    desired: Mapping[str, str]
    shown: Mapping[str, str]

    def missing(self) -> list[str]:
        """What did not arrive, a sentence for each flag."""
        if not any(self.shown.values()):
            return ["the PSA shows no flag at all"]
        return [
            f"{flag} should be '{value}', the PSA shows '{self.shown.get(flag, '')}'"
            for flag, value in self.desired.items()
            if self.shown.get(flag, "") != value
        ]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The rows, desk by desk, and everything that did not arrive, each naming its PSA and ticket."""

    rows: Sequence[Row]
    problems: Sequence[str]


async def read_back(connector: Connector, sites: Sequence[Site]) -> Outcome:
    """The day's tickets as every PSA shows them now."""
    rows, problems = [], []
    for site in sites:
        for ticket in dict.fromkeys(str(step.ticket) for step in site.steps):
            try:
                row = await _row(connector, site, ticket)
            except ConnectorError as error:
                problems.append(f"{site.desk.psa}, ticket {ticket}: {error}")
                continue
            rows.append(row)
            client = row.found.ticket.client
            problems += [f"{site.desk.psa}, ticket {ticket} ({client}): {what}" for what in row.missing()]
    return Outcome(rows, problems)


async def _row(connector: Connector, site: Site, ticket: str) -> Row:
    from connector.history.lookup import account

    name = site.desk.name
    psa = connector.supervisor.connections[name].psa
    found = await account(connector.store, connector.rules.book, name, ticket, site.world.now())
    written = await psa.read_flags([ticket])
    shown = {str(flag): value for flag, value in written[ticket].flags.items()} if ticket in written else {}
    desired = {str(flag): value for flag, value in psa.shown(found.assessment.flags).items()}
    return Row(site.desk, found, desired, shown)


def show(rows: Sequence[Row]) -> None:
    """The table: both clocks and the flags, desk by desk."""
    from rich.table import Table

    from connector.history.explain import customer_felt, psa_says

    table = Table(title="The day at three desks, as each PSA says it and as the customers felt it")
    table.show_lines = True
    for heading in (
        "desk, PSA",
        "client, ticket",
        "PSA says",
        "customer felt",
        "flags now on the ticket (read back from the PSA)",
    ):
        table.add_column(heading, overflow="fold")
    for row in rows:
        ticket = row.found.ticket
        table.add_row(
            f"{row.desk.name}\n{row.desk.psa}",
            f"{safe(ticket.client)}\n{ticket.id} {safe(ticket.summary)}",
            psa_says(row.found.assessment, ticket, row.found.policy),
            customer_felt(row.found.assessment),
            _flags(row.shown),
        )
    out.print(table)


def _flags(shown: Mapping[str, str]) -> str:
    from connector.cli.telling import COLOURS

    zone = shown.get("zone", "")
    risk = "AT RISK  " if shown.get("at_risk") == "Yes" else ""
    light = f"[{COLOURS.get(zone, 'white')}]{safe(zone) or '–'}[/]"
    melon = f"\nwatermelon: {safe(shown['watermelon'])}" if shown.get("watermelon") else ""
    return f"{risk}{light}  {safe(shown.get('px', ''))}\n{safe(shown.get('why', ''))}{melon}"


def verdict(outcome: Outcome) -> bool:
    """Says whether every flag arrived in every PSA, or which did not."""
    for problem in outcome.problems:
        complain(problem)
    if outcome.problems or not outcome.rows:
        complain("the flags did not arrive")
        return False
    counts = Counter(row.desk.psa for row in outcome.rows)
    each = ", ".join(f"{count} in {psa}" for psa, count in counts.items())
    out.print(f"{len(outcome.rows)} tickets carry their flags ({each}); every one reads back as it should.")
    return True
