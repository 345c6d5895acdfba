"""Where our own tickets go in Halo: the names a person wrote, as numbers of this instance.

A priority's number says something only together with its SLA (facts §5), so a priority is looked up within
the SLA that is named; without one it must mean the same in all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from connector.psa.features import Features
from connector.psa.halo.api import Api
from connector.psa.halo.config import Cases
from connector.psa.halo.values import ident
from connector.psa.places import Names
from connector.psa.values import text


@dataclass(frozen=True, slots=True)
class Place:
    """A ticket type, and what else was named; None and '' are as the type has it."""

    type: int
    team: str = ""
    status: int | None = None
    sla: int | None = None
    priority: int | None = None

    def fields(self) -> dict[str, Any]:
        """As a ticket names them."""
        chosen = {
            "tickettype_id": self.type,
            "team": self.team or None,
            "status_id": self.status,
            "sla_id": self.sla,
            "priority_id": self.priority,
        }
        return {name: value for name, value in chosen.items() if value is not None}


async def find_place(features: Features, api: Api, cases: Cases | None) -> tuple[Place | None, list[str]]:
    """The place, and what is wrong with what was written; (None, []) where nothing was written."""
    if cases is None:
        return None, []

    async def rows(path: str, wanted: str) -> list[Any]:
        if not wanted:
            return []
        found = await features.optional(f"cases: {path}", partial(api.whole, path))
        return [row for row in found if isinstance(row, dict)]

    names = Names("Halo")
    kind = names.number("ticket type", cases.ticket_type, _named(await rows("TicketType", cases.ticket_type)))
    teams = _named(await rows("Team", cases.team))
    team = names.number("team", cases.team, teams)
    statuses = [row for row in await rows("Status", cases.status) if not row.get("type")]
    status = names.number("status", cases.status, _named(statuses))
    sla = names.number("SLA", cases.sla, _named(await rows("SLA", cases.sla)))
    levels = [r for r in await rows("Priority", cases.priority) if sla is None or ident(r, "slaid") == sla]
    priority = names.number("priority", cases.priority, _named(levels, "priorityid"))
    if names.missing or kind is None:
        return None, names.missing
    team_name = next((name for name, number in teams if number == team), "")
    return Place(kind, team_name, status, sla, priority), []


def _named(rows: list[Any], number: str = "id") -> list[tuple[str, int]]:
    return [(text(row, "name"), ident(row, number)) for row in rows if ident(row, number)]
