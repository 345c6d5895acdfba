"""Every number of a statement, worked out of its facts and of nothing else. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connector.history.statement.answers import Answers, answers, counted
from connector.history.statement.facts import Facts, TicketFact
from connector.history.statement.gaps import gaps, heard
from connector.history.statement.standing import ContractState, contract_state
from connector.history.statement.waits import Waits, felt, told
from connector.model import BUCKETS, BucketClock, BucketName, Watermelon
from connector.rules.causes import Cause, Share, pareto
from connector.rules.flattery import Flattery, added_up, finished


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
    """All are of the month; of `answers` PX, its groups and NPS are over the window of the rules."""

    answers: Answers
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
    unknown: tuple[str, ...]


def figures(facts: Facts) -> Figures:
    """All of them."""
    known = [bucket for bucket in BUCKETS if bucket == "resolution" or heard(facts)]
    ended = [one for one in facts.tickets if facts.in_month(one.finished_at)]
    counting = [one for one in facts.tickets if not one.excluded]
    missed = [one for fact in counting for one in _missed(fact, facts) if one.bucket in known]
    return Figures(
        answers=answers(facts, counting, sum(not one.excluded for one in ended)),
        tickets=len(facts.tickets),
        opened=sum(facts.in_month(one.opened_at) for one in facts.tickets),
        finished=len(ended),
        felt=felt(counting, facts),
        told=told(counting, facts),
        promises=tuple(_kept(bucket, counting, facts) for bucket in known),
        causes=tuple(pareto(missed)),
        flattery=added_up(finished(_known(one, known), one, one.reopened_minutes) for one in ended),
        watermelons=_watermelons(facts.tickets),
        followups=_followups(counting, facts),
        contract=contract_state(facts),
        unknown=tuple(gaps(facts, *counted(facts))),
    )


def _known(fact: TicketFact, known: Sequence[BucketName]) -> dict[BucketName, BucketClock]:
    return {name: clock for name, clock in fact.clocks.items() if name in known}


def _kept(bucket: BucketName, counting: Sequence[TicketFact], facts: Facts) -> Kept:
    clocks = [fact.clocks[bucket] for fact in counting if bucket in fact.clocks]
    kept = sum(clock.state == "met" and facts.in_month(clock.done_at) for clock in clocks)
    missed = sum(facts.in_month(clock.missed_at) for clock in clocks)
    found = [one for fact in counting for one in _missed(fact, facts) if one.bucket == bucket]
    share = 100 * kept / (kept + missed) if kept + missed else None
    return Kept(bucket=bucket, kept=kept, missed=missed, share=share, pareto=tuple(pareto(found)))


def _missed(fact: TicketFact, facts: Facts) -> list[Cause]:
    """The causes of what was missed in the month."""
    return [one for one in fact.causes if facts.in_month(fact.clocks[one.bucket].missed_at)]


def _watermelons(tickets: Sequence[TicketFact]) -> dict[str, Watermelon]:
    """The flagged ones by ticket, most points first."""
    flagged = [(fact.id, fact.watermelon) for fact in tickets if fact.watermelon and not fact.excluded]
    ordered = sorted(flagged, key=lambda pair: (-pair[1].points, pair[0]))
    return {ticket: melon for ticket, melon in ordered if melon.flagged}


def _followups(counting: Sequence[TicketFact], facts: Facts) -> Unhappy:
    clocks = [(fact.id, fact.clocks["followup"]) for fact in counting if "followup" in fact.clocks]
    done = [clock for _, clock in clocks if facts.in_month(clock.done_at)]
    return Unhappy(
        answered=len(done),
        answered_late=sum(clock.missed_at is not None for clock in done),
        open=tuple(id for id, clock in clocks if clock.done_at is None),
        late=tuple(id for id, clock in clocks if clock.done_at is None and clock.missed_at is not None),
    )
