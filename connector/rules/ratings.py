"""Admission: which ratings of a ticket count, and why the others do not.

A figure that can be rated up by the desk's own people, or twice by one angry click, is worth nothing. So of
each episode of a ticket (from its opening or a reopening to the next one) one customer's word counts. The
same hand may correct it for an hour and complete it for ever; what else comes is listed and not counted. Only
an unhappy customer to whom a person of the desk has written since may rate once more, and both count.
The answer depends on the facts alone: neither their order nor their repetition changes it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from connector.model import Close, Event, Message, Rating, Reopen, StatusChange
from connector.rules.authorship import is_thanks
from connector.rules.experience import readable, sentiment
from connector.rules.facts import SAME_STEP
from connector.rules.policy import Policy
from connector.rules.story import tell

Verdict = Literal["counted", "merged", "refused", "waiting"]
"""`merged`: part of another rating that counts. `waiting`: its ticket is not known, or not looked at, yet."""

VERDICTS: tuple[Verdict, ...] = ("counted", "merged", "refused", "waiting")


CORRECTED = timedelta(hours=1)
"""So long a slip of the finger may be put right; a score that changes later was talked about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """One rating and what became of it. `rating` of a counted one has in it what was merged into it."""

    key: str
    rating: Rating
    verdict: Verdict
    why: str = ""


def admit(
    timeline: Iterable[Event], policy: Policy, people: Collection[str] = frozenset()
) -> tuple[Admitted, ...]:
    """Every rating of one ticket's timeline with its verdict, earliest first.

    `people`: casefolded ids and mail addresses of the desk, beside those that `px.own` names.

    ValueError if an instant has no offset.
    """
    events = list(timeline)
    if not any(isinstance(event, Rating) for event in events):
        return ()
    story = tell(events, max(event.at for event in events)).known
    own = desk(story, policy, people)
    episodes = reopenings(story, policy)
    ratings = sorted((e for e in story if isinstance(e, Rating)), key=_order)
    said = [
        e.at for e in story if isinstance(e, Message) and e.direction == "out" and e.actor.kind == "staff"
    ]
    return _judged(ratings, episodes, own, said, policy)


def refusal(rating: Rating, own: Collection[str]) -> str:
    """Why a rating cannot count whatever else was said, '' if it can.

    `own`: casefolded ids, e-mail addresses and mail domains of the desk.
    """
    if not readable(rating):
        return f"a score of {rating.score:g} on a scale of {rating.scale:g} says nothing"
    if rating.actor.kind == "automation":
        return "by a machine, not by a customer"
    if rating.actor.kind == "staff" or _is_own(rating, own):
        return f"by the desk's own {rating.actor.name or rating.actor.id or 'staff'}"
    return ""


def desk(story: Iterable[Event], policy: Policy, people: Collection[str] = frozenset()) -> set[str]:
    """Whose ratings of this ticket never count: `people`, those the policy names, and who of the desk had a
    part in it.

    Not bare numbers: PSAs number people and contacts alike.
    """
    ids = {event.actor.id.casefold() for event in story if event.actor.kind == "staff"}
    return {*policy.px.own, *people} | {one for one in ids if one and not one.isdecimal()}


def reopenings(story: Sequence[Event], policy: Policy) -> list[datetime]:
    """When a closed or resolved ticket was opened again, earliest first; a mere thanks opens nothing.

    `story` is in order.
    """
    closing = policy.resolution.statuses | {e.to.casefold() for e in story if isinstance(e, Close) and e.to}
    found: list[datetime] = []
    over, thanked_at = False, None
    for event in story:
        if isinstance(event, Message):
            if event.direction == "in":
                thanked_at = event.at if is_thanks(event.text or "") else None
        elif isinstance(event, Close) or (isinstance(event, StatusChange) and event.to.casefold() in closing):
            over = True
        elif isinstance(event, Reopen) or (isinstance(event, StatusChange) and over):
            thanks = thanked_at is not None and event.at - thanked_at <= SAME_STEP
            if not (thanks and event.actor.kind != "staff" and policy.resolution.thanks == "ignored"):
                found.append(event.at)
            over = False
    return found


def completed(first: Rating, later: Rating) -> Rating:
    """The first with what a later one of the same hand corrects or adds; when it was said stays."""
    slip = later.at - first.at <= CORRECTED
    return replace(
        first,
        score=later.score if slip else first.score,
        scale=later.scale if slip else first.scale,
        comment=later.comment or first.comment,
        lost_minutes=first.lost_minutes if later.lost_minutes is None else later.lost_minutes,
        factors=later.factors or first.factors,
    )


def key_of(rating: Rating) -> str:
    """Its identity, made of its content where the source gives none."""
    return rating.key or f"anon:{rating.at.isoformat()}:{rating.source}:{rating.score:g}/{rating.scale:g}"


def _judged(
    ratings: Sequence[Rating],
    episodes: Sequence[datetime],
    own: Collection[str],
    said: Sequence[datetime],
    policy: Policy,
) -> tuple[Admitted, ...]:
    rows: list[Admitted] = []
    standing: dict[int, int] = {}  # episode -> index of the rating that counts in it
    for rating in ratings:
        key, why = key_of(rating), refusal(rating, own)
        if why:
            rows.append(Admitted(key=key, rating=rating, verdict="refused", why=why))
            continue
        episode = bisect_right(episodes, rating.at)
        if episode not in standing or _asked_again(rows[standing[episode]].rating, rating, said, policy):
            standing[episode] = len(rows)
            rows.append(Admitted(key=key, rating=rating, verdict="counted"))
            continue
        at = standing[episode]
        first = rows[at]
        if _same_hand(first.rating, rating):
            rows[at] = replace(first, rating=completed(first.rating, rating))
            why = f"a later word of the same hand: part of {first.key}"
            if rating.at - first.rating.at > CORRECTED and rating.score != first.rating.score:
                why += ", whose score stands: it came more than an hour later"
            rows.append(Admitted(key=key, rating=rating, verdict="merged", why=why))
        else:
            why = f"the ticket was already rated in this episode: {first.key}"
            rows.append(Admitted(key=key, rating=rating, verdict="refused", why=why))
    return tuple(rows)


def _asked_again(first: Rating, later: Rating, said: Sequence[datetime], policy: Policy) -> bool:
    """The first was unhappy, and a person of the desk has written to the customer since."""
    return sentiment(first, policy.px) == "negative" and bisect_right(said, first.at) < bisect_right(
        said, later.at
    )


def _same_hand(one: Rating, other: Rating) -> bool:
    """The same known contact through the same source."""
    hand = one.actor.id.casefold()
    return bool(hand) and hand == other.actor.id.casefold() and one.source == other.source


def _is_own(rating: Rating, own: Collection[str]) -> bool:
    who = rating.actor.id.casefold()
    _, at, domain = who.rpartition("@")
    return bool(who) and (who in own or (bool(at) and domain in own))


def _order(rating: Rating) -> tuple[datetime, str, str]:
    return rating.at, rating.key, repr(rating)
