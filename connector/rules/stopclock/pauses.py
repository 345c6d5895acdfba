"""Findings about standing still: for whom, how shortly before a promise, and how often."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from connector.model import Message, StopFinding
from connector.rules.authorship import is_thanks
from connector.rules.lines import moment, span, zone_named
from connector.rules.stopclock.scene import AT_ONCE, SOON, Scene, near
from connector.rules.story import STATE_EVENTS

_OFTEN = 3
_WORTH = 15.0  # working minutes from which an unanswered pause is worth telling


@dataclass(frozen=True, slots=True)
class Pause:
    """From the change into a pause status to the change out of it (None: it lasts)."""

    event: int
    status: str
    start: datetime
    end: datetime | None


def pauses(scene: Scene) -> list[Pause]:
    """The pauses somebody set, earliest first, as the PSA's clock has them."""
    found: list[Pause] = []
    since: tuple[int, str, datetime] | None = None
    for index, event in enumerate(scene.known):
        if not isinstance(event, STATE_EVENTS):
            continue
        stands = event.to.casefold() in scene.policy.pause.statuses
        if since is not None and not stands:
            found.append(Pause(*since, event.at))
            since = None
        elif since is None and stands:
            since = (index, event.to, event.at)
    return [*found, Pause(*since, None)] if since else found


def about_pauses(scene: Scene) -> Iterator[StopFinding]:
    """All findings about the pauses of a ticket."""
    found = pauses(scene)
    if not found:
        return
    waits = _waits(scene)
    for pause in found:
        yield from _unanswered(pause, waits, scene)
        yield from _before_due(pause, scene)
    yield from _ping_pong(found, scene)


Wait = tuple[datetime, datetime | None]
"""From something the customer wrote to the answer that counts (None: there is none yet)."""


def _waits(scene: Scene) -> list[Wait]:
    """When the customer waited for us, earliest first; a thanks asks for nothing."""
    waits: list[Wait] = []
    for verdict in scene.verdicts:
        message = scene.known[verdict.event]
        if (
            isinstance(message, Message)
            and message.direction == "in"
            and message.actor.kind != "staff"
            and verdict.cause != "automated"
            and verdict.content not in ("absence", "bounce", "empty")
            and (not waits or (waits[-1][1] is not None and waits[-1][1] < message.at))
            and not (message.text and is_thanks(message.text))
        ):
            waits.append((message.at, scene.next_answer(message.at)))
    return waits


def _unanswered(pause: Pause, waits: Sequence[Wait], scene: Scene) -> Iterator[StopFinding]:
    """The first wait for us that a pause began in, or that began while it lasted."""
    end = pause.end or scene.now
    first = max(0, bisect_right(waits, pause.start, key=_wrote) - 1)
    for wrote, answer in islice(waits, first, bisect_right(waits, end, key=_wrote)):
        start = max(wrote, pause.start)
        if start >= end or (answer is not None and answer <= start + AT_ONCE):
            continue
        until = answer if answer is not None and answer < end else pause.end
        minutes = scene.minutes(start, until)
        if minutes < _WORTH:
            continue
        at = moment(wrote, zone_named(scene.policy.calendar.timezone))
        text = f"status {pause.status} while the customer's message of {at} was unanswered"
        yield StopFinding(
            rule="pause_unanswered", at=start, until=until, minutes=minutes, event=pause.event, text=text
        )
        return


def _wrote(wait: Wait) -> datetime:
    return wait[0]


def _before_due(pause: Pause, scene: Scene) -> Iterator[StopFinding]:
    """A pause that began when hardly anything was left of a promise that stands still in it."""
    found = []
    for bucket in scene.policy.pausing:
        left = scene.left(bucket, pause.start)
        if left is not None and left[0] > 0 and near(*left):
            found.append((left[0], bucket))
    if found:
        minutes, bucket = min(found)
        text = f"status {pause.status} began {span(minutes)} before {bucket} was due"
        yield StopFinding(
            rule="pause_before_due",
            at=pause.start,
            until=pause.end,
            minutes=minutes,
            event=pause.event,
            text=text,
        )


def _ping_pong(found: Sequence[Pause], scene: Scene) -> Iterator[StopFinding]:
    """Three pauses or more that began within a day; a run is told once."""
    first = 0
    while first + _OFTEN <= len(found):
        last = first
        while last + 1 < len(found) and found[last + 1].start - found[first].start <= SOON:
            last += 1
        run = found[first : last + 1]
        if len(run) < _OFTEN:
            first += 1
            continue
        minutes = sum(scene.minutes(pause.start, pause.end) for pause in run)
        yield StopFinding(
            rule="ping_pong",
            at=run[0].start,
            until=run[-1].end,
            minutes=minutes,
            event=run[0].event,
            text=f"{len(run)} pauses within a day, together {span(minutes)}",
        )
        first = last + 1
