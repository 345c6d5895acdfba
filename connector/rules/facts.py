"""What a ticket's story means under a policy: when it was answered, engaged, resolved, and stood still.

One pass over the story, so that ten thousand events cost ten thousand steps. Nothing here knows of
targets or calendars: the same facts serve every clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from connector.model import (
    NOBODY,
    Actor,
    Appointment,
    ClientChange,
    Close,
    Event,
    Message,
    MessageVerdict,
    PriorityChange,
    Reopen,
    Ticket,
)
from connector.rules.authorship import Judgement, is_thanks, weigh
from connector.rules.authorship.judgement import NOTHING_LEARNT, Learnt
from connector.rules.authorship.rulings import of_author
from connector.rules.commitments.reading import may_promise
from connector.rules.meter import Stop
from connector.rules.policy import Policy
from connector.rules.story import STATE_EVENTS, StateEvent, Story

Mark: TypeAlias = tuple[datetime, int | None]
"""When something was reached, and the index of the event that did it (None: the ticket's own field)."""

Ending: TypeAlias = tuple[datetime, Actor, int | None]
"""When it was over, by whom, and the index of the event that tells it."""

SAME_STEP = timedelta(minutes=15)
"""A change this soon after a message, or an event this near to a time field, belongs to it."""

_MACHINES = frozenset(["api", "self", "system", "workflow"])

_NOBODY_THERE = ("absence", "bounce")  # notes in the customer's name, whoever the record says sent them


class Facts:
    """What the clocks need to know, in the order it happened.

    `answers`: messages that count, earliest first. `engaged`: customer and somebody who can resolve are
    engaged. `resolved`: the resolution that stands. `over`: resolved or closed, clocks stand still.
    `halts`: when it was over; `holds`: when it was over or in a pause status. `uncounted`: what the
    customer got instead of an answer, in plain words. `changes`: of what is promised. `promising`: people's
    messages to the customer that may hold a dated promise, each with its own words.
    """

    __slots__ = (
        "_closing",
        "_endings",
        "_halted",
        "_held",
        "_learnt",
        "_listens",
        "_policy",
        "_replied",
        "_reply",
        "_thanked",
        "_ticket",
        "answers",
        "changes",
        "engaged",
        "findings",
        "first_resolved",
        "halts",
        "holds",
        "opened_at",
        "over",
        "paused",
        "promising",
        "reopened",
        "resolved",
        "status",
        "uncounted",
        "verdicts",
    )

    def __init__(
        self,
        ticket: Ticket,
        story: Story,
        policy: Policy,
        now: datetime,
        learnt: Learnt = NOTHING_LEARNT,
    ) -> None:
        self._policy = policy
        self._ticket = ticket.id
        self._learnt = learnt
        self._listens = policy.commitments.mode != "off"
        self.opened_at = ticket.opened_at
        self.verdicts: list[MessageVerdict] = []
        self.answers: list[Mark] = []
        self.changes: list[PriorityChange | ClientChange] = []
        self.engaged: Mark | None = None
        self.resolved: Mark | None = None
        self.first_resolved: Mark | None = None
        self.reopened = 0
        self.over = self.paused = self._halted = self._held = False
        self.halts: list[Stop] = []
        self.holds: list[Stop] = []
        self.uncounted = ""
        self.findings: dict[str, None] = {}
        self._endings: deque[Ending] = deque()  # known from the ticket's own fields, not yet reached
        self.promising: list[tuple[int, datetime, str]] = []
        self._reply: tuple[datetime, Message] | None = None  # the customer's last
        self._replied: datetime | None = None  # the reply that ended the pause whose status is still set
        self._thanked = False  # the PSA has reopened it for a mere thanks
        self._begin(ticket, story, now)
        self._read(story.known, now)

    # ── beginning and reading on ──────────────────────────────────────────────────────────────

    def _begin(self, ticket: Ticket, story: Story, now: datetime) -> None:
        """The status at opening, and the endings that only the ticket's own fields tell."""
        states = story.states
        self.status = states[0][1].from_ if states else ticket.status
        self._closing = self._closing_names(ticket, states)
        closings = [(i, e) for i, e in states if isinstance(e, Close) or e.to.casefold() in self._closing]
        resolved, closed = ticket.resolved_at, ticket.closed_at
        told = {at for at in (resolved, closed) if at}
        if not told:
            told = self._untold(ticket, story, bool(states), bool(closings))
        if told:
            if story.ahead:
                closings = [closing for closing in closings if closing[0] < len(story.known)]
            for at in sorted(max(at, self.opened_at) for at in told if at <= now):
                self._endings.append((at, *_author(at, closings)))
        if self.status.casefold() in self._policy.pause.statuses:
            self.paused = True
            self._mark(self.opened_at)

    def _closing_names(self, ticket: Ticket, states: Sequence[tuple[int, StateEvent]]) -> frozenset[str]:
        """Statuses that end a ticket: those of the policy, and those in which this one was closed."""
        names = self._policy.resolution.statuses
        more = [event.to for _, event in states if event.to and isinstance(event, Close)]
        if ticket.status and (ticket.closed or ticket.closed_at):
            more.append(ticket.status)
        return names.union(map(str.casefold, more)) if more else names

    def _untold(self, ticket: Ticket, story: Story, moved: bool, ended: bool) -> set[datetime]:
        """The ending of a ticket that is over, without a time field or an event that says since when."""
        if moved and self.status.casefold() in self._closing:
            return {self.opened_at}
        if ended or not (ticket.closed or ticket.status.casefold() in self._closing):
            return set()
        self.findings["it ended at a time nobody noted; the last known fact stands for it"] = None
        return {max([self.opened_at, *(event.at for event in story.all[-1:])])}

    def _read(self, events: Iterable[Event], now: datetime) -> None:
        early = 0
        opened, endings = self.opened_at, self._endings
        for index, event in enumerate(events):
            at = event.at
            if at < opened:
                early += 1
                at = opened
            while endings and endings[0][0] < at:
                self._end(*endings.popleft())
            if isinstance(event, Message):
                self._message(index, at, event)
            elif isinstance(event, STATE_EVENTS):
                self._state(index, at, event)
            elif isinstance(event, Appointment):
                self._appointment(index, at, event)
            elif isinstance(event, (PriorityChange, ClientChange)):
                self.changes.append(event)
        for ending in endings:
            self._end(*ending)
        if self.holds == self.halts:
            self.holds = self.halts  # one and the same for whoever reads working time off them
        if early:
            facts = "1 fact is" if early == 1 else f"{early} facts are"
            self.findings[f"{facts} older than the opening; clocks start at the opening"] = None
        if self._replied is not None and not self.over:
            self.findings[f"the customer replied, but the status is still {self.status}"] = None

    # ── messages ──────────────────────────────────────────────────────────────────────────────

    def _message(self, index: int, at: datetime, message: Message) -> None:
        direction = message.direction
        judgement, counted, evidence = weigh(
            message, self._policy.response, self.opened_at, self._ticket, self._learnt
        )
        self.verdicts.append(MessageVerdict(index, judgement.cause, judgement.content, counted, evidence))
        if direction == "out":
            if counted:
                self.answers.append((at, index))
            elif not self.answers:
                self.uncounted = _named(message, judgement)
            if self.engaged is None and self._engages(message, judgement, counted):
                self.engaged = (at, index)
            if judgement.own and judgement.cause == "human" and self._listens and may_promise(judgement.own):
                self.promising.append((index, at, judgement.own))
        elif (
            direction == "in"
            and judgement.cause != "automated"
            and message.actor.kind != "staff"
            and judgement.content not in _NOBODY_THERE
        ):
            self._customer(at, message)

    def _engages(self, message: Message, judgement: Judgement, counted: bool) -> bool:
        rule, actor = self._policy.resplan, message.actor
        if actor.kind != "staff" or not rule.not_by.isdisjoint(
            (actor.id.casefold(), actor.name.casefold(), actor.team.casefold())
        ):
            return False
        if counted and rule.message_by_resolver:
            return True
        specific = judgement.cause == "human" and judgement.content == "specific"
        return message.channel in rule.channels and (counted or specific)

    def _customer(self, at: datetime, message: Message) -> None:
        """The customer wrote: that ends a pause, and a closed ticket may not ignore it."""
        self._reply = (at, message)
        if self.over:
            if not _thanks(message):
                self.findings["customer wrote after it was resolved or closed"] = None
                if self._thanked:
                    self._reopen(at)
        elif self.paused:
            self.findings["customer answered while the clock was paused"] = None
            if self._policy.pause.resume_on_reply:
                self.paused = False
                self._replied = at
                self._mark(at)

    # ── states ────────────────────────────────────────────────────────────────────────────────

    def _state(self, index: int, at: datetime, event: StateEvent) -> None:
        came, went = event.to.casefold(), (event.from_ or self.status).casefold()
        if isinstance(event, Close):
            self._end(at, event.actor, index)
        elif isinstance(event, Reopen):
            self._leave(at, event.actor)
        elif came == went:
            return
        elif came in self._closing:
            self._end(at, event.actor, index)
        else:
            self._leave(at, event.actor)
        if came in self._policy.resplan.statuses and not self._by_machine(event.actor):
            self._engage(at, index)
        self.status = event.to or (self.status if isinstance(event, Close) else "")
        self.paused = came in self._policy.pause.statuses
        self._replied = None
        self._mark(at)

    def _appointment(self, index: int, at: datetime, event: Appointment) -> None:
        if self._policy.resplan.appointment and not self._by_machine(event.actor):
            self._engage(at, index)

    def _end(self, at: datetime, actor: Actor, index: int | None) -> None:
        self._thanked = False
        if self.resolved is None and (
            self._policy.resolution.auto_close == "resolution" or not self._by_machine(actor)
        ):
            self.resolved = (at, index)
            self.first_resolved = self.first_resolved or self.resolved
        self.over = True
        self._mark(at)

    def _leave(self, at: datetime, actor: Actor) -> None:
        """It left the resolved statuses: reopened, unless only a thanks did it."""
        if not self.over:
            return
        if self._policy.resolution.thanks == "ignored" and actor.kind != "staff":
            thanked = self._reply is not None and at - self._reply[0] <= SAME_STEP
            if self._thanked or (thanked and self._reply is not None and _thanks(self._reply[1])):
                self._thanked = True
                self.findings["reopened by a mere thanks: not counted"] = None
                return
        self._reopen(at)

    def _reopen(self, at: datetime) -> None:
        self.over = self._thanked = False
        self.resolved = None
        self.reopened += 1
        self._mark(at)

    def _engage(self, at: datetime, index: int) -> None:
        if self.engaged is None:
            self.engaged = (at, index)

    def _by_machine(self, actor: Actor) -> bool:
        said = of_author(actor, self._learnt.rulings) if self._learnt.rulings else None
        if said and "self" not in actor.marks:
            return said == "automated"
        machines = self._policy.response.machines
        return (
            actor.kind == "automation"
            or not _MACHINES.isdisjoint(actor.marks)
            or actor.id.casefold() in machines
            or actor.name.casefold() in machines
        )

    def _mark(self, at: datetime) -> None:
        """Begin or end a standstill if this instant changed whether one is in force."""
        over, held = self.over, self.over or self.paused
        if over != self._halted:
            self._halted = over
            _toggle(self.halts, over, at)
        if held != self._held:
            self._held = held
            _toggle(self.holds, held, at)


def _toggle(stops: list[Stop], stands: bool, at: datetime) -> None:
    if stands:
        stops.append((at, None))
        return
    start, _ = stops.pop()
    if start < at:
        stops.append((start, at))


def _author(at: datetime, closings: list[tuple[int, StateEvent]]) -> tuple[Actor, int | None]:
    """Who made the ending that a time field of the ticket tells: the author of the nearest closing fact."""
    near = closings[0] if len(closings) == 1 else min(closings, key=lambda c: abs(c[1].at - at), default=None)
    if near is None or abs(near[1].at - at) > SAME_STEP:
        return NOBODY, None
    return near[1].actor, near[0]


def _thanks(message: Message) -> bool:
    if message.text is None:
        return message.chars == 0
    return is_thanks(message.text)


def _named(message: Message, judgement: Judgement) -> str:
    """What the customer got that does not count, in plain words."""
    kind = "mail" if message.channel == "email" else "message"
    if judgement.cause == "automated":
        return f"an automatic {kind}"
    if judgement.cause == "unknown":
        return f"a {kind} by an unknown author"
    if judgement.content == "boilerplate":
        return "a stock phrase"
    return f"an empty {kind}" if judgement.content == "empty" else f"a {kind} that does not count"
