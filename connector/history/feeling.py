"""A client's PX as it is shown: the figure, how it was worked out, and whose answers it is made of.

A per cent without its formula and its sources is an opinion; with them anybody can work it out again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from connector.model import PxFigure
from connector.rules.experience import formula, px, px_text
from connector.rules.experience.px import felt_as
from connector.rules.policy import Policy
from connector.rules.ratings import Verdict
from connector.store import ratings
from connector.store.ratings import Entry


@dataclass(frozen=True, slots=True)
class Feeling:
    """`sources`: how many answers each gave, most first; `refused`: how many in the window do not count.

    `unhappy`: the last unhappy answer of the window that says why; None where none does.
    """

    figure: PxFigure
    formula: str
    sources: tuple[tuple[str, int], ...] = ()
    refused: int = 0
    unhappy: Entry | None = None

    def told(self) -> list[str]:
        """The figure in plain lines."""
        figure = self.figure
        if figure.low is None or figure.high is None:
            first = "no answers in the window"
        else:
            counts = f"{figure.positive} positive, {figure.neutral} neutral, {figure.negative} negative"
            interval = f"95 % interval {figure.low:.0f} to {figure.high:.0f} %"
            first = f"{px_text(figure)}: {counts}; {interval}"
        made_of = ", ".join(f"{source} {number}" for source, number in self.sources) or "none"
        rest = f"; {self.refused} more in the window do not count" if self.refused else ""
        return [first, self.formula, f"sources: {made_of}{rest}"]

    def as_json(self) -> dict[str, Any]:
        figure = self.figure
        return {
            "percent": figure.percent,
            "n": figure.n,
            "positive": figure.positive,
            "neutral": figure.neutral,
            "negative": figure.negative,
            "low": figure.low,
            "high": figure.high,
            "formula": self.formula,
            "sources": dict(self.sources),
            "refused": self.refused,
        }


async def feeling(tx: AsyncConnection, policy: Policy, until: datetime) -> Feeling:
    """The client's PX over the window that ends with `until`."""
    since = until - timedelta(days=policy.px.window_days)
    counted = await ratings.counted(tx, policy.client, since, until)
    no: tuple[Verdict, ...] = ("refused",)
    refused = await ratings.listed(tx, client=policy.client, verdicts=no, since=since, until=until)
    figure = px((entry.rating for entry in counted), policy.px)
    said = (one for one in reversed(counted) if one.rating.comment.strip())
    unhappy = next((one for one in said if _is_unhappy(one, policy)), None)
    return Feeling(figure, formula(policy.px), _sources(counted), len(refused), unhappy)


def _is_unhappy(entry: Entry, policy: Policy) -> bool:
    felt = felt_as(entry.rating, policy.px)
    return felt is not None and felt[0] == "negative"


def _sources(counted: Sequence[Entry]) -> tuple[tuple[str, int], ...]:
    found = Counter(entry.rating.source or "unnamed" for entry in counted)
    return tuple(sorted(found.items(), key=lambda one: (-one[1], one[0])))
