"""What foresight adds to the zones on a real log: every ticket is watched as the daemon would watch it.

A turn comes with every event of the ticket and at every `next_at` of its last assessment; each assessment
is kept as JSON and handed to the next, as the store does. Nothing later than the turn is visible.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from connector.assessmentlog import assessment_to_json, clocks_from_json
from connector.model import BucketClock, BucketName, Event, Ticket
from connector.rules.assess import assess
from connector.rules.policy import Policy
from connector.rules.risk import Model

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Story(Protocol):
    """A ticket of the log with its events in order, when it was due, and spans in which it was over."""

    @property
    def ticket(self) -> Ticket: ...
    @property
    def events(self) -> Sequence[Event]: ...
    @property
    def due(self) -> datetime: ...
    @property
    def late(self) -> bool: ...
    @property
    def over(self) -> Sequence[tuple[datetime, datetime]]: ...


@dataclass(slots=True)
class Watched:
    """What was seen of one ticket. `raises`: how often its flag went up, `most` within one opening of it."""

    story: Story
    foreseen_at: datetime | None = None
    orange_at: datetime | None = None
    turns: int = 0
    raises: int = 0
    most: int = 0
    open_for: timedelta = timedelta(0)

    @property
    def early(self) -> datetime | None:
        """When it was foreseen, if that was before orange."""
        at, orange = self.foreseen_at, self.orange_at
        return at if at and (orange is None or at < orange) else None


def watch(story: Story, policy: Policy, model: Model | None, *, latched: bool = True) -> Watched:
    """Turn by turn until it is over for good. Not `latched`: every turn forgets what was foreseen."""
    events, over = story.events, story.over[-1][0]
    seen, before = Watched(story), dict[BucketName, BucketClock]()
    flag, reopened, own, known, now = "No", 0, 0, 0, story.ticket.opened_at
    while now < over:
        while known < len(events) and events[known].at <= now:
            known += 1
        answer = assess(story.ticket, events[:known], policy, now, model=model, before=before)
        before = clocks_from_json(assessment_to_json(answer)) if latched else {}
        clock, was = answer.buckets["resolution"], flag
        flag = answer.flags["at_risk"]
        if clock.reopened > reopened:
            reopened, own = clock.reopened, 0
        seen.turns += 1
        if (was, flag) == ("No", "Yes"):
            seen.raises += 1
            own += 1
            seen.most = max(seen.most, own)
        seen.foreseen_at = seen.foreseen_at or clock.foreseen_at
        if clock.zone in ("orange", "red"):
            seen.orange_at = seen.orange_at or now
        coming = [
            at for at in (answer.next_at, *(event.at for event in events[known : known + 1]), over) if at
        ]
        seen.open_for += min(coming) - now if clock.done_at is None else timedelta(0)
        now = min(coming)
    return seen


def report(stories: Sequence[Story], policy: Policy, model: Model) -> None:
    """Print what foresight did for these tickets, and whether it kept its budget of one raise."""
    found = [watch(story, policy, model) for story in stories]
    alone = [watch(story, policy, None) for story in stories]
    loose = [watch(story, policy, model, latched=False) for story in stories]
    print(f"foresight at {policy.risk.raise_at:g} % on {len(found)} tickets opened after training:")
    orange = [one for one in alone if one.orange_at]
    early = [one for one in found if one.early]
    print(f"  turned orange {len(orange)}, {_late(orange)} of them late")
    print(f"  foreseen before orange {len(early)}, {_late(early)} of them late")
    late = [(one, other) for one, other in zip(found, alone, strict=True) if one.story.late]
    told = [(one.early, other.orange_at, one.story.due) for one, other in late if one.early]
    print(f"  of {len(late)} late ones {len(told)} were foreseen", end=", ")
    print(f"{statistics.median((o - e) / HOUR for e, o, _ in told if o):.1f} h before orange and", end=" ")
    print(f"{statistics.median((d - e) / HOUR for e, _, d in told):.1f} h before due (medians)")
    print(f"  flag raised {_raises(found)}; by zones alone {_raises(alone)}; without memory {_raises(loose)}")
    more = sum(one.turns for one in found) - sum(one.turns for one in alone)
    days = sum((one.open_for for one in alone), timedelta(0)) / DAY
    print(f"  further looks: {more / len(found):.1f} a ticket, {more / days:.2f} a day for an open one")
    kept = max(one.most for one in found) <= 1
    print(f"gate (at most one raise while a promise is open): {'passed' if kept else 'NOT passed'}")


def _late(ones: Sequence[Watched]) -> str:
    return f"{sum(one.story.late for one in ones) / len(ones):.1%}"


def _raises(ones: Sequence[Watched]) -> str:
    """On average for each ticket, and at most while one was open."""
    mean, most = sum(one.raises for one in ones) / len(ones), max(one.most for one in ones)
    return f"{mean:.2f} times a ticket (at most {most})"
