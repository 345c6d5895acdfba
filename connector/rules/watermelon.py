"""Watermelon: green outside, red inside. Every promise kept on paper, and the customer unhappy all the same.

Unhappiness is said in a rating or shown by what people do: they chase, reopen, are handed around, write
certain words, raise the priority. Each of these has points in the client's file; nothing is learnt or
hidden, and whoever is shown the flag is shown what made it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import lru_cache

from connector.model import (
    Assignment,
    BucketClock,
    BucketName,
    Event,
    Message,
    PriorityChange,
    PsaVerdict,
    Rating,
    Watermelon,
)
from connector.rules.facts import Mark
from connector.rules.lines import times
from connector.rules.policy import Policy, WatermelonRule

SAME_BREATH = timedelta(minutes=15)
"""Two mails this close together are one word to us, not a chaser."""
REASONS = 3
CHASERS_COUNTED = 3
HOPS_ALLOWED = 2
"""Hand-overs an ordinary ticket needs: from the queue to somebody, from them to who can resolve it."""

Reason = tuple[float, str]


def watermelon(
    known: Sequence[Event],
    answers: Sequence[Mark],
    clocks: Mapping[BucketName, BucketClock],
    psa: PsaVerdict,
    unhappy: Sequence[Rating],
    policy: Policy,
) -> Watermelon | None:
    """What speaks for an unhappy customer, weighed; None where nothing does.

    `known` is in order, `answers` are the messages that count. Reasons come heaviest first, at most three.
    """
    rule = policy.watermelon
    reasons = _behaviour(known, answers, rule, policy)
    if unhappy:
        reasons = [*_rated(unhappy, rule), *reasons]
    if reopened := clocks["resolution"].reopened:
        reasons.append((rule.reopened * reopened, f"reopened {times(reopened)}"))
    if reasons:
        reasons = sorted((one for one in reasons if one[0] > 0), key=lambda one: -one[0])
    if not reasons:
        return None
    points = sum(one[0] for one in reasons)
    on_paper = kept_on_paper(clocks, psa)
    return Watermelon(
        points=points,
        reasons=tuple(text for _, text in reasons[:REASONS]),
        on_paper=on_paper,
        flagged=on_paper and points >= rule.from_,
    )


def kept_on_paper(clocks: Mapping[BucketName, BucketClock], psa: PsaVerdict) -> bool:
    """Whether the PSA's report shows this ticket green.

    By its own verdict where it gives one; else by the times it took for kept promises, each against what
    was promised; a promise it says nothing of is as our clock says.
    """
    if psa.sla_met is not None:
        return psa.sla_met
    told = {"response": psa.response_at, "resplan": psa.resplan_at, "resolution": psa.resolved_at}
    for name, clock in clocks.items():
        at = told.get(name)
        if at is None:
            if clock.state == "missed" and name != "followup":
                return False
        else:
            due = clock.missed_at or clock.due_at
            if due is not None and at > due:
                return False
    return True


def _rated(unhappy: Sequence[Rating], rule: WatermelonRule) -> list[Reason]:
    """The worst word said in so many words, and one click on a face."""
    found: list[Reason] = []
    for rating in unhappy:
        clicked = rating.source == "service thermometer"
        text = (
            "an unhappy face on the thermometer" if clicked else f"rated {rating.score:g} of {rating.scale:g}"
        )
        found.append((rule.thermometer if clicked else rule.rated, text))
    return sorted(set(found), reverse=True)[:1]


def _behaviour(
    known: Sequence[Event], answers: Sequence[Mark], rule: WatermelonRule, policy: Policy
) -> list[Reason]:
    """Asked of every ticket at every look, so nothing is weighed or worded that did not happen."""
    came = hops = raised = 0
    words: dict[str, None] = {}
    for event in known:
        if isinstance(event, Message):
            if event.direction == "in" and event.actor.kind == "contact":
                came += 1
                if event.text:
                    words |= dict.fromkeys(_words(event.text, rule.words))
        elif isinstance(event, Assignment):
            if event.from_:
                hops += 1
        elif isinstance(event, PriorityChange) and event.actor.kind == "contact":
            raised += _tighter(event, policy)
    chased = _chased(known, answers) if came > 1 else 0
    found: list[Reason] = []
    if chased:
        points = rule.chased * min(chased, CHASERS_COUNTED)
        found.append((points, f"chased {times(chased)} without an answer in between"))
    if hops > HOPS_ALLOWED:
        found.append((rule.hops * (hops - HOPS_ALLOWED), f"handed over {times(hops)}"))
    if raised:
        found.append((rule.raised * raised, "the customer raised the priority"))
    if words:
        quoted = ", ".join(f"“{word}”" for word in list(words)[:REASONS])
        found.append((rule.wrote, f"the customer wrote {quoted}"))
    return found


def _chased(known: Sequence[Event], answers: Sequence[Mark]) -> int:
    """How often the customer wrote again while nobody had answered. Both are earliest first."""
    said = None  # the customer's last word that nobody has answered
    chased = 0
    ahead = iter(answers)
    answer = next(ahead, None)
    for event in known:
        if isinstance(event, Message):
            at = event.at
            while answer and answer[0] < at:
                answer = next(ahead, None)
            if answer and answer[0] == at:
                said = None
            if event.direction == "in" and event.actor.kind == "contact":
                chased += said is not None and at - said > SAME_BREATH
                said = at
    return chased


def _words(text: str, words: tuple[str, ...]) -> list[str]:
    pattern = _pattern(words)
    return [match.group().casefold() for match in pattern.finditer(text)] if pattern else []


@lru_cache(maxsize=256)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str] | None:
    if not words:
        return None
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)


def _tighter(event: PriorityChange, policy: Policy) -> bool:
    """The new priority promises something sooner than the old one did."""
    old, new = policy.target(event.from_), policy.target(event.to)
    if old is None or new is None:
        return False
    return any(minutes < old.minutes.get(name, float("inf")) for name, minutes in new.minutes.items())
