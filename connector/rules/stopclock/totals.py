"""Findings of many tickets added up: how often, on how many tickets, how many minutes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import get_args

from connector.model import Assessment, StopFinding, StopRule


@dataclass(slots=True)
class Stops:
    """Sums that can be added to each other: findings and tickets by rule, working minutes at stake."""

    findings: Counter[StopRule] = field(default_factory=Counter)
    tickets: Counter[StopRule] = field(default_factory=Counter)
    minutes: dict[StopRule, float] = field(default_factory=dict)

    def add(self, found: Iterable[StopFinding]) -> None:
        """The findings of one ticket."""
        rules = set()
        for one in found:
            self.findings[one.rule] += 1
            self.minutes[one.rule] = self.minutes.get(one.rule, 0.0) + one.minutes
            rules.add(one.rule)
        self.tickets.update(rules)

    def merge(self, other: Stops) -> None:
        self.findings.update(other.findings)
        self.tickets.update(other.tickets)
        for rule, minutes in other.minutes.items():
            self.minutes[rule] = self.minutes.get(rule, 0.0) + minutes

    def to_json(self) -> dict[str, dict[str, float]]:
        """Every rule with its findings, tickets and working minutes."""
        return {
            rule: {
                "findings": self.findings[rule],
                "tickets": self.tickets[rule],
                "minutes": round(self.minutes.get(rule, 0.0), 1),
            }
            for rule in get_args(StopRule)
        }


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
    sums: dict[tuple[str, str], Stops] = {}
    for assessment in assessments:
        by_who: dict[str, list[StopFinding]] = {}
        for one in () if assessment.excluded else assessment.stops:
            by_who.setdefault(_engineer(one, assessment) if engineers else "", []).append(one)
        for who, found in by_who.items():
            sums.setdefault((assessment.client, who), Stops()).add(found)
    rows = [
        Total(client, who, rule, count, one.tickets[rule], one.minutes[rule])
        for (client, who), one in sums.items()
        for rule, count in one.findings.items()
    ]
    return sorted(rows, key=lambda one: (one.client, -one.findings, one.rule, one.engineer))


def _engineer(one: StopFinding, assessment: Assessment) -> str:
    if one.event is None:
        return "unknown"
    actor = assessment.timeline[one.event].actor
    return actor.name or actor.id or "unknown"
