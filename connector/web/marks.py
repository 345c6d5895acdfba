"""Marks of a time line: which facts stand where, so that none hides another. Pure.

Facts come in bursts: a mail, the machine's answer and three changes of status within a minute. Those too near
each other are put one below the other, and where even that has no room, one mark stands for several.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

NEAR = 0.028
"""Of the axis: as wide as the widest mark on the narrowest drawing."""
LEVELS = 4


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the story as it is drawn. `kind` is its shape, `line` its place in the story."""

    place: float
    kind: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One or more facts at one place, in their order; `level` counts from the top."""

    place: float
    level: int
    facts: tuple[Fact, ...]


def arranged(facts: Iterable[Fact]) -> tuple[Mark, ...]:
    """Every fact in exactly one mark. Two marks of a level are at least NEAR apart.

    A fact that finds no free level joins the mark nearest before it, which keeps its own place.
    """
    found: list[tuple[float, int, list[Fact]]] = []
    last: list[int] = []  # by level the mark that stands there last
    for fact in sorted(facts, key=lambda one: (one.place, one.line)):
        level = next((n for n, index in enumerate(last) if fact.place - found[index][0] >= NEAR), None)
        if level is None and len(last) < LEVELS:
            level = len(last)
            last.append(-1)
        if level is None:
            found[max(last)][2].append(fact)
            continue
        last[level] = len(found)
        found.append((fact.place, level, [fact]))
    return tuple(Mark(place, level, tuple(joined)) for place, level, joined in found)
