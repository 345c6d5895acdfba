"""Where our own tickets go in Autotask: labels of picklists and a category, as the numbers of this database.

A ticket needs status and priority, and a queue where nobody has it (facts §5): so these three are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from connector.psa.autotask.api import Api
from connector.psa.autotask.config import Cases
from connector.psa.autotask.filters import gte
from connector.psa.autotask.picklists import Picklists
from connector.psa.features import Features
from connector.psa.places import Names
from connector.psa.values import text


@dataclass(frozen=True, slots=True)
class Place:
    """Numbers of picklists; None is as Autotask or the category has it."""

    queue: int
    status: int
    priority: int
    category: int | None = None
    type: int | None = None

    def fields(self) -> dict[str, Any]:
        """As a ticket names them."""
        chosen = {
            "queueID": self.queue,
            "status": self.status,
            "priority": self.priority,
            "ticketCategory": self.category,
            "ticketType": self.type,
        }
        return {name: number for name, number in chosen.items() if number is not None}


async def find_place(
    features: Features, api: Api, labels: Picklists, cases: Cases | None
) -> tuple[Place | None, list[str]]:
    """The place, and what is wrong with what was written; (None, []) where nothing was written."""
    if cases is None:
        return None, []
    names = Names("Autotask")
    queue = names.number("queue", cases.queue, labels.numbers("queueID"))
    status = names.number("status", cases.status, labels.numbers("status"))
    priority = names.number("priority", cases.priority, labels.numbers("priority"))
    kind = names.number("ticket type", cases.type, labels.numbers("ticketType"))
    categories: list[tuple[str, int]] = []
    if cases.category:
        read = partial(api.rows, "TicketCategories", gte("id", 0))
        rows = [row for row in await features.optional("ticket categories", read) if isinstance(row, dict)]
        usable = (row for row in rows if row.get("isActive") is not False)
        categories = [(text(row, "name"), row["id"]) for row in usable if type(row.get("id")) is int]
    category = names.number("ticket category", cases.category, categories)
    if names.missing or queue is None or status is None or priority is None:
        return None, names.missing
    return Place(queue, status, priority, category, kind), []
