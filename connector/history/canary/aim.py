"""Which field of the test ticket is written, with what, and what speaks against that ticket."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from connector.errors import Rejected
from connector.history.canary.sight import Sight, cut
from connector.model import FlagName
from connector.psa.port import Psa, PsaFacts

CANARY = "px-connector canary"
_TRIED: tuple[tuple[FlagName, tuple[str, ...]], ...] = (
    ("why", (CANARY,)),
    ("px", (CANARY,)),
    ("watermelon", (CANARY,)),
    ("loop", (CANARY,)),
    ("zone", ("green", "yellow")),
    ("felt_response", ("1", "2")),
    ("at_risk", ("Yes", "")),
)
"""The first of these that has a field is written: texts first, since nobody sorts or filters by them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What will be written: `flag` shows `was` and is given `wrote`. `names`: what its field is called."""

    ticket_id: str
    flag: FlagName
    was: str
    wrote: str
    names: frozenset[str]


def aim(
    psa: Psa, facts: PsaFacts, sight: Sight, captions: Mapping[FlagName, frozenset[str]], now: datetime
) -> Aim:
    """Choose the field. Rejected if no flag has one in this PSA."""
    observed = sight.snapshot.flags
    for flag, values in _TRIED:
        for text in values:
            value = f"{text} {now:%H:%M:%S}" if text == CANARY else text
            shown = psa.shown({flag: value})
            if flag in observed and flag in shown and shown[flag] != observed[flag]:
                named = captions.get(flag, frozenset())
                names = named | {facts.fields[caption] for caption in named if caption in facts.fields}
                return Aim(
                    ticket_id=sight.snapshot.ticket.id,
                    flag=flag,
                    was=observed[flag],
                    wrote=shown[flag],
                    names=names | {flag},
                )
    raise Rejected(
        "this ticket has no field that carries one of our flags: make the fields first, `px-connector "
        "doctor` names those that are missing"
    )


def doubts(sight: Sight, now: datetime) -> list[str]:
    """Why this may be no test ticket; empty if nothing speaks against it."""
    ticket, said = sight.snapshot.ticket, list(sight.messages.values())
    found = []
    if not re.search(r"\b(test|canary|sandbox)", ticket.summary, re.IGNORECASE):
        found.append("its summary does not say that it is a test")
    wrote = [message.at for message in said if message.direction == "in"]
    if wrote:
        found.append(f"the customer wrote on it, last {_ago(now, max(wrote))}")
    people = [m.at for m in said if m.direction == "out" and m.actor.kind == "staff"]
    if people:
        found.append(f"somebody of the desk answered on it, last {_ago(now, max(people))}")
    if ticket.closed:
        found.append("it is closed: some PSAs take a change of it for a reopening")
    return found


def summary(sight: Sight) -> list[tuple[str, str]]:
    """What a person looks at before saying yes."""
    ticket = sight.snapshot.ticket
    rows = [
        ("ticket", f"{ticket.id} {cut(ticket.summary)}"),
        ("company", ticket.client or ticket.client_id),
        ("contact", ticket.contact),
        ("status", ticket.status),
        ("board", ticket.group),
        ("owner", ticket.owner),
        ("opened", f"{ticket.opened_at:%Y-%m-%d %H:%M} UTC"),
        ("messages", str(len(sight.messages))),
        ("in the PSA", ticket.url),
    ]
    return [(name, value) for name, value in rows if value]


def _ago(now: datetime, at: datetime) -> str:
    hours = (now - at).total_seconds() / 3600
    if hours < 1:
        return "within the last hour"
    return f"{hours:.0f} h ago" if hours < 48 else f"{hours / 24:.0f} days ago"
