"""Commands over files: `assess` a ticket log, `classify` messages. Streaming, a line in, a line out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.console import complain, err, fail, out, print_json
from connector.errors import ConfigErrors, ConnectorError

if TYPE_CHECKING:
    from connector.model import Assessment, Rating
    from connector.rules.judgement import Learnt
    from connector.rules.policy import Policy

LogFile = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="JSON lines, .gz allowed.")
]
PolicyFile = Annotated[
    Path, typer.Option("--policy", exists=True, dir_okay=False, help="A client's YAML file.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document a line on stdout, nothing else.")]


def register(app: typer.Typer) -> None:
    app.command()(assess)
    app.command()(classify)


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
    from connector.rules.assess import assess as judge
    from connector.rules.experience import in_window, px

    rules = _policy(policy)
    now = _instant(at)
    ratings, learnt = _ahead(log)
    figure = px(in_window(ratings, now, rules.px.window_days), rules.px)
    tally = Tally()
    for number, item in _progress(ticketlog.read_log(log), log, hidden=as_json and not err.is_terminal):
        if isinstance(item, ValueError):
            complain(f"{log}:{number}: {item}")
            tally.broken += 1
            continue
        ticket, timeline = item
        try:
            answer = judge(ticket, timeline, rules, now, px=figure, learnt=learnt)
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


def classify(
    messages: LogFile,
    policy: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A client's YAML; default: the defaults.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say of every message who caused it, what it says, and whether it counts as a response.

    A line is {"id", "direction", "actor": {"kind", "id"}, "subject", "headers": {}, "text"}; all but
    id and text may be missing, a missing direction means "out".

    Examples:

      px-connector classify messages.jsonl --json

      px-connector classify messages.jsonl --policy config/clients/acme.yaml
    """
    from connector import ticketlog
    from connector.rules.authorship import decide, judge

    rule = _policy(policy).response
    broken = 0
    for number, body in _progress(ticketlog.read_json(messages), messages, hidden=as_json or out.is_terminal):
        try:
            if isinstance(body, ValueError):
                raise body
            message_id, message = _message(body)
        except ValueError as error:
            complain(f"{messages}:{number}: {error}")
            broken += 1
            continue
        verdict = judge(message, rule)
        counted, reason = decide(message, verdict, rule)
        reasons = (*verdict.evidence, reason) if reason else verdict.evidence
        evidence = [{"rule": e.rule, "field": e.field, "text": e.text} for e in reasons]
        if as_json:
            print_json(
                {
                    "id": message_id,
                    "cause": verdict.cause,
                    "content": verdict.content,
                    "counts": counted,
                    "evidence": evidence,
                }
            )
        else:
            why = "; ".join(e.rule + (f" “{e.text[:40]}”" if e.text else "") for e in verdict.evidence[:2])
            out.print(
                f"{message_id:<24} {verdict.cause:<10} {verdict.content:<12} "
                f"{'counts' if counted else '–':<7} {why}",
                markup=False,
                soft_wrap=True,
            )
    if broken:
        raise typer.Exit(1)


def _message(body: Any) -> tuple[str, Any]:
    from connector import ticketlog

    if not isinstance(body, dict):
        raise ValueError("expected an object with id and text")
    if not isinstance(body.get("id"), (str, int)):
        raise ValueError("id: a message needs one")
    if not isinstance(body.get("text"), str):
        raise ValueError("text: expected text")
    event = {"at": "2000-01-01T00:00:00Z", "direction": "out", **body, "type": "message"}
    return str(body["id"]), ticketlog.event_from_json(event)


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


def _policy(path: Path | None) -> Policy:
    from connector.clients import default_policy, load_policy

    try:
        return default_policy() if path is None else load_policy(path, standalone=True)
    except (ConfigErrors, ConnectorError) as error:
        fail(error)


def _instant(text: str | None) -> datetime:
    from connector import ticketlog

    if text is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        return ticketlog.instant(text, "--at")
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--at") from None


def _ahead(log: Path) -> tuple[list[Rating], Learnt]:
    """What every line is judged with: all ratings, and the sentences that were used more than once.

    Read ahead so that the order of the lines does not matter; lines that hold neither cost next to nothing.
    """
    import json

    from connector import ticketlog
    from connector.model import Rating
    from connector.rules.judgement import Learnt
    from connector.rules.templates import Sighting, gathered, sightings

    ratings: list[Rating] = []

    def seen() -> Iterator[Sighting]:
        for _, line in ticketlog.read_lines(log):
            if isinstance(line, str) and ('"rating' in line or ('"text"' in line and '"out"' in line)):
                try:
                    ticket, timeline = ticketlog.ticket_from_json(json.loads(line))
                except (ValueError, RecursionError):
                    continue
                ratings.extend(event for event in timeline if isinstance(event, Rating))
                yield from sightings(ticket.id, timeline)

    lines = gathered(seen())
    return ratings, Learnt(lines)


def _progress(items: Iterator[Any], path: Path, *, hidden: bool) -> Iterator[Any]:
    """The items, counted on stderr while a person waits."""
    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=hidden) as progress:
        task = progress.add_task(path.name, total=None)
        for done, item in enumerate(items, 1):
            if done % 200 == 0:
                progress.update(task, completed=done)
            yield item
