"""PX as it was at the end of every week: one line on which a fall, and what it was worth, can be seen. Pure.

Each point is PX over the client's own window that ends with it, worked out by today's rules from the ratings
in the ledger, so anybody can work it out again: the instant and the counts stand beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from connector.model import PxFigure, Rating
from connector.rules.experience.px import Sentiment, felt_as, of_counts
from connector.rules.policy import PxRule

WEEKS = 52


@dataclass(frozen=True, slots=True)
class Point:
    """PX of the window that ends at `at`: the end of a week, or now."""

    at: datetime
    figure: PxFigure


def begins(now: datetime, rule: PxRule, zone: ZoneInfo) -> datetime:
    """From when on ratings are needed: before the first point's window."""
    return next(iter(_ends(now, zone))) - timedelta(days=rule.window_days)


def weekly(ratings: Iterable[Rating], rule: PxRule, now: datetime, zone: ZoneInfo) -> list[Point]:
    """A point for the end of each of the last weeks (Sunday midnight of the zone), and one for now.

    `ratings` that count, oldest first. Those of a window are (end - window, end], as for every figure.
    """
    felt = [(rating.at, kind) for rating in ratings if (kind := felt_as(rating, rule))]
    window = timedelta(days=rule.window_days)
    counts: Counter[tuple[Sentiment, bool]] = Counter()
    points: list[Point] = []
    first = last = 0
    for end in _ends(now, zone):
        while last < len(felt) and felt[last][0] <= end:
            counts[felt[last][1]] += 1
            last += 1
        while first < last and felt[first][0] <= end - window:
            counts[felt[first][1]] -= 1
            first += 1
        points.append(Point(end, of_counts(counts, rule)))
    return points


def _ends(now: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    local = now.astimezone(zone)
    monday = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    monday -= timedelta(days=local.weekday())
    for week in range(WEEKS - 1, -1, -1):
        end = (monday - timedelta(weeks=week)).replace(tzinfo=zone).astimezone(UTC)
        if end < now:
            yield end
    yield now
