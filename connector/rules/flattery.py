"""The flattery gap: what the PSA reports of the promises kept, beside what the customers felt of them.

The gap is made in known ways, so they are counted apart and not mixed in: tickets closed by a machine,
tickets left out of the report, and the time after a reopening that a report forgets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from connector.model import Assessment, BucketClock, BucketName, PsaVerdict, Ticket, Watermelon
from connector.rules.watermelon import kept_on_paper
from connector.rules.worktime import MINUTE, WorkCalendar

_SILENT = PsaVerdict()


@dataclass(frozen=True, slots=True, kw_only=True)
class Flattery:
    """Counts of finished tickets. `reported`: the PSA gave a verdict or times. `felt`: we judged a promise.

    `excluded` and `auto_closed` are apart, in neither. `reopened_minutes` are working minutes after a
    first resolution that was none. Shares in per cent, None where there is nothing to divide by.
    """

    reported: int = 0
    reported_kept: int = 0
    felt: int = 0
    felt_kept: int = 0
    excluded: int = 0
    auto_closed: int = 0
    reopened: int = 0
    reopened_minutes: float = 0.0
    watermelons: int = 0

    @property
    def reported_share(self) -> float | None:
        return 100 * self.reported_kept / self.reported if self.reported else None

    @property
    def felt_share(self) -> float | None:
        return 100 * self.felt_kept / self.felt if self.felt else None

    @property
    def gap(self) -> float | None:
        """Points by which the report flatters; negative if it is too strict."""
        if self.reported_share is None or self.felt_share is None:
            return None
        return self.reported_share - self.felt_share


class Judged(Protocol):
    """An assessment, or what was kept of one."""

    @property
    def excluded(self) -> str: ...
    @property
    def psa(self) -> PsaVerdict: ...
    @property
    def watermelon(self) -> Watermelon | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """One finished ticket, as far as it matters here. `reported`, `felt`: kept or not, None if not judged."""

    excluded: bool = False
    auto_closed: bool = False
    reopened_minutes: float | None = None  # None: it was not reopened
    reported: bool | None = None
    felt: bool | None = None
    watermelon: bool = False


def flattery(judged: Iterable[tuple[Ticket, Assessment, WorkCalendar]]) -> Flattery:
    """From finished tickets with their assessments and the calendars their promises run by."""
    return added_up(
        finished(answer.buckets, answer, reopened_minutes(answer.buckets["resolution"], calendar))
        for _, answer, calendar in judged
    )


def finished(clocks: Mapping[BucketName, BucketClock], judged: Judged, minutes: float | None) -> Finished:
    """What one ticket adds. `clocks`: of the promises that are known; `minutes`: see `Finished`."""
    resolution = clocks["resolution"]
    states = [clock.state for name, clock in clocks.items() if name != "followup"]
    return Finished(
        excluded=bool(judged.excluded),
        auto_closed=resolution.done_at is None,
        reopened_minutes=minutes,
        reported=kept_on_paper(clocks, judged.psa) if judged.psa != _SILENT else None,
        felt="missed" not in states if {"met", "missed"} & set(states) else None,
        watermelon=bool(judged.watermelon and judged.watermelon.flagged),
    )


def added_up(tickets: Iterable[Finished]) -> Flattery:
    """The sums. What is apart is in no other sum but that of watermelons."""
    counts = dict.fromkeys(
        ("reported", "reported_kept", "felt", "felt_kept", "excluded", "auto_closed", "reopened"), 0
    )
    minutes, watermelons = 0.0, 0
    for one in tickets:
        watermelons += one.watermelon
        if one.excluded or one.auto_closed:
            counts["excluded" if one.excluded else "auto_closed"] += 1
            continue
        counts["reopened"] += one.reopened_minutes is not None
        minutes += one.reopened_minutes or 0.0
        for name, kept in (("reported", one.reported), ("felt", one.felt)):
            counts[name] += kept is not None
            counts[f"{name}_kept"] += bool(kept)
    return Flattery(**counts, reopened_minutes=minutes, watermelons=watermelons)


def reopened_minutes(clock: BucketClock, calendar: WorkCalendar) -> float | None:
    """Working minutes between the first resolution and the one that stood; None without a reopening."""
    if not clock.reopened:
        return None
    if clock.first_done_at is None or clock.done_at is None:
        return 0.0
    return max(0.0, (calendar.worked(clock.done_at) - calendar.worked(clock.first_done_at)) / MINUTE)
