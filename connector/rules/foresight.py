"""At risk before the zones say so: when what was learnt makes a miss likely, once for every promise.

A chance moves with every hour and every refit of the model, a flag must not. So a chance is looked at
only at every twelfth of a promise's working time, as when it was learnt; between two looks nothing but
a new fact or a new model can raise it. What was foreseen stays with the clock until the promise is over
or another one stands in its place: a falling chance, a refit or a lost model never takes it back.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from connector.model import BucketClock, BucketName, Event, FlagName, Ticket
from connector.rules.facts import Facts
from connector.rules.flags import is_hot, shortened
from connector.rules.lines import moment, standstill, times, zone_named
from connector.rules.policy import Policy
from connector.rules.risk import (
    FEATURES,
    LEARNT,
    LOOKS,
    BucketModel,
    Case,
    Model,
    Standing,
    chance,
    features,
    standing,
)
from connector.rules.worktime import MINUTE, WorkCalendar

_SAME_TARGET = 0.01
"""Minutes; a clock that was kept as JSON has its target with two decimals."""

_MATTERS = 0.2
"""Log of the odds that a feature must add to be told as a reason: a fifth more."""


def recall(
    before: Mapping[BucketName, BucketClock],
    clocks: dict[BucketName, BucketClock],
    policy: Policy,
    opened_at: datetime,
) -> None:
    """Put back into `clocks` what was foreseen of the same promises in `before`.

    A promise is another one when its target changed, when it was opened later than foreseen, or when it
    was reopened. Nothing is put back while the policy has foresight off.
    """
    if policy.risk.raise_at is None:
        return
    for name, old in before.items():
        if old.foreseen_at is not None and name in clocks and _same(old, clocks[name], opened_at):
            clocks[name] = replace(clocks[name], foreseen_at=old.foreseen_at, foreseen_why=old.foreseen_why)


def _same(old: BucketClock, new: BucketClock, opened_at: datetime) -> bool:
    if old.foreseen_at is None or old.target_min is None or new.target_min is None:
        return False
    return (
        old.foreseen_at >= opened_at
        and abs(old.target_min - new.target_min) < _SAME_TARGET
        and (old.reopened == new.reopened or new.done_at is not None)
    )


def foresee(
    live: dict[BucketName, BucketClock],
    ticket: Ticket,
    timeline: Sequence[Event],
    calendar: WorkCalendar,
    now: datetime,
    policy: Policy,
    model: Model | None,
) -> datetime | None:
    """Mark in `live` what is foreseen by the last look; the instant of the next look, None if there is none.

    Looked at are running promises in green or yellow of which something was learnt. `timeline` ordered,
    `calendar` that of the promises. The answer depends on the facts, the model and the number of looks
    that are behind, and not on the instant: whoever asks between two looks gets the same.
    """
    raise_at = policy.risk.raise_at
    if model is None or raise_at is None:
        return None
    at: Standing | None = None
    looks: list[datetime] = []
    for name, clock in live.items():
        learnt = model.buckets.get(name) if name in LEARNT else None
        if learnt is None or clock.due_at is None or not _undecided(clock):
            continue
        at = at or standing(ticket, timeline, now)
        share, last, following = _look(clock, calendar, now)
        last = max(last, ticket.opened_at)
        seen = Case(at, share, False, last, clock.due_at)
        numbers = features(seen, learnt, model.pace)
        if 100 * chance(clock, numbers, learnt) < raise_at:
            looks.append(following)
            continue
        since = min(now, max(last, at.touched_at, model.learnt_at))
        why = f"over {raise_at:g} %: {', '.join(reasons(seen, numbers, learnt))}"
        live[name] = replace(clock, foreseen_at=since, foreseen_why=why)
    return min(looks, default=None)


def _undecided(clock: BucketClock) -> bool:
    return clock.state == "running" and clock.zone in ("green", "yellow") and clock.foreseen_at is None


def _look(clock: BucketClock, calendar: WorkCalendar, now: datetime) -> tuple[float, datetime, datetime]:
    """The share used at the last look of a running clock, when that was, and when the next one is."""
    target, used = round((clock.target_min or 0.0) * MINUTE), round(clock.elapsed_min * MINUTE)
    count, zero = used * LOOKS // target, calendar.worked(now) - used
    last, following = (calendar.at(zero - -number * target // LOOKS) for number in (count, count + 1))
    return count / LOOKS, last, following


def reasons(seen: Case, numbers: Sequence[float], learnt: BucketModel) -> list[str]:
    """What makes a miss likely, in plain words. `numbers`: the case's `features`."""
    value = dict(zip(FEATURES, numbers, strict=True))
    adds = {name: slope * value[name] for name, slope in zip(FEATURES, learnt.coefficients[1:], strict=True)}
    found = [f"{100 * seen.share:.0f} % used"]
    if value["speed"] < 0 and adds["speed"] + adds["speed_left"] > _MATTERS:
        found.append(f"group {seen.standing.group} is slow")
    if adds["untouched"] > _MATTERS:
        found.append("nobody has touched it")
    if adds["moves"] > _MATTERS:
        found.append(f"moved {times(seen.standing.moves)}")
    if len(found) == 1:
        found.append(f"{math.exp(value['left']):.0f} busy hours left")
    return found


def foretell(
    flags: dict[FlagName, str], live: Mapping[BucketName, BucketClock], policy: Policy, facts: Facts
) -> None:
    """Say in `flags` what is foreseen, unless there is worse. The words stay until facts change."""
    name = next((name for name, clock in live.items() if clock.foreseen_at), None)
    if name is None or any(map(is_hot, live.values())):
        return
    clock = live[name]
    if "at_risk" in flags:
        flags["at_risk"] = "Yes"
    if "why" in flags:
        zone = zone_named(policy.calendar.timezone)
        due = f"due {moment(clock.due_at, zone)}" if clock.due_at else standstill(name, facts)
        flags["why"] = shortened(f"{name} likely late, {due}; {clock.foreseen_why}")
