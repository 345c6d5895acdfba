"""The flattery gap: what the PSA reports of the promises kept, beside what the customers felt of them.

The gap is made in known ways, so they are counted apart and not mixed in: tickets closed by a machine,
tickets left out of the report, and the time after a reopening that a report forgets.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from connector.model import Assessment, PsaVerdict, Ticket
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


def flattery(judged: Iterable[tuple[Ticket, Assessment, WorkCalendar]]) -> Flattery:
    """From finished tickets with their assessments and the calendars their promises run by."""
    counts = dict.fromkeys(
        ("reported", "reported_kept", "felt", "felt_kept", "excluded", "auto_closed", "reopened"), 0
    )
    minutes, watermelons = 0.0, 0
    for ticket, answer, calendar in judged:
        watermelons += bool(answer.watermelon and answer.watermelon.flagged)
        if answer.excluded:
            counts["excluded"] += 1
            continue
        if answer.buckets["resolution"].done_at is None:
            counts["auto_closed"] += 1
            continue
        counts["reopened"] += answer.buckets["resolution"].reopened > 0
        minutes += _after_reopening(ticket, answer, calendar)
        if answer.psa != _SILENT:
            counts["reported"] += 1
            counts["reported_kept"] += kept_on_paper(answer.buckets, answer.psa)
        states = [clock.state for name, clock in answer.buckets.items() if name != "followup"]
        if "met" in states or "missed" in states:
            counts["felt"] += 1
            counts["felt_kept"] += "missed" not in states
    return Flattery(**counts, reopened_minutes=minutes, watermelons=watermelons)


def _after_reopening(ticket: Ticket, answer: Assessment, calendar: WorkCalendar) -> float:
    """Working minutes between the first resolution and the one that stood."""
    clock = answer.buckets["resolution"]
    if not clock.reopened or clock.first_done_at is None or clock.done_at is None:
        return 0.0
    return max(0.0, (calendar.worked(clock.done_at) - calendar.worked(clock.first_done_at)) / MINUTE)
