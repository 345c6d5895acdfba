"""Many replays summed up, in numbers that can be added: parts are counted on several cores and merged.

What is kept grows with engineers, days and hours, not with tickets; only felt minutes are kept one by one.
"""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any, get_args
from zoneinfo import ZoneInfo

from connector.history.backtest.replay import NOBODY_YET, Replay
from connector.model import CLOCKS, CommitmentState
from connector.rules.lines import zone_named
from connector.rules.stopclock import Stops
from connector.ticketlog import iso

_HOUR = timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Figures:
    """`states`: by bucket and state. `days`: alerts by engineer and local day, days without one included.
    `hours`: writes by hour since 1970. `steps`: how often a ticket was judged. `words`: dated promises in
    messages by what became of them. `stops`: what the stop-clock audit counted."""

    tickets: int = 0
    excluded: int = 0
    states: Counter[tuple[str, str]] = field(default_factory=Counter)
    felt: array[float] = field(default_factory=lambda: array("d"))
    alerts: int = 0
    unassigned: int = 0
    days: Counter[tuple[str, str]] = field(default_factory=Counter)
    hours: Counter[int] = field(default_factory=Counter)
    steps: int = 0
    words: Counter[str] = field(default_factory=Counter)
    stops: Stops = field(default_factory=Stops)

    def add(self, replay: Replay) -> None:
        final, zone = replay.final, zone_named(replay.final.timezone)
        self.tickets += 1
        self.steps += len(replay.instants)
        if final.excluded:
            self.excluded += 1
            return
        self.states.update((name, clock.state) for name, clock in final.buckets.items())
        response = final.buckets["response"]
        if response.done_at is not None:
            self.felt.append(response.elapsed_min)
        self._count(replay, zone)
        self.words.update(one.state for one in final.commitments)
        self.stops.add(final.stops)

    def _count(self, replay: Replay, zone: ZoneInfo) -> None:
        for one in replay.instants:
            if one.write:
                self.hours[(one.at - _EPOCH) // _HOUR] += 1
            self.alerts += one.alert
            if one.engineer == NOBODY_YET:
                self.unassigned += one.alert
            else:
                self.days[one.engineer, one.at.astimezone(zone).date().isoformat()] += one.alert

    def merge(self, other: Figures) -> None:
        self.tickets += other.tickets
        self.excluded += other.excluded
        self.states.update(other.states)
        self.felt.extend(other.felt)
        self.alerts += other.alerts
        self.unassigned += other.unassigned
        self.days.update(other.days)
        self.hours.update(other.hours)
        self.steps += other.steps
        self.words.update(other.words)
        self.stops.merge(other.stops)

    # ── as they are told ──────────────────────────────────────────────────────────────────────

    def to_json(self, hours: float) -> dict[str, Any]:
        """The figures; `hours` is how long the history is."""
        return {
            "tickets": self.tickets,
            "excluded": self.excluded,
            "judged_times": self.steps,
            "buckets": {name: self._bucket(name) for name in CLOCKS},
            "felt": self._felt(),
            "alerts": self._alerts(),
            "writes": self._writes(hours),
            "words": {state: self.words[state] for state in get_args(CommitmentState)},
            "stops": self.stops.to_json(),
        }

    def _bucket(self, name: str) -> dict[str, Any]:
        met, missed = self.states[name, "met"], self.states[name, "missed"]
        still = sum(self.states[name, state] for state in ("running", "paused", "waiting"))
        share = round(100 * missed / (met + missed), 1) if met + missed else None
        return {"missed": missed, "met": met, "undecided": still, "missed_percent": share}

    def _felt(self) -> dict[str, Any]:
        felt = sorted(self.felt)
        return {"n": len(felt), "median_min": _at(felt, 0.5), "p90_min": _at(felt, 0.9)}

    def _alerts(self) -> dict[str, Any]:
        counts = sorted(self.days.values())
        most, worst = max(((count, day) for day, count in self.days.items()), default=(0, None))
        return {
            "total": self.alerts,
            "unassigned": self.unassigned,
            "engineers": len({engineer for engineer, _ in self.days}),
            "engineer_days": len(counts),
            "mean": round(sum(counts) / len(counts), 2) if counts else None,
            "p90": _at(counts, 0.9),
            "most": most,
            "most_at": {"engineer": worst[0], "day": worst[1]} if worst and most else None,
        }

    def _writes(self, hours: float) -> dict[str, Any]:
        busiest, hour = max(((count, -hour) for hour, count in self.hours.items()), default=(0, None))
        total = self.hours.total()
        return {
            "total": total,
            "mean": round(total / hours, 2) if hours > 0 else None,
            "most": busiest,
            "most_at": iso(_EPOCH - hour * _HOUR) if hour is not None else None,
        }


def _at(values: list[float] | list[int], share: float) -> float | None:
    """The value that `share` of them do not exceed."""
    return round(values[ceil(share * len(values)) - 1], 1) if values else None
