"""What every group of endpoints needs: the world, its shapes, the routes, and how a list is served."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from connector.simulator.connectwise.errors import expected, not_found
from connector.simulator.connectwise.find import Finder, Listing
from connector.simulator.connectwise.paging import page, project, query_of
from connector.simulator.connectwise.shapes import Json, Shapes
from connector.simulator.faults import Faults
from connector.simulator.web import Ask, Reply, Routes
from connector.simulator.world import World


@dataclass
class Desk:
    world: World
    shapes: Shapes
    faults: Faults
    routes: Routes = field(default_factory=Routes)

    def listing(self, path: str, listing: Listing | Callable[[Ask], Listing]) -> None:
        """A list, and how long it is, under `path`."""

        def which(ask: Ask) -> Listing:
            return listing if isinstance(listing, Listing) else listing(ask)

        def count(ask: Ask) -> Reply:
            return Reply.of({"count": len(self.finder(which(ask), ask).all())})

        def show(ask: Ask) -> Reply:
            return page(ask, which(ask), self.finder(which(ask), ask))

        self.routes.add("GET", path, show)
        self.routes.add("GET", f"{path}/count", count)

    def finder(self, listing: Listing, ask: Ask, given: Mapping[str, Any] | None = None) -> Finder:
        lag = timedelta(seconds=self.faults.stale_lists)
        return Finder(listing, query_of(ask, given), lag, self.world.now())

    def table(self, path: str, rows: Callable[[], list[Json]]) -> None:
        """A small list of finished records, each also under its id."""

        def table_of(_ask: Ask) -> Listing:
            return finished(rows())

        def one(ask: Ask) -> Reply:
            for row in rows():
                if row["id"] == ask.ids[-1]:
                    return Reply.of(project(row, ask, table_of(ask)))
            raise not_found(path.rpartition("/")[2], ask.ids[-1])

        self.listing(path, table_of)
        self.routes.add("GET", f"{path}/{{id}}", one)

    def login(self, ask: Ask) -> str:
        """The login name of the API member who asks."""
        return self.world.members[ask.member].identifier


def body_object(ask: Ask) -> Json:
    given = ask.json()
    if not isinstance(given, dict):
        raise expected("object")
    return given


def finished(rows: list[Json], names: list[str] | None = None) -> Listing:
    known = names if names is not None else list(dict.fromkeys(name for row in rows for name in row))
    return Listing(lambda: rows, lambda row: row, known)


def named(given: Json, name: str, known: Mapping[int, str], default: str = "") -> str:
    """The name of what a reference in a body points at, by id, name or identifier."""
    reference = given.get(name)
    if reference is None and default:
        return default
    if not isinstance(reference, dict):
        raise ValueError(f"{name} must be an object with an id")
    if "id" in reference:
        if reference["id"] not in known:
            raise ValueError(f"{name} {reference['id']} not found")
        return known[reference["id"]]
    return str(reference.get("name") or reference.get("identifier") or "")
