"""Where our own tickets go in ConnectWise: the names a person wrote, as ids of this instance.

Types and statuses belong to a board and have other ids on the next one (facts §6.5), so they are looked
up on the board that is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from connector.psa.connectwise.api import Api
from connector.psa.connectwise.config import Cases
from connector.psa.features import Features
from connector.psa.places import Names
from connector.psa.values import flag, text


@dataclass(frozen=True, slots=True)
class Place:
    """A board, and what else was named; None is as the board has it."""

    board: int
    type: int | None = None
    status: int | None = None
    priority: int | None = None

    def references(self) -> dict[str, Any]:
        """As a ticket names them."""
        chosen = {"board": self.board, "type": self.type, "status": self.status, "priority": self.priority}
        return {name: {"id": number} for name, number in chosen.items() if number is not None}


async def find_place(features: Features, api: Api, cases: Cases | None) -> tuple[Place | None, list[str]]:
    """The place, and what is wrong with what was written; (None, []) where nothing was written."""
    if cases is None:
        return None, []

    async def listed(path: str) -> list[tuple[str, int]]:
        rows = await features.optional(f"cases: {path}", partial(api.rows, path))
        return [(text(row, "name"), row["id"]) for row in rows if _usable(row)]

    names = Names("ConnectWise")
    board = names.number("board", cases.board, await listed("service/boards"))
    if board is None:
        return None, names.missing
    below = f"service/boards/{board}"
    place = Place(
        board,
        names.number("type", cases.type, await listed(f"{below}/types") if cases.type else ()),
        names.number("status", cases.status, await listed(f"{below}/statuses") if cases.status else ()),
        names.number(
            "priority", cases.priority, await listed("service/priorities") if cases.priority else ()
        ),
    )
    return (None if names.missing else place), names.missing


def _usable(row: Any) -> bool:
    gone = isinstance(row, Mapping) and (flag(row, "inactiveFlag") or flag(row, "inactive"))
    return isinstance(row, Mapping) and type(row.get("id")) is int and not gone
