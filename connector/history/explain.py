"""Explain: an assessment in plain words, one line a fact.

Nobody believes a number that cannot be followed. The same lines serve the command line, the board
and the tests; nothing here decides anything.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from zoneinfo import ZoneInfo

from connector.history.plainly import plainly
from connector.model import (
    Actor,
    Appointment,
    Assessment,
    Assignment,
    BucketClock,
    BucketName,
    ClientChange,
    Close,
    Event,
    Message,
    MessageVerdict,
    PriorityChange,
    Rating,
    Reopen,
    StatusChange,
    Ticket,
)
from connector.rules.followup import loop_text
from connector.rules.lines import why, zone_named
from connector.rules.policy import Policy
from connector.rules.ratings import key_of
from connector.settings.connection import StatusMeaning
from connector.store.ratings import Entry

BUCKET_WORDS = {
    "response": "response",
    "resplan": "customer-felt response (resplan)",
    "update": "update",
    "resolution": "resolution",
    "followup": "follow-up",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One fact: when, what happened, and what we made of it. `key`: a message's, to rule on it.

    `event`: its place in the assessment's timeline; None for the opening and for what was foreseen.
    """

    at: datetime
    what: str
    verdict: str = ""
    key: str = ""
    event: int | None = None


def duration(minutes: float | None) -> str:
    """Working minutes as people say them: `42 min`, `3 h 12 min`."""
    if minutes is None:
        return "–"
    whole = int(minutes)
    hours, rest = divmod(whole, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest:02d} min" if rest else f"{hours} h"


def local(at: datetime | None, zone: str, base: datetime | None = None) -> str:
    """An instant in the client's own zone; only the time when it is on the day of `base`."""
    if at is None:
        return "–"
    here = at.astimezone(ZoneInfo(zone))
    same_day = base is not None and here.date() == base.astimezone(ZoneInfo(zone)).date()
    return here.strftime("%H:%M" if same_day else "%a %d %b %H:%M")


def lines(assessment: Assessment, ticket: Ticket, ratings: Iterable[Entry] = ()) -> list[Line]:
    """The ticket's story in order, each message with its verdict and the reason for it.

    `ratings`: of this ticket, as the ledger has them.
    """
    admitted = {entry.key: _admitted(entry) for entry in ratings}
    verdicts = {verdict.event: verdict for verdict in assessment.messages}
    story = [Line(ticket.opened_at, f"opened for {ticket.client or 'nobody'}: {ticket.summary or ticket.id}")]
    for number, event in enumerate(assessment.timeline):
        told = _told(event)
        if told:
            verdict = _verdict(number, verdicts.get(number), assessment)
            if isinstance(event, Rating):
                verdict = admitted.get(key_of(event), verdict)
            key = event.key if isinstance(event, Message) else ""
            story.append(Line(event.at, told, verdict, key, number))
    for name, clock in assessment.buckets.items():
        if clock.foreseen_at:
            told = f"foreseen: {BUCKET_WORDS[name]} will likely be late"
            insort(story, Line(clock.foreseen_at, told, clock.foreseen_why), lo=1, key=attrgetter("at"))
    return story


def clocks(assessment: Assessment) -> Iterator[tuple[BucketName, str, BucketClock, str]]:
    """Every bucket with a promise, its name in the field's own words, and why its clock stands so."""
    zone = zone_named(assessment.timezone)
    for name, clock in assessment.buckets.items():
        if clock.state != "none":
            yield name, BUCKET_WORDS[name], clock, why(name, clock, assessment.timeline, zone)


def psa_says(assessment: Assessment, ticket: Ticket, policy: Policy) -> str:
    """What the PSA's own lights say of the response."""
    at = assessment.psa.response_at
    if at is None:
        return "no response yet"
    return f"responded after {duration(_minutes(policy, ticket, at))}"


def customer_felt(assessment: Assessment) -> str:
    """What the customer felt of the response."""
    clock = assessment.buckets["response"]
    if clock.done_at is None:
        return f"nobody yet, after {duration(clock.elapsed_min)}"
    return f"first human answer after {duration(clock.elapsed_min)}"


def unhappiness(assessment: Assessment, ticket: Ticket, policy: Policy) -> list[tuple[str, str]]:
    """What speaks for an unhappy customer, and who owes them a word, in plain words; empty where nothing."""
    told: list[tuple[str, str]] = []
    melon, clock = assessment.watermelon, assessment.buckets.get("followup")
    if melon:
        paper = (
            "every promise kept on paper" if melon.on_paper else "not on paper: a promise was missed there"
        )
        verdict = "yes" if melon.flagged else "no"
        points = f"{melon.points:g} points, flagged from {policy.watermelon.from_:g} on"
        told.append(("watermelon", f"{verdict}: {'; '.join(melon.reasons)} ({points}); {paper}"))
    if clock:
        told.append(("follow-up", loop_text(clock, ticket, policy)))
    return told


def status_map(meanings: Iterable[StatusMeaning]) -> list[dict[str, str]]:
    """What each status means to the PSA's SLA, and who says so: a person or the vendor. '*' is the rest."""
    return [
        {"status": status, "event": event, "from": "connector.yaml" if written else "default"}
        for status, event, written in meanings
    ]


def _minutes(policy: Policy, ticket: Ticket, at: datetime) -> float:
    target = policy.target(ticket.priority)
    calendar = policy.calendar if target is None else target.calendar
    return max(0.0, calendar.between(ticket.opened_at, at).total_seconds() / 60)


def _who(actor: Actor) -> str:
    name = actor.name or actor.id or "somebody"
    return f"{name} ({actor.kind})"


def _told(event: Event) -> str:
    match event:
        case Message():
            return (
                f"{event.channel.replace('_', ' ')} {_towards(event)} by {_who(event.actor)}{_quote(event)}"
            )
        case StatusChange():
            return f"status {_from_to(event.from_, event.to)} by {_who(event.actor)}"
        case PriorityChange():
            return f"priority {_from_to(event.from_, event.to)} by {_who(event.actor)}"
        case ClientChange():
            return f"client {_from_to(event.from_, event.to)} by {_who(event.actor)}"
        case Assignment():
            return f"{event.what} {_from_to(event.from_, event.to)} by {_who(event.actor)}"
        case Appointment():
            starts = event.starts_at.isoformat(timespec="minutes") if event.starts_at else "no date"
            return f"appointment with {event.who or _who(event.actor)} ({starts})"
        case Close():
            return f"closed by {_who(event.actor)}"
        case Reopen():
            return f"reopened by {_who(event.actor)}"
        case Rating():
            comment = f": “{event.comment[:80]}”" if event.comment else ""
            source = f" through {event.source}" if event.source else ""
            return f"rated {event.score:g} of {event.scale:g}{source}{comment}"


def _admitted(entry: Entry) -> str:
    """What became of a rating."""
    told = {"counted": "counted in PX", "merged": "counted with another", "refused": "not counted"}
    return told.get(entry.verdict, entry.verdict) + (f": {entry.why}" if entry.why else "")


def _towards(message: Message) -> str:
    return {"in": "from the customer", "out": "to the customer", "internal": "(internal)"}[message.direction]


def _quote(message: Message) -> str:
    words = " ".join((message.text or message.subject or "").split())
    if not words:
        return ""
    return f": “{words[:60]}{'…' if len(words) > 60 else ''}”"


def _from_to(old: str, new: str) -> str:
    return f"{old} → {new}" if old else f"is {new}"


def _verdict(number: int, verdict: MessageVerdict | None, assessment: Assessment) -> str:
    ended = [_ended(name, clock) for name, clock in assessment.buckets.items() if clock.event == number]
    done = f"ends {' and '.join(ended)}" if ended else ""
    if verdict is None:
        return done
    judged = f"{'counted' if verdict.counts else 'not counted'} ({verdict.cause}, {verdict.content})"
    because = "; ".join(plainly(evidence) for evidence in verdict.evidence[:3])
    told = f"{judged}: {because}" if because else judged
    return f"{told} — {done}" if done else told


def _ended(name: BucketName, clock: BucketClock) -> str:
    """A bucket, and after how much working time it ended; a reopened one has ended more than once."""
    if clock.done_at is None or clock.reopened:
        return BUCKET_WORDS[name]
    return f"{BUCKET_WORDS[name]} after {duration(clock.elapsed_min)}"
