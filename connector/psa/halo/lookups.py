"""Names for Halo's numbers: statuses, priorities, ticket types.

A priority's number says something only together with its SLA: 3 may be "Low" here and "High" there. And
`/Status` lists the statuses of leads and orders too, whatever is asked for. Source: facts §5, §12.9.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from connector.psa.halo.values import ident
from connector.psa.values import Json, flag, number, part, text

TICKETS = 0  # `type` of a ticket's status


@dataclass(slots=True)
class Lookups:
    """`holds`: status name to Halo's own word for what it does to the SLA clock, '' for nothing.

    `missed`: something was asked for that should be there and is not.
    """

    statuses: dict[int, str] = field(default_factory=dict)
    holds: dict[str, str] = field(default_factory=dict)
    priorities: dict[tuple[int, int], str] = field(default_factory=dict)
    types: dict[int, str] = field(default_factory=dict)
    missed: bool = False

    def learn_statuses(self, rows: Iterable[Any]) -> None:
        for row in _objects(rows):
            name = text(row, "name")
            if ident(row, "id") and name and number(row, "type") == TICKETS:
                self.statuses[ident(row, "id")] = name
                self.holds[name] = text(row, "slaaction")

    def learn_priorities(self, rows: Iterable[Any]) -> None:
        """`ishidden` ones stay: old tickets have them."""
        for row in _objects(rows):
            if ident(row, "priorityid") and text(row, "name"):
                self.priorities[ident(row, "slaid"), ident(row, "priorityid")] = text(row, "name")

    def learn_types(self, rows: Iterable[Any]) -> None:
        self.types.update({ident(row, "id"): text(row, "name") for row in _objects(rows) if ident(row, "id")})

    def status(self, row: Json) -> str:
        """A ticket's status by name."""
        return self.status_of(ident(row, "status_id")) or text(row, "status_name")

    def status_of(self, number: int) -> str:
        """A status by its number; '' for none."""
        self.missed = self.missed or (number > 0 and number not in self.statuses)
        return self.statuses.get(number, "")

    def priority(self, row: Json) -> str:
        """A ticket's priority by name: never by its number alone."""
        key = ident(row, "sla_id"), ident(row, "priority_id")
        known = self.priorities.get(key)
        self.missed = self.missed or (key[1] > 0 and known is None)
        return known or text(part(row, "priority"), "name") or text(row, "priority_name")

    def type(self, row: Json) -> str:
        number = ident(row, "tickettype_id")
        self.missed = self.missed or (number > 0 and number not in self.types)
        return self.types.get(number, "") or text(row, "tickettype_name")


def shown_priorities(rows: Iterable[Any]) -> tuple[str, ...]:
    """Names of the priorities in use, each once, the most urgent first."""
    listed = [row for row in _objects(rows) if text(row, "name") and not flag(row, "ishidden")]
    ordered = sorted(listed, key=lambda row: ident(row, "priorityid"))
    return tuple(dict.fromkeys(text(row, "name") for row in ordered))


def _objects(rows: Iterable[Any]) -> list[Json]:
    return [row for row in rows if isinstance(row, dict)]
