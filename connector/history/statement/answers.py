"""What the customers said, as figures: PX, who answered, what it cost them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from connector.history.statement.facts import Facts, TicketFact
from connector.history.statement.gaps import heard
from connector.model import PxFigure
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
from connector.store.ratings import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """`px` is over the window of the rules, `month` over the month alone. Shares in per cent.

    `refused`: ratings of the window that do not count; `asked`: surveys of ours in the month; `resolved`:
    tickets finished in it.
    """

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
    bias: SelectionBias


def answers(facts: Facts, counting: Sequence[TicketFact], resolved: int) -> Answers:
    """From the ratings that count. `counting`: the tickets that are not apart."""
    rule = facts.rules.terms.px
    window, month = counted(facts)
    figure = px((one.rating for one in window), rule)
    asked = [one for one in facts.surveys if one.state != "skipped" and one.kind == "ticket"]
    scores = nps(one.rating for one in window)
    answered = sum(one.state == "answered" for one in asked)
    about = sum(bool(one.ticket_id) for one in month)
    return Answers(
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
        rate=response_rate(about, resolved=resolved, asked=len(asked), answered=answered),
        asked=len(asked),
        resolved=resolved,
        groups=_groups(window, facts),
        bias=_bias(counting, window, facts),
    )


def counted(facts: Facts) -> tuple[list[Entry], list[Entry]]:
    """The ratings that count: of the window of the rules, and of the month."""
    until = facts.head.until
    mine = [one for one in facts.ratings if one.verdict == "counted" and one.rating.at <= until]
    return (
        [one for one in mine if one.rating.at > facts.window_since],
        [one for one in mine if one.rating.at > facts.head.since],
    )


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


def _bias(counting: Sequence[TicketFact], window: Sequence[Entry], facts: Facts) -> SelectionBias:
    spoken = {(one.conn, one.ticket_id) for one in window}
    waits: dict[bool, list[float]] = {True: [], False: []}
    for fact in counting if heard(facts) else ():
        clock = fact.clocks.get("response")
        if clock is not None and clock.done_at is not None:
            waits[(fact.conn, fact.id) in spoken].append(clock.elapsed_min)
    return selection_bias(waits[True], waits[False])
