"""What the PSA would say of its own SLA: the vendor's semantics, worked out from statuses.

A status belongs to a stage, and reaching a stage is all it takes: moving a ticket to "Assigned" makes the
PSA say "responded", whether or not anybody wrote. Shown beside what the customer felt, for tickets the
vendor never judged. Source: ConnectWise board statuses and the sums of its SLA report (stage minutes are
working time without waiting); stages only advance, but Resolve, Resolved and Waiting move freely.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from connector.model import BucketName, Close, PsaVerdict, Ticket, Timeline
from connector.rules.meter import Meter, Stop
from connector.rules.policy import Policy
from connector.rules.story import STATE_EVENTS

WAITING, RESOLVED = "NoEscalation", "Resolved"
_STANDING = (WAITING, RESOLVED)
_STAGES: Mapping[str, int] = {WAITING: 0, "NotResponded": 0, "Responded": 1, "ResolutionPlan": 2, RESOLVED: 3}
"""How many of the promises a stage fulfils."""

_PROMISES: tuple[BucketName, ...] = ("response", "resplan", "resolution")


def stages(
    timeline: Timeline, ticket: Ticket, stage_of: Mapping[str, str], policy: Policy, now: datetime
) -> PsaVerdict:
    """The verdict at `now`. `timeline` is in order and known; `stage_of`: casefolded status -> stage.

    A status without a stage changes nothing, except that a close without one is `Resolved`. `sla_met` is
    None where the policy promises nothing; an open promise is kept until its time is up.
    """
    moves = [event for event in timeline if isinstance(event, STATE_EVENTS)]
    walk = _Walk()
    first = moves[0].from_ if moves else ticket.status
    walk.enter(stage_of.get(first.casefold(), ""), ticket.opened_at)
    for event in moves:
        closes = RESOLVED if isinstance(event, Close) else ""
        walk.enter(stage_of.get(event.to.casefold(), closes), max(event.at, ticket.opened_at))
    response, resplan, resolved = walk.reached
    return PsaVerdict(
        response_at=response,
        resplan_at=resplan,
        resolved_at=resolved,
        sla_met=_met(ticket, walk, policy, now) if walk.told else None,
        text="worked out from statuses" if walk.told else "",
    )


class _Walk:
    """A ticket on its way. `reached`: when it came to each stage. `stops`: when the PSA's clock stood."""

    __slots__ = ("_stands", "reached", "stops", "told")

    def __init__(self) -> None:
        self.reached: list[datetime | None] = [None, None, None]
        self.stops: list[Stop] = []
        self.told = False  # some status had a stage
        self._stands = False

    def enter(self, stage: str, at: datetime) -> None:
        """A status of this stage was set; one without a stage changes nothing."""
        number = _STAGES.get(stage)
        if number is None:
            return
        self.told = True
        if (stage in _STANDING) != self._stands:
            self._stands = not self._stands
            if self._stands:
                self.stops.append((at, None))
            else:
                self.stops.append((self.stops.pop()[0], at))
        if stage == WAITING:
            return
        if number < _STAGES[RESOLVED]:
            self.reached[-1] = None
        for index in range(number):
            self.reached[index] = self.reached[index] or at


def _met(ticket: Ticket, walk: _Walk, policy: Policy, now: datetime) -> bool | None:
    """Whether no promise is broken, by the time used to each stage; None where nothing is promised."""
    target = policy.target(ticket.priority)
    if target is None:
        return None
    meter = Meter(target.calendar, walk.stops)
    zero = meter.used(ticket.opened_at)
    promised = [(target.micros.get(name, 0), at) for name, at in zip(_PROMISES, walk.reached, strict=True)]
    kept = [meter.used(at or now) - zero <= target for target, at in promised if target > 0]
    return all(kept) if kept else None
