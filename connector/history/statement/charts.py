"""The drawings of a statement: places and sizes only, the template writes the SVG.

Our own and not a library's: a statement must come out the same, byte for byte, whenever it is checked, and
those at hand put random names or addresses of scripts into what they draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connector.history.statement.waits import EDGES, Waits
from connector.rules.lines import span

WIDTH = 400
LABEL = 84  # units left of the bars
ROOM = 210  # units of the longest bar
THICK = 12
GAP = 14


@dataclass(frozen=True, slots=True)
class Bar:
    """`series`: 0 the PSA's clock, 1 the felt one."""

    series: int
    y: int
    width: float
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    y: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Distribution:
    height: int
    rows: tuple[Row, ...]


def distribution(told: Waits | None, felt: Waits | None) -> Distribution:
    """How long it took, by both clocks, in shares of each clock's own tickets."""
    series = [(place, waits) for place, waits in enumerate((told, felt)) if waits is not None and waits.n]
    most = max((count / waits.n for _, waits in series for count in waits.bars), default=0) or 1
    step = THICK * max(1, len(series)) + GAP
    rows = []
    for number, label in enumerate(_labels()):
        top = number * step
        bars = tuple(
            Bar(
                series=place,
                y=top + line * THICK,
                width=round(ROOM * waits.bars[number] / waits.n / most, 1),
                count=waits.bars[number],
                share=100 * waits.bars[number] / waits.n,
            )
            for line, (place, waits) in enumerate(series)
        )
        rows.append(Row(label, top, bars))
    return Distribution(height=len(rows) * step, rows=tuple(rows))


def _labels() -> Sequence[str]:
    return [*(f"up to {span(edge)}" for edge in EDGES), f"over {span(EDGES[-1])}"]
