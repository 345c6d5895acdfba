"""The command `backtest`: what a client's rules would have done with the tickets that are history."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.console import complain, err, fail, print_json
from connector.cli.logs import instant
from connector.errors import ConfigErrors, ConnectorError

if TYPE_CHECKING:
    from datetime import datetime

    from connector.history.backtest.crew import Part, Rules, Sum, Task
    from connector.settings import Settings


def register(app: typer.Typer) -> None:
    app.command()(backtest)


def backtest(
    log: Annotated[
        Path | None,
        typer.Argument(exists=True, dir_okay=False, readable=True, help="JSON lines, .gz allowed."),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="The rules to judge by; with --config its own."),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Other rules, to compare them with."),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="Out of the store of this folder, not a log."),
    ] = None,
    client: Annotated[str, typer.Option(help="With --config: this client only.")] = "",
    from_psa: Annotated[
        bool, typer.Option("--from-psa", help="With --config: read the PSAs now, not the store.")
    ] = False,
    days: Annotated[
        int | None,
        typer.Option(min=1, max=3650, help="With --from-psa: how far back. Default: backfill_days."),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(help="Until this instant, ISO 8601 with offset. Default: a log's last fact, else now."),
    ] = None,
    processes: Annotated[
        int | None, typer.Option(min=1, max=256, help="How many work at it. Default: one a core.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Replay history under one client's rules, or two, and tell what would have been different.

    Every ticket is followed through each instant at which its answer changes, so alerts and writes are
    counted and not estimated. Exit code 1 where the noise budget of the rules (noise in the YAML) is
    exceeded, or tickets could not be read.

    Examples:

      px-connector backtest tickets.jsonl.gz --policy acme.yaml

      px-connector backtest tickets.jsonl.gz --policy new.yaml --against acme.yaml --json > difference.json

      px-connector backtest --config /etc/px-connector --client "Acme Dental" --against stricter.yaml

      px-connector backtest --config /etc/px-connector --from-psa --days 90
    """
    _usage(log, policy, config, client)
    if from_psa and config is None:
        raise typer.BadParameter("goes with --config, where the PSAs are named", param_hint="--from-psa")
    if days is not None and not from_psa:
        raise typer.BadParameter("goes with --from-psa", param_hint="--days")
    until = instant(at)
    crew = processes or os.cpu_count() or 1
    try:
        if log is not None and policy is not None:
            reports = [_of_log(log, policy, against, until, crew, fixed=at is not None)]
        elif config is not None:
            with _history(config, from_psa, days) as settings:
                reports = list(_of_store(settings, config, client, policy, against, until, crew))
    except (ConfigErrors, ConnectorError) as error:
        fail(error)
    if as_json:
        source = log.name if log else "psa" if from_psa else "store"
        print_json({"source": source, "reports": reports})
    else:
        from connector.cli.backtest_tables import show

        for one in reports:
            show(one)
    for one in reports:
        for exceeded in one["over_budget"]:
            complain(f"{one['client']}: {exceeded['says']}")
    if any(one["over_budget"] or one["unreadable"] for one in reports):
        raise typer.Exit(1)


def _usage(log: Path | None, policy: Path | None, config: Path | None, client: str) -> None:
    if (log is None) == (config is None):
        raise typer.BadParameter("give a ticket log, or --config for the store", param_hint="log")
    if log is not None and policy is None:
        raise typer.BadParameter("a log needs the rules to judge it by", param_hint="--policy")
    if log is not None and not log.is_file():
        raise typer.BadParameter("it is read twice, so it must be a file and not a pipe", param_hint="log")
    if log is not None and client:
        raise typer.BadParameter("goes with --config; a log is judged whole", param_hint="--client")


def _of_log(
    log: Path, policy: Path, against: Path | None, until: datetime, processes: int, *, fixed: bool
) -> dict[str, Any]:
    from connector.history.backtest.crew import Task
    from connector.history.backtest.logged import outline, parts

    rules = _written(policy, standalone=True)
    other = _written(against, standalone=True) if against else None
    with _bar(f"reading {log.name}", None) as tick:
        known = outline(log, until, tick)
    end = until if fixed or known.last is None else known.last
    task = Task(rules, other, end, known.learnt)
    return _judged(task, parts(log), known.lines, processes, log.name)


@contextmanager
def _history(config: Path, from_psa: bool, days: int | None) -> Iterator[Settings]:
    """The settings whose store is the history: the daemon's own, or one just filled from the PSAs."""
    from connector.settings import load_settings

    settings = load_settings(config)
    if not from_psa:
        yield settings
        return
    from connector.cli.backtest_psa import read_in

    with ExitStack() as stack:
        with _bar("reading the PSAs", None) as tick:
            filled = stack.enter_context(read_in(settings, config, days, tick))
        yield filled


def _of_store(
    settings: Settings,
    config: Path,
    client: str,
    policy: Path | None,
    against: Path | None,
    until: datetime,
    processes: int,
) -> Iterator[dict[str, Any]]:
    from connector.clients import load_clients
    from connector.history.backtest.crew import Task
    from connector.history.backtest.stored import StoredHistory

    policies = load_clients(config).policies
    wanted = [one for one in policies if not client or one.client.casefold() == client.casefold()]
    if not wanted:
        known = ", ".join(one.client for one in policies) or "none"
        fail(
            f"no client's file is about {client!r}; there are: {known}"
            if client
            else f"no client in {config}"
        )
    other = _written(against, standalone=True) if against else None
    with StoredHistory(settings.store) as store:
        for one in wanted:
            rules = _written(policy or Path(one.source), standalone=policy is not None)
            ids = store.tickets(one.client)
            total = sum(map(len, ids.values()))
            yield _judged(Task(rules, other, until), store.parts(ids), total, processes, one.client) | {
                "client": one.client
            }


def _written(path: Path, *, standalone: bool) -> Rules:
    from connector.clients import written_rules
    from connector.history.backtest.crew import Rules

    return Rules(tuple(written_rules(path)), standalone)


def _judged(task: Task, parts: Iterable[Part], tickets: int, processes: int, source: str) -> dict[str, Any]:
    from connector.history.backtest.crew import policy_under, run
    from connector.history.backtest.report import report

    done = 0
    with _bar(f"replaying {source}", tickets) as tick:

        def seen(part: Sum) -> None:
            nonlocal done
            done += part.done
            for number, reason in part.broken:
                complain(f"{source}:{number}: {reason}")
            tick(done)

        total = run(parts, task, processes, seen)
    against = policy_under(task.against) if task.against else None
    return report(total, task.until, policy_under(task.policy), against)


@contextmanager
def _bar(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar on stderr while a person waits: how far it is, how long it takes."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        yield lambda done: progress.update(task, completed=done)
