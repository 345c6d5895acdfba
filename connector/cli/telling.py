"""How a ticket's story looks in a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from connector.cli.console import printable, safe
from connector.history.explain import (
    clocks,
    customer_felt,
    duration,
    lines,
    local,
    psa_says,
    status_map,
    unhappiness,
)
from connector.history.keeping import promised, stopped
from connector.history.lookup import Found

COLOURS = {"green": "green", "yellow": "yellow", "orange": "dark_orange", "red": "red"}


def show(found: Found, console: Console) -> None:
    """Both clocks, the promises, the story with its verdicts, the flags and their history."""
    ticket, answer, policy = found.ticket, found.assessment, found.policy
    zone = policy.calendar.timezone
    head = f"{ticket.id}  {ticket.summary}  ·  {policy.client}  ·  {ticket.priority}  ·  {ticket.status}"
    console.print(f"[bold]{safe(head)}[/bold]")
    console.print(f"PSA says:       {psa_says(answer, ticket, policy)}")
    console.print(f"customer felt:  {customer_felt(answer)}   (times in {zone})", markup=False)
    for name, told in unhappiness(answer, ticket, policy):
        console.print(f"{name + ':':<16}{printable(told)}", markup=False, soft_wrap=True)
    console.print()
    _promises(found, console, zone)
    _story(found, console, zone)
    _word(found, console)
    _flags(found, console, zone)
    _feeling(found, console)
    _meanings(found, console)
    for finding in answer.findings:
        console.print(f"· {printable(finding)}", markup=False)
    console.print(
        f"rules: {policy.source or policy.client} ({policy.digest[:19]}…)", style="dim", markup=False
    )


def _promises(found: Found, console: Console, zone: str) -> None:
    table = Table("promise", "state", "used", "of", "due", "why", box=None, pad_edge=False)
    for _, name, clock, because in clocks(found.assessment):
        state = f"[{COLOURS[clock.zone]}]{clock.state}[/]"
        table.add_row(
            name,
            state,
            duration(clock.elapsed_min),
            duration(clock.target_min),
            local(clock.due_at, zone),
            safe(because),
        )
    console.print(table)


def _story(found: Found, console: Console, zone: str) -> None:
    table = Table("when", "what", "verdict", "key", box=None, pad_edge=False)
    for line in lines(found.assessment, found.ticket, found.ratings):
        table.add_row(local(line.at, zone), safe(line.what), safe(line.verdict), safe(line.key))
    console.print(table)


def _word(found: Found, console: Console) -> None:
    """What people promised in words, and where clocks stopped; nothing where nothing was found."""
    words, stops = promised(found.assessment), stopped(found.assessment)
    if words:
        mode = found.policy.commitments.mode
        table = Table(f"promised in words ({mode})", "by", "due", "state", "why", box=None, pad_edge=False)
        for one in words:
            table.add_row(safe(f"“{one.quote}”"), safe(one.who), one.due, one.state, safe(one.why))
        console.print(table)
    if stops:
        table = Table(
            "clock stopped", "what was seen", "at stake", "why it matters", box=None, pad_edge=False
        )
        for stop in stops:
            table.add_row(stop.at, safe(stop.text), stop.stake, stop.why)
        console.print(table)


def _feeling(found: Found, console: Console) -> None:
    if found.feeling is not None:
        first, *rest = found.feeling.told()
        console.print(f"client PX: {printable(first)}", markup=False, soft_wrap=True)
        for line in rest:
            console.print(f"  {printable(line)}", markup=False, style="dim", soft_wrap=True)


def _flags(found: Found, console: Console, zone: str) -> None:
    table = Table("flag", "should be", "PSA showed last", box=None, pad_edge=False)
    for flag, value in found.assessment.flags.items():
        table.add_row(
            f"{flag} ({found.policy.flags.get(flag, '')})",
            safe(value),
            safe(found.observed.get(flag, "")),
        )
    console.print(table)
    for change in found.changes:
        what = f"{change.flag}: “{printable(change.old)}” → “{printable(change.new)}”"
        console.print(
            f"{local(change.at, zone)}  {what} because {printable(change.reason)}", markup=False, style="dim"
        )


def _meanings(found: Found, console: Console) -> None:
    """The map of statuses that the settings say; nothing where the PSA tells it itself."""
    if not found.meanings:
        return
    table = Table("status", "event of the PSA's SLA", "from", box=None, pad_edge=False)
    for row in status_map(found.meanings):
        name = "every other status" if row["status"] == "*" else row["status"]
        table.add_row(safe(name), row["event"], "sla_events" if row["from"] != "default" else "default")
    console.print(table)
