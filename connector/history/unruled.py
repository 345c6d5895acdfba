"""Messages that wait for a person's word: nobody knows who caused them, and it matters to a clock.

Alike ones by the same author wait once: a ruling on one is a ruling on all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from connector.clients import ClientBook
from connector.errors import NotFound
from connector.history.explain import BUCKET_WORDS
from connector.history.lookup import Found, account
from connector.history.rulings import own_words
from connector.model import Assessment, BucketName, Message, MessageVerdict, Ticket
from connector.rules.authorship.counting import counts
from connector.rules.authorship.judgement import Judgement
from connector.rules.authorship.rulings import marks
from connector.rules.authorship.templates import author_of
from connector.rules.policy import Policy
from connector.store import rulings
from connector.store.store import Store

_WAITED_FOR: tuple[BucketName, ...] = ("response", "resplan", "update")
_NOBODY = "actor.unknown"
_Like = tuple[str, str, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One message, or several alike. `author`: its id as a ruling knows it, '' for nobody known; `name`: for
    people. `asked`: what the customer had written last before it. `found`: what speaks for or against a
    person, '' for nothing. `mattered`: why somebody should look. `alike`: how many more there are on the
    tickets looked at.
    """

    conn: str
    ticket: Ticket
    client: str
    key: str
    at: datetime
    channel: str
    author: str
    name: str
    subject: str
    text: str
    asked: str
    found: str
    mattered: str
    alike: int = 0


async def waiting(store: Store, book: ClientBook, now: datetime, limit: int) -> tuple[list[Waiting], bool]:
    """What waits on the `limit` open tickets most in danger, judged as of `now`; True if there are more."""
    async with store.read() as tx:
        some = await rulings.undecided(tx, limit + 1)
    kept: dict[_Like, Waiting] = {}
    for conn, ticket_id in some[:limit]:
        try:
            found = await account(store, book, conn, ticket_id, now)
        except (NotFound, ValueError, OverflowError):
            continue  # gone, nobody's, or shown in quarantine
        for like, one in _of_ticket(found).items():
            first = kept.setdefault(like, one)
            kept[like] = first if first is one else replace(first, alike=first.alike + one.alike + 1)
    return list(kept.values()), len(some) > limit


def _of_ticket(found: Found) -> Mapping[_Like, Waiting]:
    answer = found.assessment
    kept: dict[_Like, Waiting] = {}
    for verdict in answer.messages if not answer.excluded else ():
        message = answer.timeline[verdict.event]
        assert isinstance(message, Message)
        why = mattered(message, verdict, answer, found.policy)
        if not (why and message.key):
            continue
        own = own_words(message)
        like = (found.connection, author_of(message.actor), marks(own))
        if like in kept:
            kept[like] = replace(kept[like], alike=kept[like].alike + 1)
        else:
            kept[like] = _waiting(found, verdict, message, own, why)
    return kept


def mattered(message: Message, verdict: MessageVerdict, answer: Assessment, policy: Policy) -> str:
    """Why it matters who caused this message, '' if it does not, or if a person has said."""
    if verdict.cause != "unknown" or any(one.rule.startswith("ruling.") for one in verdict.evidence):
        return ""
    rule = policy.response
    if verdict.counts:
        ended = [name for name, clock in answer.buckets.items() if clock.event == verdict.event]
        return f"it ended the clock of {_listed(ended)}" if ended else ""
    if not counts(message, Judgement("human", verdict.content, verdict.evidence), rule):
        return ""
    if rule.unknown == "review":
        return "the client's rules leave it to a person"
    clocks = [(name, answer.buckets[name]) for name in _WAITED_FOR if name in answer.buckets]
    open_ = [
        name
        for name, clock in clocks
        if clock.state != "none" and (clock.done_at is None or clock.done_at > message.at)
    ]
    return f"written by a person it would count for {_listed(open_)}" if open_ else ""


def _listed(names: Sequence[BucketName]) -> str:
    words = [BUCKET_WORDS[name] for name in names]
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _waiting(found: Found, verdict: MessageVerdict, message: Message, own: str, why: str) -> Waiting:
    actor = message.actor
    before = [
        event
        for event in found.assessment.timeline[: verdict.event]
        if isinstance(event, Message) and event.direction == "in"
    ]
    return Waiting(
        conn=found.connection,
        ticket=found.ticket,
        client=found.policy.client,
        key=message.key,
        at=message.at,
        channel=message.channel,
        author=author_of(actor),
        name=actor.name or actor.id or "nobody known",
        subject=message.subject,
        text=own,
        asked=own_words(before[-1]) if before else "",
        found="; ".join(f"{one.rule} {one.text}".strip() for one in verdict.evidence if one.rule != _NOBODY),
        mattered=why,
    )
