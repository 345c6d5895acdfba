"""What the flags should be, told by the world itself: its own records, judged by the same rules.

No adapter, no store and no daemon has a hand in it. Whatever they miss, double or misdate shows as a flag
that is another one here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

from connector.model import (
    Actor,
    Assignment,
    BucketClock,
    BucketName,
    Channel,
    Close,
    Event,
    Message,
    PriorityChange,
    StatusChange,
)
from connector.model import Ticket as Told
from connector.rules.assess import assess
from connector.rules.authorship.judgement import Learnt
from connector.rules.authorship.templates import Use, sightings
from connector.rules.policy import Policy
from connector.simulator import World
from connector.simulator.people import TYPES
from connector.simulator.records import Post, Ticket, Trail, WorkLog

_CHANNELS: dict[str, Channel] = {"Phone Call": "phone", "On-site": "visit"}


class Truth:
    """The world's tickets as the rules read them.

    `rules_mail`: whether the PSA tells that what its rules send to customers is mail.
    """

    def __init__(self, world: World, *, rules_mail: bool) -> None:
        self.world, self.rules_mail = world, rules_mail

    def flags(
        self,
        policy: Policy,
        now: datetime,
        only: Callable[[Ticket], bool] = lambda _ticket: True,
        foreseen: Mapping[int, Mapping[BucketName, BucketClock]] = MappingProxyType({}),
    ) -> dict[int, Mapping[str, str]]:
        """What each ticket of the policy's client should show at `now`, of those that `only` lets through.

        `foreseen`: misses that were foreseen by what a daemon has learnt, which the world knows nothing of.
        """
        trail: dict[int, list[tuple[int, Trail]]] = {}
        for number, line in enumerate(self.world.trail):
            trail.setdefault(line.ticket, []).append((number, line))
        told = {
            ticket.id: (self._ticket(ticket), tuple(self._events(ticket, trail.get(ticket.id, ()))))
            for ticket in self.world.tickets.by_id.values()
            if self.world.companies[ticket.company].name == policy.client and only(ticket)
        }
        learnt = Learnt(_lines({str(key): events for key, (_, events) in told.items()}))
        return {
            key: dict(assess(ticket, events, policy, now, learnt=learnt, before=foreseen.get(key, {})).flags)
            for key, (ticket, events) in told.items()
        }

    def _ticket(self, row: Ticket) -> Told:
        world, status = self.world, self.world.statuses[row.status]
        return Told(
            id=str(row.id),
            client=world.companies[row.company].name,
            opened_at=row.entered_at,
            summary=row.summary,
            priority=world.priorities[row.priority].name,
            type=TYPES[row.type],
            status=status.name,
            group=world.boards[row.board].name,
            closed=status.closed,
            closed_at=row.closed_at,
        )

    def _events(self, row: Ticket, trail: Iterable[tuple[int, Trail]]) -> Iterator[Event]:
        world = self.world
        yield StatusChange(at=row.entered_at, key="opened", to="New")
        for post in world.posts(row.id):
            yield self._said(post)
        for log in world.logs(row.id):
            yield self._worked(log)
        for number, line in trail:
            common = {"at": line.at, "key": f"trail:{number:09}", "actor": self._who(line.by)}
            if line.kind == "Status":
                yield StatusChange(**common, from_=line.old, to=line.new)
            elif line.kind == "Priority":
                yield PriorityChange(**common, from_=line.old, to=line.new)
            elif line.kind == "Resource":
                yield Assignment(**common, from_=line.old, to=line.new)
        if row.closed_at is not None:
            yield Close(at=row.closed_at, key="close", actor=self._who(row.closed_by))

    def _said(self, post: Post) -> Message:
        customer = post.contact is not None
        who = Actor("contact", str(post.contact)) if customer else self._who(post.created_by)
        mailed = customer or (self.rules_mail and who.kind == "automation")
        return Message(
            at=post.at,
            key=f"note:{post.id}",
            actor=who,
            direction="in" if customer else "out" if post.visible else "internal",
            channel="email" if mailed else "note",
            text=post.text,
        )

    def _worked(self, log: WorkLog) -> Message:
        return Message(
            at=log.end,
            key=f"time:{log.id}",
            actor=self._who(self.world.members[log.member].identifier),
            direction="out" if log.visible else "internal",
            channel=_CHANNELS.get(log.work_type, "time_entry"),
            text=log.text,
            minutes=(log.end - log.start).total_seconds() / 60,
        )

    def _who(self, login: str) -> Actor:
        """A person of the desk, or a machine: who is neither has no record."""
        member = self.world.members_by_login.get(login.casefold())
        if member is None or member.kind != "person":
            return Actor("automation", login)
        return Actor("staff", login, team=member.team)


def _lines(timelines: Mapping[str, tuple[Event, ...]]) -> dict[str, dict[str, tuple[Use, ...]]]:
    """Which sentences were on which tickets, as a desk's own texts are learnt."""
    found: dict[str, dict[str, set[Use]]] = {}
    for ticket, events in timelines.items():
        for one in sightings(ticket, events):
            found.setdefault(one.line, {}).setdefault(one.author, set()).add(one.use)
    return {
        line: {author: tuple(sorted(uses)) for author, uses in authors.items()}
        for line, authors in found.items()
    }
