"""The world's audit trail by ticket, read once: it grows, and every ticket's actions ask for it."""

from __future__ import annotations

from connector.simulator.records import Trail
from connector.simulator.world import World


class TrailBook:
    def __init__(self, world: World) -> None:
        self._world = world
        self._of: dict[int, list[tuple[int, Trail]]] = {}
        self._read = 0

    def of(self, ticket: int) -> list[tuple[int, Trail]]:
        """A ticket's lines in the order of time, each with its place in the whole trail, from 1."""
        trail = self._world.trail
        for place in range(self._read, len(trail)):
            self._of.setdefault(trail[place].ticket, []).append((place + 1, trail[place]))
        self._read = len(trail)
        return self._of.get(ticket, [])
