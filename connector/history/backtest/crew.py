"""The work on every core: parts of a history go to processes, their sums come back.

A policy holds compiled expressions and a log holds a hundred thousand tickets: neither travels well. So
what travels is text, the rules as they were written and tickets as lines of a log, and each process makes
of them what it needs.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice
from multiprocessing import get_context

from connector.clients import policy_of
from connector.errors import Unavailable
from connector.history.backtest.changes import Changes
from connector.history.backtest.figures import Figures
from connector.history.backtest.gaps import Gaps
from connector.history.backtest.replay import replay
from connector.model import Ticket, Timeline
from connector.rules.authorship.judgement import Learnt
from connector.rules.policy import Policy
from connector.ticketlog import ticket_from_json

PART = 200
"""Tickets of one part: small enough for a bar that moves, large enough that sending costs nothing."""

_WAITING = 2
"""Parts for each process that are read ahead of it, so that memory does not grow with the history."""


@dataclass(frozen=True, slots=True)
class Rules:
    """A client's rules as written: (file, text), the lowest layer first. `standalone` ignores `match`."""

    files: tuple[tuple[str, str], ...]
    standalone: bool = True


@dataclass(frozen=True, slots=True)
class Task:
    """What is the same for all tickets. `against` None: one policy alone. `learnt`: of a whole log."""

    policy: Rules
    against: Rules | None
    until: datetime
    learnt: Learnt | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Tickets as lines of a log, each with its number, and what is known beside them.

    An error in the place of a line is that line's. `learnt` None: that of the task.
    """

    lines: tuple[tuple[int, str | ValueError], ...]
    learnt: Learnt | None = None
    stage_of: Mapping[str, str] = field(default_factory=dict)
    desk: frozenset[str] = frozenset()


@dataclass(slots=True)
class Sum:
    """What came of some tickets. `broken`: those that could not be read or judged, with the reason.
    `done`: all of them. `ahead`: those opened after the end of the replay."""

    policy: Figures = field(default_factory=Figures)
    against: Figures = field(default_factory=Figures)
    changes: Changes = field(default_factory=Changes)
    gaps: Gaps = field(default_factory=Gaps)
    broken: list[tuple[int, str]] = field(default_factory=list)
    done: int = 0
    ahead: int = 0
    since: datetime | None = None  # the first opening

    def merge(self, other: Sum) -> None:
        self.policy.merge(other.policy)
        self.against.merge(other.against)
        self.changes.merge(other.changes)
        self.gaps.merge(other.gaps)
        self.broken += other.broken
        self.done += other.done
        self.ahead += other.ahead
        self.since = min((at for at in (self.since, other.since) if at), default=None)


def policy_under(rules: Rules) -> Policy:
    """What they amount to. ConfigErrors where they are wrong."""
    return policy_of(rules.files, standalone=rules.standalone)


class Judge:
    """One process's share of the work: the rules, read once, over any number of parts."""

    def __init__(self, task: Task) -> None:
        self._until, self._learnt = task.until, task.learnt or Learnt()
        self._policy = policy_under(task.policy)
        self._against = policy_under(task.against) if task.against else None

    def judge(self, part: Part) -> Sum:
        found = Sum(done=len(part.lines))
        for number, line in part.lines:
            try:
                ticket, timeline = _read(line)
            except (ValueError, RecursionError) as error:
                found.broken.append((number, str(error)))
                continue
            try:
                self._add(found, part, ticket, timeline)
            except (ValueError, OverflowError) as error:
                found.broken.append((number, f"ticket {ticket.id}: {error}"))
        return found

    def _add(self, found: Sum, part: Part, ticket: Ticket, timeline: Timeline) -> None:
        if ticket.opened_at > self._until:
            found.ahead += 1
            return
        runs = [
            replay(
                ticket,
                timeline,
                policy,
                self._until,
                learnt=part.learnt or self._learnt,
                stage_of=part.stage_of,
                desk=part.desk,
            )
            for policy in (self._policy, self._against)
            if policy is not None
        ]
        found.policy.add(runs[0])
        if len(runs) > 1:
            found.against.add(runs[1])
            found.changes.add(ticket, runs[1], runs[0])
        found.gaps.add(ticket, timeline)
        found.since = min(found.since or ticket.opened_at, ticket.opened_at)


def _read(line: str | ValueError) -> tuple[Ticket, Timeline]:
    if isinstance(line, ValueError):
        raise line
    return ticket_from_json(json.loads(line))


def run(
    parts: Iterable[Part], task: Task, processes: int, seen: Callable[[Sum], None] = lambda one: None
) -> Sum:
    """All parts judged, in their order; `seen` hears of each. A history of one part needs no processes.

    ConfigErrors where the rules are wrong; Unavailable when the system ends a process, for want of memory.
    """
    total = Sum()
    reader = iter(parts)
    first = list(islice(reader, 2))
    judge = Judge(task)
    if len(first) < 2 or processes < 2:
        judged: Iterator[Sum] = map(judge.judge, chain(first, reader))
    else:
        judged = _together(chain(first, reader), task, processes)
    for one in judged:
        total.merge(one)
        seen(one)
    return total


def _together(parts: Iterator[Part], task: Task, processes: int) -> Iterator[Sum]:
    context = get_context("spawn")  # a fork would take the threads of a progress bar with it
    pool = ProcessPoolExecutor(processes, context, initializer=_begin, initargs=(task,))
    waiting: deque[Future[Sum]] = deque()
    try:
        for part in parts:
            waiting.append(pool.submit(_judge, part))
            if len(waiting) > _WAITING * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise Unavailable(
            "a process that replayed tickets was ended from outside, mostly for want of memory; "
            "try --processes 1"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


_judges: list[Judge] = []
"""The one judge of a process of the pool."""


def _begin(task: Task) -> None:
    _judges.append(Judge(task))


def _judge(part: Part) -> Sum:
    return _judges[0].judge(part)
