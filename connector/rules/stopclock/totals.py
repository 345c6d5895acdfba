"""Findings of many tickets added up: how often, on how many tickets, how many minutes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from connector.model import Assessment, StopFinding, StopRule


@dataclass(frozen=True, slots=True)
class Total:
    """`minutes` are working minutes at stake; `engineer` is '' where nobody asked who."""

    client: str
    engineer: str
    rule: StopRule
    findings: int
    tickets: int
    minutes: float


def totals(assessments: Iterable[Assessment], *, engineers: bool = False) -> list[Total]:
    """By client and rule, most findings first. Tickets reported apart are left out.

    `engineers`: also by who did it. Off by default: a total is there to mend a process, and says little
    about a person.
    """
    sums: dict[tuple[str, str, StopRule], tuple[int, set[str], float]] = {}
    for assessment in assessments:
        if assessment.excluded:
            continue
        for one in assessment.stops:
            key = (assessment.client, _engineer(one, assessment) if engineers else "", one.rule)
            count, tickets, minutes = sums.get(key, (0, set(), 0.0))
            sums[key] = count + 1, tickets | {assessment.ticket_id}, minutes + one.minutes
    found = [Total(*key, count, len(tickets), minutes) for key, (count, tickets, minutes) in sums.items()]
    return sorted(found, key=lambda one: (one.client, -one.findings, one.rule, one.engineer))


def _engineer(one: StopFinding, assessment: Assessment) -> str:
    if one.event is None:
        return "unknown"
    actor = assessment.timeline[one.event].actor
    return actor.name or actor.id or "unknown"
