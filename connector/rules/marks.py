"""How the sources of ratings write a score: points of a scale, the other way round, or in words.

Inside, more is always better and a score stands on a scale of its own; PX looks at the share reached. Every
source that is not a PSA's survey (notes, fields, webhooks, files) says here how its scores are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from types import MappingProxyType
from typing import Literal

MOST = 100.0
"""Points a scale may have: per cent is the finest anybody uses."""

_NO_WORDS: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """`scale`: its points. `best`: `high` is 0 or 1 to `scale`, `low` is 1 (happiest) to `scale`.

    `words`: casefolded text -> points, more is better whatever `best` says.
    """

    scale: float = 5.0
    best: Literal["high", "low"] = "high"
    words: Mapping[str, float] = field(default_factory=lambda: _NO_WORDS, hash=False)

    def points(self, written: str | float) -> float:
        """Points of `scale`, more is better. ValueError says what was expected.

        >>> Marks(scale=5, best="low").points("1")
        5.0
        >>> Marks(scale=3, words={"positive": 3.0}).points(" Positive ")
        3.0
        >>> Marks().points("4/5"), Marks().points("8 of 10")
        (4.0, 4.0)
        """
        text = str(written).strip().casefold()
        if text in self.words:
            return self.words[text]
        number, of = _numbers(text)
        if number is None:
            known = f", or one of {', '.join(list(self.words)[:8])}" if self.words else ""
            raise ValueError(f"expected a score of {self.scale:g}{known}, got {_short(written)}")
        if of is not None and of != self.scale:
            number = number / of * self.scale
        lowest = 1.0 if self.best == "low" else 0.0
        if not lowest <= number <= self.scale:
            raise ValueError(f"{number:g} is not on the scale of {lowest:g} to {self.scale:g}")
        return number if self.best == "high" else 1 + self.scale - number


def _numbers(text: str) -> tuple[float | None, float | None]:
    """ "4" or "4/5" or "4 of 5" as numbers; a comma may stand for the point, a % for "of 100"."""
    for between in ("/", " of ", " out of "):
        first, found, second = text.partition(between)
        if found:
            score, of = _number(first), _number(second)
            return (score, of) if score is not None and of is not None and of > 0 else (None, None)
    if text.endswith("%"):
        return _number(text[:-1]), 100.0
    return _number(text), None


def _number(text: str) -> float | None:
    text = text.strip().replace(",", ".")
    if len(text) > 12 or "_" in text:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:39] + "…"
