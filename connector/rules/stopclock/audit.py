"""The audit of one ticket. Most tickets give no reason to look, and are not looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import attrgetter

from connector.model import Event, PsaVerdict, StopFinding, Ticket
from connector.rules.facts import Facts
from connector.rules.policy import Policy
from connector.rules.promises import Row
from connector.rules.stopclock.moves import pushed, reopened, unreceived
from connector.rules.stopclock.pauses import about_pauses
from connector.rules.stopclock.scene import AT_ONCE, Scene

_MOST = 100
"""Findings of one ticket that are told: the first ones. A ticket with more is no ticket but a log."""

_content = attrgetter("content")


def worth_a_look(facts: Facts, psa: PsaVerdict) -> bool:
    """The cheap question first: whether anything stopped, moved or came back."""
    if facts.holds is not facts.halts or facts.changes or facts.reopened:
        return True
    said = psa.response_at
    if said is not None and (not facts.answers or facts.answers[0][0] > said + AT_ONCE):
        return True
    return "bounce" in map(_content, facts.verdicts)


def audit(
    ticket: Ticket,
    facts: Facts,
    known: Sequence[Event],
    rows: Sequence[Row],
    policy: Policy,
    former: Mapping[str, Policy],
    psa: PsaVerdict,
    now: datetime,
) -> tuple[StopFinding, ...]:
    """What is to be counted of this ticket, earliest first. `known`: what `facts` were read off."""
    scene = Scene(ticket, facts, known, rows, policy, former, psa, now)
    found = [*about_pauses(scene), *pushed(scene), *reopened(scene), *unreceived(scene)]
    return tuple(sorted(found, key=lambda one: (one.at, one.rule, one.event or 0)))[:_MOST]
