"""Asking: whether the contact of a ticket is asked how it went, and if not, why not.

A customer who is asked too often stops answering, and one who is asked after the ticket was closed answers
about the closing. So a ticket is asked about once in an episode, before it closes, and each time somebody is
not asked the reason is told: a figure whose silence nobody can explain is worth little.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from connector.model import Actor, BucketClock, Event, Rating, Ticket
from connector.rules.experience import sentiment
from connector.rules.lines import moment, zone_named
from connector.rules.policy import Policy
from connector.rules.ratings import Admitted, admit, desk, refusal, reopenings

SOURCE = "survey"


@dataclass(frozen=True, slots=True)
class Occasion:
    """A reason to ask: the `episode` of a ticket comes to its end, or (`again`) its unhappy contact was
    answered. `over`: the ticket is closed."""

    episode: int
    again: bool = False
    over: bool = False

    @property
    def name(self) -> str:
        """Its identity within the ticket."""
        return f"{self.episode}{' again' if self.again else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lately:
    """What was asked before: links of this local day to this client, and when the contact was last asked."""

    today: int = 0
    contact_at: datetime | None = None


def episode(story: Sequence[Event], policy: Policy) -> int:
    """How often the ticket was opened again. `story` is in order."""
    return len(reopenings(story, policy))


def occasion(
    ticket: Ticket,
    story: Sequence[Event],
    policy: Policy,
    followup: BucketClock | None,
    people: Collection[str] = frozenset(),
) -> Occasion | None:
    """Why somebody should be asked now, None if there is no reason. `story` is in order.

    `people`: casefolded ids and mail addresses of the desk.
    """
    rule = policy.survey
    if not rule.ask:
        return None
    if rule.again and followup is not None and followup.done_at is not None:
        number = episode(story, policy)
        rated = _standing(story, policy, number, people)
        if rated and sentiment(rated.rating, policy.px) == "negative":
            return Occasion(number, again=True, over=ticket.closed)
    if ticket.closed or ticket.status.casefold() in rule.statuses:
        return Occasion(episode(story, policy), over=ticket.closed)
    return None


def why_not(
    what: Occasion,
    ticket: Ticket,
    story: Sequence[Event],
    policy: Policy,
    lately: Lately,
    *,
    apart: str,
    since: datetime,
    now: datetime,
    people: Collection[str] = frozenset(),
) -> str:
    """Why the contact is not asked, '' if asked. `apart`: why the ticket is not flagged, '' if it is.

    `since`: when asking this client began. Asking again after a follow-up is no new question, so neither
    sample nor fatigue keeps it back.
    """
    reason = apart or _closed(what, ticket, since) or _nobody(ticket, desk(story, policy, people))
    if reason or what.again:
        return reason
    rated = _standing(story, policy, what.episode, people)
    if rated:
        return f"rated already through {rated.rating.source or 'the PSA'}"
    return _spared(ticket, policy, lately, now)


def sampled(ticket_id: str, per_cent: float) -> bool:
    """Whether a ticket is in the sample: by its id alone, so the answer never changes."""
    place = int.from_bytes(sha256(ticket_id.encode(errors="replace")).digest()[:8], "big") / 2**64
    return place * 100 < per_cent


def day_begins(policy: Policy, now: datetime) -> datetime:
    """Midnight of the client's local day."""
    local = now.astimezone(zone_named(policy.calendar.timezone))
    return local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).astimezone(now.tzinfo)


def _closed(what: Occasion, ticket: Ticket, since: datetime) -> str:
    if not what.over or what.again:
        return ""
    closed_at = ticket.closed_at or ticket.resolved_at
    if closed_at is None or closed_at < since:
        return "closed before the survey was on"
    return "closed before it was seen in a status in which is asked"


def _nobody(ticket: Ticket, own: Collection[str]) -> str:
    if not ticket.contact:
        return "no contact"
    asked = Rating(at=ticket.opened_at, actor=Actor("contact", ticket.contact), score=1.0)
    return "its contact is of the desk" if refusal(asked, own) else ""


def _spared(ticket: Ticket, policy: Policy, lately: Lately, now: datetime) -> str:
    rule = policy.survey
    if not sampled(ticket.id, rule.sample):
        return f"not in the sample of {rule.sample:g} %"
    last = lately.contact_at
    if last is not None and now - last < timedelta(days=rule.per_contact_days):
        at = moment(last, zone_named(policy.calendar.timezone))
        return f"its contact was asked on {at}, less than {rule.per_contact_days} days ago"
    if rule.per_day is not None and lately.today >= rule.per_day:
        return f"{lately.today} were asked today already"
    return ""


def _standing(
    story: Sequence[Event], policy: Policy, number: int, people: Collection[str]
) -> Admitted | None:
    """The rating that counts in this episode, the last one if its customer was asked again."""
    found = None
    opened = reopenings(story, policy)
    begins = opened[number - 1] if number else None
    for row in admit(story, policy, people):
        if row.verdict == "counted" and (begins is None or row.rating.at >= begins):
            found = row
    return found
