"""One ticket lived through again: the same judge at every instant at which its answer could have changed.

Guessing alerts from a final verdict counts a promise that was red for a minute like one that was red for
a week, and misses those that came and went. So nothing is guessed: `next_at` leads from fact to fact and
from zone to zone, as the daemon's timers do.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from connector.model import ZONES, Assessment, Assignment, Event, FlagName, Ticket
from connector.rules.assess import assess
from connector.rules.authorship.judgement import NOTHING_LEARNT, Learnt
from connector.rules.flags import is_live
from connector.rules.policy import Policy
from connector.rules.story import ordered

NOBODY_YET = ""
"""The engineer of a ticket that belongs to nobody."""


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment at which the answer may have changed. `engineer`: whose ticket it was then."""

    at: datetime
    engineer: str
    alert: bool
    write: bool


@dataclass(frozen=True, slots=True)
class Replay:
    """`final` is the assessment at the end of the replay; `instants` what led there, in order."""

    final: Assessment
    instants: tuple[Instant, ...]

    @property
    def alerts(self) -> int:
        return sum(one.alert for one in self.instants)


def replay(
    ticket: Ticket,
    timeline: Sequence[Event],
    policy: Policy,
    until: datetime,
    *,
    learnt: Learnt = NOTHING_LEARNT,
    stage_of: Mapping[str, str] | None = None,
    desk: Collection[str] = frozenset(),
) -> Replay:
    """Follow the ticket from its opening to `until`. ValueError as `assess` raises it.

    The PX of the client and the learnt chance of a miss are left out: both would be known only by looking
    ahead of the instant that is judged.
    """

    told = ordered(timeline)

    def judge(at: datetime) -> Assessment:
        return assess(ticket, told, policy, at, learnt=learnt, stage_of=stage_of or {}, desk=desk)

    owners = Owners(ticket, timeline)
    shown: Mapping[FlagName, str] = {}
    instants: list[Instant] = []
    at: datetime | None = ticket.opened_at
    while at is not None and at <= until:
        answer = judge(at)
        write = any(shown.get(flag, "") != value for flag, value in answer.flags.items())
        instants.append(Instant(at, owners.at(at), write and is_alert(shown, answer), write))
        shown, at = answer.flags, answer.next_at
    return Replay(judge(until), tuple(instants))


def is_alert(before: Mapping[FlagName, str], answer: Assessment) -> bool:
    """Whether an engineer is called: at risk turns Yes, or the zone rises to orange or to red.

    Only while something is still asked of somebody: what ends late turns red for good, and calls nobody.
    """
    if not any(is_live(clock) for clock in answer.buckets.values()):
        return False
    if answer.flags.get("at_risk") == "Yes" and before.get("at_risk") != "Yes":
        return True
    zone = answer.flags.get("zone", "")
    return zone in ("orange", "red") and _rank(zone) > _rank(before.get("zone", ""))


def _rank(zone: str) -> int:
    return next((rank for rank, name in enumerate(ZONES) if name == zone), 0)


class Owners:
    """Whose ticket it was, and when."""

    def __init__(self, ticket: Ticket, timeline: Sequence[Event]) -> None:
        moves = [one for one in timeline if isinstance(one, Assignment) and one.what == "person"]
        moves.sort(key=attrgetter("at"))
        self._at = [one.at for one in moves]
        self._who = [moves[0].from_ if moves else ticket.owner, *(one.to for one in moves)]

    def at(self, at: datetime) -> str:
        """The engineer, NOBODY_YET for none."""
        return self._who[bisect_right(self._at, at)]
