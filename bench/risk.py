"""Does the learnt risk beat the share of time used? Measured on a real log, one protocol for both.

Trained on the first 70 % of the tickets by opening, with nothing later than that instant t0 visible;
scored at every weekday 09:00 and 15:00 (UTC) of the five weeks after it, on every ticket then open, not
resolved and not yet late. A ticket is late if its last resolution comes after the target of its priority:
the 80th percentile of what training tickets took, in calendar hours; the priority is the one it was
opened with, so that no later raise is known early. The naive rule is the share of the
target used, made a probability by isotonic regression on snapshots before t0. Lead is how long before the
due date a late ticket was first flagged, by a cut that flags as many tickets as the naive rule does at
75 %. Intervals: 95 %, bootstrap over tickets.

Then what comes of it on the ticket: the flag that foresight raises, with `raise_at` as shipped.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from bench import _foresight
from connector import ticketlog
from connector.clients.load import default_policy
from connector.model import BucketClock, Event, PriorityChange, Ticket
from connector.rules.learning import Learner
from connector.rules.policy import Policy, Target
from connector.rules.risk import Model, chances
from connector.rules.story import STATE_EVENTS, tell
from connector.rules.worktime import WorkCalendar

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("PX_SHARED", ROOT.parent / "shared"))
LOG = SHARED / "data/ticket-logs/servicenow-incidents.jsonl.gz"
GATE = {"AUC": 0.77, "Brier": 0.206, "lead": 12.0}
SNAPSHOTS = 49
RESAMPLES = 200
ALWAYS = WorkCalendar.always()


@dataclass(frozen=True, slots=True)
class Case:
    """A ticket of the log: its open ticket, its timeline in order, when it was finally resolved."""

    ticket: Ticket
    events: tuple[Event, ...]
    resolved_at: datetime
    due: datetime
    late: bool
    over: tuple[tuple[datetime, datetime], ...]  # spans in which it was resolved or closed


@dataclass(frozen=True, slots=True)
class Row:
    """One ticket in one snapshot."""

    case: Case
    at: datetime
    share: float


def main() -> None:
    if not LOG.exists():
        print("no ServiceNow log at hand (PX_SHARED): nothing measured")
        return
    began = time.perf_counter()
    tickets = [_opened(*found) for _, found in ticketlog.read_log(LOG) if not isinstance(found, ValueError)]
    tickets.sort(key=lambda found: (found[0].opened_at, found[0].id))
    t0 = tickets[int(0.7 * len(tickets))][0].opened_at
    targets = {name: _target(tickets, name, t0) for name in sorted({t.priority for t, _ in tickets})}
    cases = [_case(ticket, events, targets[ticket.priority]) for ticket, events in tickets]
    print(f"{len(cases)} tickets; training ends {t0:%Y-%m-%d %H:%M}; targets (h):", end=" ")
    print(", ".join(f"{name} {hours:.0f}" for name, hours in targets.items()))
    policy = _policy(targets)
    model = _learnt(cases, t0, policy)
    print(f"learnt in {time.perf_counter() - began:.0f} s: {_told(model)}")
    rows = list(_rows([c for c in cases if c.over[-1][0] > t0 or c.resolved_at > t0], _after(t0)))
    before = list(_rows([c for c in cases if c.due <= t0], _before(t0)))
    curve = _isotonic([(row.share, row.case.late) for row in before])
    naive, learnt = [row.share for row in rows], [_chance(model, row) for row in rows]
    _report(rows, t0, naive, [curve(share) for share in naive], learnt)
    last = max(row.at for row in rows)
    fresh = [case for case in cases if t0 <= case.ticket.opened_at < last]
    _foresight.report(fresh, policy, model)


# ── the protocol ──────────────────────────────────────────────────────────────────────────────


def _opened(ticket: Ticket, events: Sequence[Event]) -> tuple[Ticket, Sequence[Event]]:
    """With the priority it was opened with, for good."""
    raises = [event for event in events if isinstance(event, PriorityChange)]
    first = min(raises, key=lambda event: event.at).from_ if raises else ticket.priority
    rest = tuple(event for event in events if not isinstance(event, PriorityChange))
    return replace(ticket, priority=first or ticket.priority), rest


def _target(tickets: Sequence[tuple[Ticket, Sequence[Event]]], priority: str, t0: datetime) -> float:
    """Hours within which 80 % of the training tickets were resolved (Kaplan-Meier, cut at t0)."""
    spans = []
    for ticket, _ in tickets:
        if ticket.priority == priority and ticket.opened_at < t0:
            ended = ticket.resolved_at or ticket.closed_at or t0
            spans.append(((min(ended, t0) - ticket.opened_at) / timedelta(hours=1), ended <= t0))
    left, alive = len(spans), 1.0
    for span, known in sorted(spans):
        alive *= 1 - 1 / left if known else 1
        left -= 1
        if alive <= 0.2:
            return span
    return max(spans)[0]


def _case(ticket: Ticket, events: Sequence[Event], hours: float) -> Case:
    """What the log's own last fields say is kept apart: nothing of it may be seen at a snapshot."""
    resolved_at = ticket.resolved_at or ticket.closed_at
    assert resolved_at is not None
    due = ticket.opened_at + timedelta(hours=hours)
    bare = replace(ticket, group="", status="", resolved_at=None, closed_at=None, closed=False)
    known = tell(events, datetime.max.replace(tzinfo=UTC)).known
    spans: list[tuple[datetime, datetime]] = []
    since: datetime | None = None
    for event in known:
        if isinstance(event, STATE_EVENTS):
            over = event.to in ("Resolved", "Closed")
            if over and since is None:
                since = event.at
            elif not over and since is not None:
                spans.append((since, event.at))
                since = None
    spans.append((since or resolved_at, datetime.max.replace(tzinfo=UTC)))
    return Case(bare, known, resolved_at, due, resolved_at > due, tuple(spans))


def _snapshots(day: datetime) -> Iterator[datetime]:
    while True:
        if day.weekday() < 5:
            yield from (day + timedelta(hours=hour) for hour in (9, 15))
        day += timedelta(days=1)


def _after(t0: datetime) -> list[datetime]:
    found: list[datetime] = []
    for at in _snapshots(datetime(t0.year, t0.month, t0.day, tzinfo=UTC)):
        found += [at] if at > t0 else []
        if len(found) == SNAPSHOTS:
            return found
    return found


def _before(t0: datetime) -> list[datetime]:
    found: list[datetime] = []
    for at in _snapshots(datetime(2016, 2, 29, tzinfo=UTC)):
        if at > t0:
            return found
        found.append(at)
    return found


def _rows(cases: Sequence[Case], snapshots: Sequence[datetime]) -> Iterator[Row]:
    """Every ticket open, not resolved and not late, at every snapshot."""
    for case in cases:
        opened = case.ticket.opened_at
        for at in snapshots[bisect_left(snapshots, opened) : bisect_left(snapshots, case.due)]:
            if not any(start <= at < end for start, end in case.over):
                yield Row(case, at, (at - opened) / (case.due - opened))


# ── the model: the one the product learns ─────────────────────────────────────────────────────


def _policy(targets: dict[str, float]) -> Policy:
    rows = {
        name.casefold(): Target(minutes={"resolution": hours * 60}, calendar=ALWAYS)
        for name, hours in targets.items()
    }
    house = default_policy()
    resolution = replace(house.resolution, auto_close="resolution")  # the log's resolved_at says the same
    return replace(house, targets=MappingProxyType(rows), resolution=resolution)


def _learnt(cases: Sequence[Case], t0: datetime, policy: Policy) -> Model:
    learner = Learner(t0)
    for case in cases:
        if case.ticket.opened_at < t0:
            learner.add(case.ticket, tuple(event for event in case.events if event.at <= t0), policy)
    return learner.model()


def _told(model: Model) -> str:
    one = model.buckets["resolution"]
    return f"{one.tickets} tickets whose end was known, {one.base:.1%} missed; {len(one.speeds)} groups"


def _chance(model: Model, row: Row) -> float:
    """As in the product, on what was known at the snapshot and nothing else."""
    case, ticket = row.case, row.case.ticket
    target = (case.due - ticket.opened_at) / timedelta(minutes=1)
    clock = BucketClock(state="running", target_min=target, elapsed_min=row.share * target, due_at=case.due)
    known = tuple(event for event in case.events if event.at <= row.at)
    return chances({"resolution": clock}, ticket, known, ALWAYS, row.at, model)["resolution"]


# ── figures ───────────────────────────────────────────────────────────────────────────────────


def _isotonic(points: list[tuple[float, bool]]) -> Callable[[float], float]:
    """Pool adjacent violators: the rising step function nearest to the outcomes."""
    blocks: list[list[float]] = []  # first x, sum, count
    for x, y in sorted(points):
        blocks.append([x, float(y), 1])
        while len(blocks) > 1 and blocks[-2][1] * blocks[-1][2] >= blocks[-1][1] * blocks[-2][2]:
            _, total, count = blocks.pop()
            blocks[-1][1] += total
            blocks[-1][2] += count
    starts = [block[0] for block in blocks]
    return lambda x: (lambda b: b[1] / b[2])(blocks[max(0, bisect_left(starts, x) - 1)])


@dataclass(frozen=True, slots=True)
class Figures:
    auc: float
    brier: float
    flagged: float
    precision: float
    lead: float


class Scored:
    """One rule's scores over all rows, and its figures for any weighting of the tickets."""

    def __init__(
        self, rows: Sequence[Row], t0: datetime, scores: Sequence[float], chances: Sequence[float]
    ) -> None:
        self.rows, self.scores = rows, scores
        self.order = sorted(range(len(rows)), key=scores.__getitem__)
        self.errors = [(chance - row.case.late) ** 2 for chance, row in zip(chances, rows, strict=True)]
        self.fresh: dict[str, list[tuple[float, Row]]] = {}
        for score, row in zip(scores, rows, strict=True):
            if row.case.ticket.opened_at >= t0:
                self.fresh.setdefault(row.case.ticket.id, []).append((score, row))
        self.best = sorted(((max(s for s, _ in own), name) for name, own in self.fresh.items()), reverse=True)

    def budget(self, weight: dict[str, int], cut: float) -> int:
        return sum(weight[name] for best, name in self.best if best >= cut)

    def figures(self, weight: dict[str, int], budget: int) -> Figures:
        weights = [weight[row.case.ticket.id] for row in self.rows]
        below = ranked = late = 0.0
        index = 0
        while index < len(self.order):
            score, ties_late, ties_kept = self.scores[self.order[index]], 0, 0
            while index < len(self.order) and self.scores[self.order[index]] == score:
                number = self.order[index]
                if self.rows[number].case.late:
                    ties_late += weights[number]
                else:
                    ties_kept += weights[number]
                index += 1
            ranked += ties_late * (below + ties_kept / 2)
            below += ties_kept
            late += ties_late
        brier = sum(w * e for w, e in zip(weights, self.errors, strict=True)) / sum(weights)
        leads, flagged, hits = self._leads(weight, budget)
        return Figures(ranked / (late * below), brier, flagged, hits / flagged, statistics.median(leads))

    def _leads(self, weight: dict[str, int], budget: int) -> tuple[list[float], int, int]:
        flagged, cut = 0, 0.0
        for best, name in self.best:
            flagged, cut = flagged + weight[name], best
            if flagged >= budget:
                break
        leads: list[float] = []
        hits = 0
        for best, name in self.best:
            if best < cut:
                break
            first = next(row for score, row in self.fresh[name] if score >= cut)
            if first.case.late:
                hits += weight[name]
                leads += [(first.case.due - first.at) / timedelta(hours=1)] * weight[name]
        return leads, flagged, hits


def _report(
    rows: list[Row], t0: datetime, naive: list[float], naive_chance: list[float], learnt: list[float]
) -> None:
    rules = {"share used": Scored(rows, t0, naive, naive_chance), "learnt": Scored(rows, t0, learnt, learnt)}
    names = sorted({row.case.ticket.id for row in rows})
    once = dict.fromkeys(names, 1)
    late = sum(row.case.late for row in rows) / len(rows)
    print(f"{len(rows)} rows of {len(names)} tickets in {SNAPSHOTS} snapshots, {late:.1%} late")
    plain = {name: one.figures(once, rules["share used"].budget(once, 0.75)) for name, one in rules.items()}
    dice = random.Random(7)
    drawn: dict[str, list[Figures]] = {name: [] for name in rules}
    for _ in range(RESAMPLES):
        weight = dict.fromkeys(names, 0)
        for name in dice.choices(names, k=len(names)):
            weight[name] += 1
        budget = rules["share used"].budget(weight, 0.75)
        for name, one in rules.items():
            drawn[name].append(one.figures(weight, budget))
    print(f"{'':11} {'AUC':22} {'Brier':22} {'flagged':>7} {'precision':>9}  lead (h)")
    for name, said in plain.items():
        spans = {key: _span([getattr(f, key) for f in drawn[name]]) for key in ("auc", "brier", "lead")}
        figures = f"{said.auc:.4f} {_show(spans['auc'], 3):15} {said.brier:.4f} {_show(spans['brier'], 3):15}"
        alerts = f"{said.flagged:7} {said.precision:9.3f}  {said.lead:.1f} {_show(spans['lead'], 1)}"
        print(f"{name:11} {figures} {alerts}")
    gain = plain["learnt"].lead - plain["share used"].lead
    gains = [a.lead - b.lead for a, b in zip(drawn["learnt"], drawn["share used"], strict=True)]
    print(f"lead longer by {gain:.1f} h {_show(_span(gains), 1)}")
    print("calibration: said -> were late: " + ", ".join(_deciles(rows, learnt)))
    passed = (
        plain["learnt"].auc >= GATE["AUC"] and plain["learnt"].brier <= GATE["Brier"] and gain >= GATE["lead"]
    )
    print(f"gate (AUC >= .77, Brier <= .206, lead +12 h): {'passed' if passed else 'NOT passed'}")


def _deciles(rows: Sequence[Row], learnt: Sequence[float]) -> list[str]:
    pairs = sorted((chance, row.case.late) for chance, row in zip(learnt, rows, strict=True))
    parts = [pairs[len(pairs) * n // 5 : len(pairs) * (n + 1) // 5] for n in range(5)]
    return [f"{sum(c for c, _ in p) / len(p):.0%} -> {sum(y for _, y in p) / len(p):.0%}" for p in parts]


def _span(values: list[float]) -> tuple[float, float]:
    values = sorted(values)
    return values[int(0.025 * len(values))], values[int(0.975 * len(values))]


def _show(span: tuple[float, float], digits: int) -> str:
    return f"[{span[0]:.{digits}f}, {span[1]:.{digits}f}]"
