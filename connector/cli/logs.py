"""The command `assess`: a ticket log under one client's rules. Streaming, a line in, a line out."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.console import complain, err, out, print_json
from connector.cli.files import AsJson, LogFile, PolicyFile, progress, rules_of

if TYPE_CHECKING:
    from connector.model import Assessment
    from connector.rules.policy import Policy


def register(app: typer.Typer) -> None:
    app.command()(assess)


def assess(
    log: LogFile,
    policy: PolicyFile,
    at: Annotated[
        str | None, typer.Option(help="Judge as of this instant, ISO 8601 with offset. Default: now.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Assess every ticket of a log under one client's rules.

    Lines that cannot be understood are named on stderr, the others go on, and the exit code is 1.

    Examples:

      px-connector assess tickets.jsonl --policy config/clients/acme.yaml

      px-connector assess tickets.jsonl.gz --policy acme.yaml --at 2026-01-05T12:00:00Z --json > out.jsonl
    """
    from connector import ticketlog
    from connector.assessmentlog import assessment_to_json
    from connector.history.logratings import read_ahead
    from connector.rules.assess import assess as judge
    from connector.rules.experience import in_window, px

    if not log.is_file():
        raise typer.BadParameter("it is read twice, so it must be a file and not a pipe", param_hint="log")
    rules = rules_of(policy)
    now = instant(at)
    ahead = read_ahead(log, rules, now)
    counted = [one.row.rating for one in ahead.rated if one.row.verdict == "counted"]
    figure = px(in_window(counted, now, rules.px.window_days), rules.px)
    tally = Tally()
    for number, item in progress(ticketlog.read_log(log), log, hidden=as_json and not err.is_terminal):
        if isinstance(item, ValueError):
            complain(f"{log}:{number}: {item}")
            tally.broken += 1
            continue
        ticket, timeline = item
        try:
            answer = judge(ticket, timeline, rules, now, px=figure, learnt=ahead.learnt)
        except (ValueError, OverflowError) as error:
            complain(f"{log}:{number}: ticket {ticket.id}: {error}")
            tally.broken += 1
            continue
        if as_json:
            print_json(assessment_to_json(answer, timeline))
        else:
            tally.add(answer)
    if not as_json:
        tally.show(rules, now)
    if tally.broken:
        complain(f"{tally.broken} of the lines could not be assessed")
        raise typer.Exit(1)


class Tally:
    """How the tickets of a log stand, bucket by bucket."""

    def __init__(self) -> None:
        self.broken = 0
        self.tickets = 0
        self.excluded = 0
        self.states: Counter[tuple[str, str]] = Counter()

    def add(self, answer: Assessment) -> None:
        self.tickets += 1
        self.excluded += bool(answer.excluded)
        if not answer.excluded:
            self.states.update((name, clock.state) for name, clock in answer.buckets.items())

    def show(self, rules: Policy, now: datetime) -> None:
        from rich.table import Table

        states = ("met", "missed", "running", "paused", "waiting", "none")
        table = Table(
            title=f"{self.tickets} tickets under the rules of {rules.client}, as of {now:%Y-%m-%d %H:%M} UTC"
        )
        table.add_column("bucket")
        for state in states:
            table.add_column(state, justify="right")
        table.add_column("met of decided", justify="right")
        for name in ("response", "resplan", "update", "resolution"):
            row = [self.states[name, state] for state in states]
            decided = row[0] + row[1]
            share = f"{100 * row[0] / decided:.1f} %" if decided else "–"
            table.add_row(name, *(str(count) for count in row), share)
        out.print(table)
        if self.excluded:
            out.print(f"{self.excluded} tickets of excluded kinds are not in the table.")


def instant(text: str | None) -> datetime:
    from connector import ticketlog

    if text is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        return ticketlog.instant(text, "--at")
    except ValueError as error:
        raise typer.BadParameter(str(error).removeprefix("--at: "), param_hint="--at") from None
