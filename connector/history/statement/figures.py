"""Every number of a statement, worked out of its facts and of nothing else. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from connector.history.statement.facts import Facts, TicketFact
from connector.history.statement.gaps import gaps, heard
from connector.history.statement.standing import ContractState, contract_state
from connector.model import BUCKETS, BucketClock, BucketName, PxFigure, Watermelon
from connector.rules.causes import Cause, Share, pareto
from connector.rules.experience import (
    LostTime,
    ResponseRate,
    Score,
    SelectionBias,
    Standing,
    by_group,
    formula,
    lost_time,
    nps,
    px,
    response_rate,
    selection_bias,
    standing,
)
from connector.rules.flattery import Flattery, added_up, finished
from connector.store.ratings import Entry

EDGES = (15.0, 30.0, 60.0, 120.0, 240.0, 480.0, 1440.0)
"""Working minutes that part the bars of a distribution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """One clock, as the customers felt it or as the PSA tells it.

    `bars`: how many took up to each of EDGES, and how many longer; minutes are working minutes.
    """

    n: int
    median: float | None
    longest: float | None
    bars: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A promise of the month: decided are those that were kept or missed in it."""

    bucket: BucketName
    kept: int
    missed: int
    share: float | None
    pareto: tuple[Share, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unhappy:
    """Follow-ups of unhappy ratings: those answered in the month, and those that wait at its end."""

    answered: int
    answered_late: int
    open: tuple[str, ...]
    late: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """`px` is over the window of the rules, `month` over the month alone. Shares in per cent."""

    px: PxFigure
    month: PxFigure
    standing: Standing | None
    formula: str
    target: float
    ambition: float | None
    refused: int
    sources: Mapping[str, int]
    nps: Score | None
    lost: LostTime
    rate: ResponseRate
    asked: int
    resolved: int
    groups: Mapping[str, Mapping[str, PxFigure]]
    tickets: int
    opened: int
    finished: int
    felt: Mapping[BucketName, Waits]
    told: Mapping[BucketName, Waits]
    promises: tuple[Kept, ...]
    causes: tuple[Share, ...]
    flattery: Flattery
    watermelons: Mapping[str, Watermelon]
    followups: Unhappy
    contract: ContractState
    bias: SelectionBias
    unknown: tuple[str, ...]


def figures(facts: Facts) -> Figures:
    """All of them."""
    head, rule = facts.head, facts.rules.terms.px
    counted = [one for one in facts.ratings if one.verdict == "counted"]
    window = [one for one in counted if facts.window_since < one.rating.at <= head.until]
    month = [one for one in counted if head.since < one.rating.at <= head.until]
    figure = px((one.rating for one in window), rule)
    known = [bucket for bucket in BUCKETS if bucket == "resolution" or heard(facts)]
    ended = [one for one in facts.tickets if one.finished_at and head.since < one.finished_at <= head.until]
    counting = [one for one in facts.tickets if not one.excluded]
    asked = [one for one in facts.surveys if one.state != "skipped" and one.kind == "ticket"]
    resolved = [one for one in ended if not one.excluded]
    rated = [one for one in month if one.ticket_id]
    scores = nps(one.rating for one in window)
    promised = tuple(_kept(bucket, counting, facts) for bucket in known)
    missed = [one for fact in counting for one in _missed(fact, facts) if one.bucket in known]
    return Figures(
        px=figure,
        month=px((one.rating for one in month), rule),
        standing=standing(figure, rule.target),
        formula=formula(rule),
        target=rule.target,
        ambition=facts.rules.terms.reward,
        refused=sum(one.verdict == "refused" and one.rating.at > facts.window_since for one in facts.ratings),
        sources=_sources(window),
        nps=scores if scores.n else None,
        lost=lost_time((one.ticket_id or one.key, one.rating) for one in month),
        rate=response_rate(
            len(rated),
            resolved=len(resolved),
            asked=len(asked),
            answered=sum(one.state == "answered" for one in asked),
        ),
        asked=len(asked),
        resolved=len(resolved),
        groups=_groups(window, facts),
        tickets=len(facts.tickets),
        opened=sum(head.since < one.opened_at <= head.until for one in facts.tickets),
        finished=len(ended),
        felt=_felt(counting, facts) if heard(facts) else _felt_resolution(counting, facts),
        told=_told(counting, facts),
        promises=promised,
        causes=tuple(pareto(missed)),
        flattery=added_up(finished(_known(one, known), one, one.reopened_minutes) for one in ended),
        watermelons=_watermelons(facts.tickets),
        followups=_followups(counting, facts),
        contract=contract_state(facts),
        bias=_bias(counting, window, known),
        unknown=tuple(gaps(facts, window, month)),
    )


def _in(at: datetime | None, facts: Facts) -> bool:
    return at is not None and facts.head.since < at <= facts.head.until


def _sources(window: Sequence[Entry]) -> dict[str, int]:
    counts = Counter(one.rating.source or "unnamed" for one in window)
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def _groups(window: Sequence[Entry], facts: Facts) -> dict[str, dict[str, PxFigure]]:
    by: dict[str, Callable[[Entry], str]] = {
        "board": lambda one: one.board,
        "contact": lambda one: one.contact,
        "channel": lambda one: one.channel.replace("_", " "),
    }
    if facts.head.engineers:
        by["engineer"] = lambda one: one.engineer
    rule = facts.rules.terms.px
    return {name: by_group(window, group, lambda one: one.rating, rule) for name, group in by.items()}


def _known(fact: TicketFact, known: Sequence[BucketName]) -> dict[BucketName, BucketClock]:
    return {name: clock for name, clock in fact.clocks.items() if name in known}


def _kept(bucket: BucketName, counting: Sequence[TicketFact], facts: Facts) -> Kept:
    clocks = [fact.clocks[bucket] for fact in counting if bucket in fact.clocks]
    kept = sum(clock.state == "met" and _in(clock.done_at, facts) for clock in clocks)
    missed = sum(_in(clock.missed_at, facts) for clock in clocks)
    found = [one for fact in counting for one in _missed(fact, facts) if one.bucket == bucket]
    share = 100 * kept / (kept + missed) if kept + missed else None
    return Kept(bucket=bucket, kept=kept, missed=missed, share=share, pareto=tuple(pareto(found)))


def _missed(fact: TicketFact, facts: Facts) -> list[Cause]:
    """The causes of what was missed in the month."""
    return [one for one in fact.causes if _in(fact.clocks[one.bucket].missed_at, facts)]


def _felt(counting: Sequence[TicketFact], facts: Facts) -> dict[BucketName, Waits]:
    return {
        bucket: _waits(
            [
                fact.clocks[bucket].elapsed_min
                for fact in counting
                if bucket in fact.clocks and _in(fact.clocks[bucket].done_at, facts)
            ]
        )
        for bucket in ("response", "resplan", "resolution")
    }


def _felt_resolution(counting: Sequence[TicketFact], facts: Facts) -> dict[BucketName, Waits]:
    return {"resolution": _felt(counting, facts)["resolution"]}


def _told(counting: Sequence[TicketFact], facts: Facts) -> dict[BucketName, Waits]:
    times: dict[BucketName, Callable[[TicketFact], datetime | None]] = {
        "response": lambda fact: fact.psa.response_at,
        "resplan": lambda fact: fact.psa.resplan_at,
        "resolution": lambda fact: fact.psa.resolved_at,
    }
    found = {
        bucket: _waits(
            [
                fact.psa_minutes[bucket]
                for fact in counting
                if bucket in fact.psa_minutes and _in(at(fact), facts)
            ]
        )
        for bucket, at in times.items()
    }
    return {bucket: waits for bucket, waits in found.items() if waits.n}


def _waits(minutes: Sequence[float]) -> Waits:
    bars = [0] * (len(EDGES) + 1)
    for one in minutes:
        bars[sum(one > edge for edge in EDGES)] += 1
    return Waits(
        n=len(minutes),
        median=median(minutes) if minutes else None,
        longest=max(minutes, default=None),
        bars=tuple(bars),
    )


def _watermelons(tickets: Sequence[TicketFact]) -> dict[str, Watermelon]:
    """The flagged ones by ticket, most points first."""
    flagged = [(fact.id, fact.watermelon) for fact in tickets if fact.watermelon and not fact.excluded]
    ordered = sorted(flagged, key=lambda pair: (-pair[1].points, pair[0]))
    return {ticket: melon for ticket, melon in ordered if melon.flagged}


def _followups(counting: Sequence[TicketFact], facts: Facts) -> Unhappy:
    clocks = [(fact.id, fact.clocks["followup"]) for fact in counting if "followup" in fact.clocks]
    done = [clock for _, clock in clocks if _in(clock.done_at, facts)]
    return Unhappy(
        answered=len(done),
        answered_late=sum(clock.missed_at is not None for clock in done),
        open=tuple(id for id, clock in clocks if clock.done_at is None),
        late=tuple(id for id, clock in clocks if clock.done_at is None and clock.missed_at is not None),
    )


def _bias(
    counting: Sequence[TicketFact], window: Sequence[Entry], known: Sequence[BucketName]
) -> SelectionBias:
    spoken = {(one.conn, one.ticket_id) for one in window}
    waits: dict[bool, list[float]] = {True: [], False: []}
    for fact in counting if "response" in known else ():
        clock = fact.clocks.get("response")
        if clock is not None and clock.done_at is not None:
            waits[(fact.conn, fact.id) in spoken].append(clock.elapsed_min)
    return selection_bias(waits[True], waits[False])
