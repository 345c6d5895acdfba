"""Findings about what was moved: a promise made longer, an end that was none, an answer nobody got."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime

from connector.model import BUCKETS, ClientChange, Message, PriorityChange, StopFinding
from connector.rules.lines import moment, span, zone_named
from connector.rules.policy import Target
from connector.rules.stopclock.scene import AT_ONCE, SOON, Scene, near, promised
from connector.rules.story import STATE_EVENTS

_ANSWERING = ("human", "unknown")
_NEVER = float("inf")


def pushed(scene: Scene) -> Iterator[StopFinding]:
    """A promise made longer, not by the customer, when it was nearly broken or was."""
    changes = [
        (i, one) for i, one in enumerate(scene.known) if isinstance(one, (PriorityChange, ClientChange))
    ]
    for index, event in changes:
        if event.actor.kind == "contact":
            continue
        old, new = _targets(event, scene)
        if old is None:
            continue
        for bucket in BUCKETS:
            longer = promised(new, bucket) - promised(old, bucket)
            left = scene.left(bucket, event.at, old) if longer > 0 else None
            if left is None or not near(*left):
                continue
            when = f"{span(left[0])} before {bucket} was due" if left[0] > 0 else f"when {bucket} was overdue"
            what = "priority" if isinstance(event, PriorityChange) else "client"
            yield StopFinding(
                rule="due_pushed",
                at=event.at,
                until=None,
                minutes=left[1] if longer == _NEVER else longer,
                event=index,
                text=f"{what} changed from {event.from_ or 'none'} to {event.to} {when}",
            )
            break


def _targets(event: PriorityChange | ClientChange, scene: Scene) -> tuple[Target | None, Target | None]:
    if isinstance(event, PriorityChange):
        return scene.policy.target(event.from_), scene.policy.target(event.to)
    before = scene.former.get(event.from_.casefold())
    priority = scene.ticket.priority
    return (before.target(priority), scene.policy.target(priority)) if before else (None, None)


def reopened(scene: Scene) -> Iterator[StopFinding]:
    """Resolved or closed, and reopened within a day."""
    zone = zone_named(scene.policy.calendar.timezone)
    states = {one.at: index for index, one in enumerate(scene.known) if isinstance(one, STATE_EVENTS)}
    for start, end in scene.facts.halts:
        if end is None or not AT_ONCE < end - start <= SOON:
            continue
        yield StopFinding(
            rule="reopened_soon",
            at=start,
            until=end,
            minutes=scene.minutes(start, end),
            event=states.get(start),
            text=f"resolved or closed, and reopened {moment(end, zone)}",
        )


def unreceived(scene: Scene) -> Iterator[StopFinding]:
    """An answer that came back, and a response of the PSA's that only the desk can read."""
    for verdict in scene.verdicts:
        if verdict.content == "bounce":
            yield from _bounced(scene.known[verdict.event].at, verdict.event, scene)
    at = scene.psa.response_at
    if at is not None and at <= scene.now:
        yield from _private(at, scene)


def _bounced(at: datetime, index: int, scene: Scene) -> Iterator[StopFinding]:
    answers = scene.facts.answers
    number = bisect_left(answers, index, key=lambda mark: mark[1] or 0)
    if not number or at - answers[number - 1][0] > SOON:
        return
    sent = answers[number - 1]
    until = scene.next_answer(at)
    yield StopFinding(
        rule="response_unreceived",
        at=sent[0],
        until=until,
        minutes=scene.minutes(sent[0], until),
        event=sent[1],
        text="an answer counted, and a bounce came back",
    )


def _private(at: datetime, scene: Scene) -> Iterator[StopFinding]:
    """A response in the PSA's own report, with an internal note at that time and nothing to the customer."""
    note = None
    for verdict in scene.verdicts:
        message = scene.known[verdict.event]
        if not isinstance(message, Message) or message.at > at + AT_ONCE:
            break
        if message.direction == "out" and verdict.cause in _ANSWERING:
            return
        if message.direction == "internal" and at - message.at <= AT_ONCE:
            note = verdict.event
    if note is None:
        return
    until = scene.next_answer(at)
    yield StopFinding(
        rule="response_unreceived",
        at=at,
        until=until,
        minutes=scene.minutes(at, until),
        event=note,
        text="the PSA counts a response, and only an internal note was written",
    )
