"""Desired flags: the few words and values an engineer should see on the ticket in the PSA.

Quiet by construction: equal facts give equal flags, whatever the hour, until something really changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC

from connector.model import ZONES, BucketClock, BucketName, FlagName, PxFigure
from connector.rules.course import edges
from connector.rules.experience import px_text, whole
from connector.rules.facts import Facts
from connector.rules.lines import moment, span, standstill, times, zone_named
from connector.rules.policy import Policy
from connector.rules.worktime import MINUTE

WHY_LIMIT = 100

_LATE: dict[BucketName, str] = {
    "resplan": " — nobody who can resolve is engaged",
    "update": " — the customer waits for news",
    "followup": " — the customer was unhappy",
}

Clocks = Mapping[BucketName, BucketClock]


def desired(
    clocks: Clocks, facts: Facts, policy: Policy, px: PxFigure | None, *, silent: bool
) -> dict[FlagName, str]:
    """The value each flag of the policy should have; all '' for a ticket that must not be flagged."""
    if silent:
        return dict.fromkeys(policy.flags, "")
    names: Iterable[BucketName] = clocks
    if facts.over:  # then it is the follow-up alone that still asks something of somebody
        names = ("followup",) if "followup" in clocks else ()
    live = {name: clocks[name] for name in names if is_live(clocks[name])}
    flags: dict[FlagName, str] = dict.fromkeys(policy.flags, "")  # some are filled in elsewhere
    if "at_risk" in flags:
        flags["at_risk"] = "Yes" if any(is_hot(clock) for clock in live.values()) else "No"
    if "zone" in flags:
        flags["zone"] = _zone(live, clocks, facts)
    if "due" in flags:
        flags["due"] = _due(live)
    response = clocks["response"]
    if "felt_response" in flags and response.done_at:
        flags["felt_response"] = str(int(response.elapsed_min))
    if px and "px" in flags:
        flags["px"] = px_text(px)
    if px and "px_percent" in flags and px.percent is not None:
        flags["px_percent"] = str(whole(px))
    if "why" in flags:
        flags["why"] = why(live, clocks, facts, policy)
    return flags


def is_live(clock: BucketClock) -> bool:
    """It still asks something of somebody."""
    return clock.state in ("running", "paused") or (clock.state == "missed" and clock.done_at is None)


def is_hot(clock: BucketClock) -> bool:
    """It is late, or soon will be by its zone."""
    return clock.state == "missed" or (clock.state == "running" and clock.zone in ("orange", "red"))


def _zone(live: Clocks, clocks: Clocks, facts: Facts) -> str:
    if facts.over and any(clock.state == "missed" for clock in clocks.values()):
        return "red"
    if not live:
        return "green"
    return max((clock.zone for clock in live.values()), key=ZONES.index, default="green")


def _due(live: Clocks) -> str:
    due = min((clock.due_at for clock in live.values() if clock.due_at), default=None)
    return due.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if due else ""


def why(live: Clocks, clocks: Clocks, facts: Facts, policy: Policy) -> str:
    """One short reason for the worst thing about this ticket."""
    text = _finished(clocks, facts) if facts.over and not live else _open(live, clocks, facts, policy)
    return shortened(text)


def shortened(text: str) -> str:
    """Cut to what fits into the PSA's field."""
    return text if len(text) <= WHY_LIMIT else text[: WHY_LIMIT - 1] + "…"


def _open(live: Clocks, clocks: Clocks, facts: Facts, policy: Policy) -> str:
    zone = zone_named(policy.calendar.timezone)
    missed = [
        (clock.missed_at, name) for name, clock in live.items() if clock.state == "missed" and clock.missed_at
    ]
    if missed:
        at, name = min(missed)
        only = f" — only {facts.uncounted} so far" if name == "response" and facts.uncounted else ""
        return f"{_named(name)} overdue since {moment(at, zone)}{_LATE.get(name, only)}"
    due = sorted((clock.due_at, name) for name, clock in live.items() if clock.due_at)
    for at, name in due:
        if live[name].zone in ("orange", "red"):
            return f"{_named(name)} {_little_left(live[name], policy)}, due {moment(at, zone)}"
    said = _felt(clocks["response"])
    if any(clock.state == "paused" for clock in live.values()):
        return f"{said}; {standstill('response', facts)}"
    return f"{said}; {_named(due[0][1])} due {moment(due[0][0], zone)}" if due else said


def _named(bucket: BucketName) -> str:
    return "follow-up" if bucket == "followup" else bucket


def _little_left(clock: BucketClock, policy: Policy) -> str:
    """Why it is orange, told by what made it so; the same words until it is over."""
    zones, target = policy.zones, round((clock.target_min or 0.0) * MINUTE)
    _, orange, _ = edges(target, zones)
    if orange < round(zones.orange / 100 * target):
        return f"has less than {span(zones.orange_when_left)} left"
    return f"{zones.orange:g} % used"


def _felt(response: BucketClock) -> str:
    if response.done_at is None:
        return "not answered yet"
    late = " late," if response.state == "missed" else ""
    return f"answered{late} in {span(response.elapsed_min)}"


def _finished(clocks: Clocks, facts: Facts) -> str:
    """A finished ticket tells the promise that was broken, else how it ended."""
    for name, clock in clocks.items():
        if clock.state == "missed" and clock.target_min:
            if name == "update":
                return f"update missed {times(clock.missed_times)}"
            took = f"took {span(clock.elapsed_min)}" if clock.done_at else "never came"
            return f"{name} missed: {took}, promised {span(clock.target_min)}"
    if facts.resolved is None:
        return standstill("resolution", facts)
    if not facts.answers:
        return standstill("response", facts)
    return f"resolved in {span(clocks['resolution'].elapsed_min)}, every promise kept"
