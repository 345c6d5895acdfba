"""What really happened on the tickets of the store, set against what the PSA made of it.

The PSA's own set-up may be hidden, or honest on paper and hollow in use: so its verdicts are laid beside
the messages. Only tickets that begin with a customer's words are looked at for responses: one that is
logged during a call may rightly count as answered at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connector.model import (
    Assessment,
    Close,
    Event,
    Message,
    Reopen,
    StatusChange,
    Ticket,
    Timeline,
)
from connector.rules.authorship.habits import Habit
from connector.rules.authorship.thanks import is_thanks
from connector.rules.policy import Policy

SAME = timedelta(seconds=60)
"""Two things so close to each other are taken for one: PSAs stamp a change and its effect apart."""


@dataclass(slots=True)
class Share:
    """How often something happened, and on which tickets it was hollow."""

    all: int = 0
    hollow: list[str] = field(default_factory=list)

    def add(self, ticket: str, hollow: bool) -> None:
        self.all += 1
        if hollow:
            self.hollow.append(ticket)

    def worth(self, least: int, share: float) -> bool:
        """Whether at least so many, and such a share, were hollow."""
        return len(self.hollow) >= max(least, share * self.all)

    def __str__(self) -> str:
        return f"{len(self.hollow)} of {self.all}"


@dataclass(slots=True)
class Past:
    """Counts over the tickets of one connection.

    Responses by the PSA, hollow where nobody had written to the customer: all, at once with the opening, by
    the status that was set at that moment, with no status set (`unseen`), and before we knew its statuses
    (`untold`). `closed`: resolved by the PSA when a
    machine closed it. `reopened`: open again, hollow where the PSA still has them as resolved. `unheard`:
    customers who wrote on a closed ticket, hollow where it stayed closed. `standing`: tickets in a status in
    which the client's rules pause, hollow where the PSA's clock goes on. `habits`: who repeats themselves,
    with tickets they wrote on.
    """

    tickets: int = 0
    responses: Share = field(default_factory=Share)
    at_once: Share = field(default_factory=Share)
    by_status: dict[str, Share] = field(default_factory=dict)
    unseen: Share = field(default_factory=Share)
    untold: Share = field(default_factory=Share)
    closed: Share = field(default_factory=Share)
    reopened: Share = field(default_factory=Share)
    unheard: Share = field(default_factory=Share)
    standing: dict[str, Share] = field(default_factory=dict)
    habits: Sequence[Habit] = ()
    wrote_on: dict[str, list[str]] = field(default_factory=dict)

    def add(self, ticket: Ticket, answer: Assessment, policy: Policy) -> None:
        """One ticket, judged under its client's rules. What is excluded or bundled is left out."""
        if answer.excluded:
            return
        self.tickets += 1
        self._response(ticket, answer)
        self._close(ticket, answer, policy)
        self._after(ticket, answer.timeline, policy)
        self._pause(ticket, policy)

    def _response(self, ticket: Ticket, answer: Assessment) -> None:
        at = answer.psa.response_at
        if at is None or not _begun_by_customer(ticket, answer.timeline):
            return
        counted = [answer.timeline[one.event].at for one in answer.messages if one.counts]
        hollow = not counted or min(counted) > at + SAME
        self.responses.add(ticket.id, hollow)
        at_once = at - ticket.opened_at <= SAME
        self.at_once.add(ticket.id, hollow and at_once)
        if at_once:
            return
        changes = [one for one in answer.timeline if isinstance(one, StatusChange)]
        moves = [one for one in changes if abs(one.at - at) <= SAME]
        for status in dict.fromkeys(move.to for move in moves):
            self.by_status.setdefault(status, Share()).add(ticket.id, hollow)
        watched = any(one.at < at - SAME for one in changes)
        if watched:
            self.unseen.add(ticket.id, hollow and not moves)
        elif not moves:
            self.untold.add(ticket.id, hollow)

    def _close(self, ticket: Ticket, answer: Assessment, policy: Policy) -> None:
        at = answer.psa.resolved_at
        if at is None or policy.resolution.auto_close != "not_a_resolution":
            return
        ends = policy.resolution.statuses
        by_machine = any(
            one.actor.kind == "automation"
            for one in _near(answer.timeline, at)
            if isinstance(one, Close) or (isinstance(one, StatusChange) and one.to.casefold() in ends)
        )
        resolved = answer.buckets["resolution"]
        self.closed.add(ticket.id, by_machine and (resolved.done_at is None or resolved.done_at > at + SAME))

    def _after(self, ticket: Ticket, timeline: Timeline, policy: Policy) -> None:
        """What became of tickets that were over and then were not."""
        ends = policy.resolution.statuses
        over = [one.at for one in timeline if isinstance(one, Close) or _enters(one, ends)]
        if over and not ticket.closed and ticket.status.casefold() not in ends:
            self.reopened.add(ticket.id, ticket.psa.resolved_at is not None)
        closed = [one.at for one in timeline if isinstance(one, Close)]
        wrote = [one.at for one in timeline if isinstance(one, Message) and _asks(one)]
        later = [at for at in wrote if closed and at > min(closed) + SAME]
        if later:
            moved = any(isinstance(one, Reopen | StatusChange) and one.at >= later[0] for one in timeline)
            self.unheard.add(ticket.id, ticket.closed and not moved)

    def _pause(self, ticket: Ticket, policy: Policy) -> None:
        """By the PSA's own words, where it has any: ConnectWise says "Waiting", Halo "on hold"."""
        if ticket.closed or not ticket.psa.text or ticket.status.casefold() not in policy.pause.statuses:
            return
        said = ticket.psa.text.casefold()
        stands = "hold" in said or "waiting" in said
        self.standing.setdefault(ticket.status, Share()).add(ticket.id, not stands)


def _near(timeline: Timeline, at: datetime) -> Iterable[Event]:
    return (one for one in timeline if abs(one.at - at) <= SAME)


def _enters(event: Event, statuses: Collection[str]) -> bool:
    return isinstance(event, StatusChange) and event.to.casefold() in statuses


def _asks(message: Message) -> bool:
    """Whether a customer wrote something that wants to be read."""
    return _from_customer(message) and bool(message.text) and not is_thanks(message.text)


def _begun_by_customer(ticket: Ticket, timeline: Timeline) -> bool:
    first = next((one for one in timeline if isinstance(one, Message)), None)
    return first is not None and _from_customer(first) and first.at - ticket.opened_at <= SAME


def _from_customer(message: Message) -> bool:
    return message.direction == "in" and message.actor.kind in ("contact", "unknown")
