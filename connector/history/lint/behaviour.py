"""Findings from the store's history: what the PSA counted, and what had really happened.

Every one rests on several tickets and names some, so that a person can look.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from connector.history.doctor.findings import Finding
from connector.history.lint.past import Past, Share
from connector.history.lint.report import Looked, tickets_of
from connector.rules.authorship.habits import Habit
from connector.rules.authorship.templates import author_of

ENOUGH, SHARE = 5, 0.1
"""Tickets, and their share, from which something is more than a slip."""

_CLOCK = "the PSA reports the promise as kept while the customer has heard nothing"


def behaviour(seen: Looked) -> list[Finding]:
    past = seen.past
    if past is None:
        return []
    found = [finding for check in _CHECKS if (finding := check(seen, past)) is not None]
    return [*found, *_standing(seen, past), *_machines(seen, past)]


def _worth(share: Share) -> bool:
    return share.worth(ENOUGH, SHARE)


def _at_once(seen: Looked, past: Past) -> Finding | None:
    if not _worth(past.at_once):
        return None
    return seen.fault(
        "response-at-creation",
        "response",
        "the PSA counts tickets as responded within a minute of their opening, with no person's message",
        looked_at="tickets that begin with a customer's words, and when the PSA counted a response",
        why=_CLOCK,
        fix="look for a workflow rule, or an automatic assignment, that changes new tickets; let it count as "
        "nothing",
        evidence=[f"{past.at_once} responses", tickets_of(past.at_once.hollow)],
    )


def _unseen(seen: Looked, past: Past) -> Finding | None:
    if not _worth(past.unseen):
        return None
    return seen.fault(
        "response-without-message",
        "response",
        "the PSA counts responses at moments when nobody wrote and no status was changed: on viewing or "
        "assigning a ticket, or by a private note",
        looked_at="tickets that begin with a customer's words, and what was done when the PSA counted",
        why=_CLOCK,
        fix="find what was done on these tickets at that moment, and let it count as nothing in the PSA",
        evidence=[f"{past.unseen} responses", tickets_of(past.unseen.hollow)],
    )


def _untold(seen: Looked, past: Past) -> Finding | None:
    if not _worth(past.untold):
        return None
    return seen.fault(
        "response-before-message",
        "response",
        "the PSA counted responses before anybody had written to the customer; by what is not known, because "
        "it was before the store knew these tickets",
        looked_at="tickets that begin with a customer's words, and the first message that counts",
        why=_CLOCK,
        fix="open some of these tickets in the PSA and look what was done at the moment of the response",
        evidence=[f"{past.untold} responses", tickets_of(past.untold.hollow)],
    )


def _closed(seen: Looked, past: Past) -> Finding | None:
    if not _worth(past.closed):
        return None
    return seen.fault(
        "auto-close-resolves",
        "resolution",
        "the PSA counts tickets as resolved that a machine closed and no person had solved",
        looked_at="who closed the tickets that the PSA has as resolved",
        why="silence passes for a solution, and the resolution promise looks better than it is",
        fix="close such tickets in a status that does not count as resolved; or say in the client's file "
        "that it does: `resolution.auto_close: resolution`",
        evidence=[f"{past.closed} resolutions", tickets_of(past.closed.hollow)],
    )


def _reopened(seen: Looked, past: Past) -> Finding | None:
    if not past.reopened.worth(ENOUGH, SHARE):
        return None
    return seen.fault(
        "reopened-stays-resolved",
        "reopening",
        "tickets that are open again are still resolved for the PSA's SLA",
        looked_at="tickets that were over and are open again, and whether the PSA still has a resolution",
        why="the customer waits again, and the PSA reports the promise as kept",
        fix="let a reopened ticket come into a status that is not resolved to the SLA",
        evidence=[f"{past.reopened} reopened tickets", tickets_of(past.reopened.hollow)],
    )


def _unheard(seen: Looked, past: Past) -> Finding | None:
    if not past.unheard.worth(ENOUGH, SHARE):
        return None
    return seen.fault(
        "reply-stays-closed",
        "reopening",
        "customers wrote more than thanks on closed tickets, and the tickets stayed closed",
        looked_at="customers' messages after the close",
        why="a customer who says 'it is broken again' is not heard, and the ticket counts as solved in time",
        fix="let a customer's mail reopen the ticket, or open a new one",
        evidence=[f"{past.unheard} tickets", tickets_of(past.unheard.hollow)],
    )


def _standing(seen: Looked, past: Past) -> list[Finding]:
    """Where the set-up does not tell what a status does to the clock, the tickets in it do."""
    if seen.setup is not None and "statuses" not in seen.setup.untold:
        return []
    return [
        seen.fault(
            "pause-counted",
            "pauses",
            f"the rules pause in '{status}', and the PSA's clock goes on in it",
            looked_at="open tickets in statuses in which the rules pause, and what the PSA says of its clock",
            why="the PSA reports a miss while the customer is waited for, and its due times are too early",
            fix=f"let '{status}' stop the clock in the PSA, or take it out of `pause.statuses`",
            evidence=[f"the clock goes on in {share} tickets", tickets_of(share.hollow)],
        )
        for status, share in past.standing.items()
        if share.worth(3, 0.9)
    ]


def _machines(seen: Looked, past: Past) -> list[Finding]:
    """Who writes as a person does, and always the same; a person must say what they are."""
    return [_machine(seen, past, habit) for habit in past.habits if habit.asks]


def _machine(seen: Looked, past: Past, habit: Habit) -> Finding:
    author = author_of(habit.actor)
    name = f"{habit.actor.name} ({author})" if habit.actor.name else author
    return seen.fault(
        "human-looking-machine",
        "people",
        f"{name} sends nearly the same notes on many tickets, and counts as a person",
        looked_at="notes to customers, sentence by sentence, by author",
        why="a script that writes in a person's name stops the response clock of every ticket it touches",
        fix="is it a machine? Add to the clients' files or to defaults.yaml: "
        f"response: {{machines: [{json.dumps(author, ensure_ascii=False)}]}}. Is it a person? "
        f"px-connector rule --author {author} --cause human --by NAME",
        evidence=[
            f"{habit.stock} of {habit.notes} notes were on other tickets before",
            f"most often: {str(habit.sample)[:200]}",
            tickets_of(past.wrote_on.get(author, ())),
        ],
    )


_CHECKS: tuple[Callable[[Looked, Past], Finding | None], ...] = (
    _at_once,
    _unseen,
    _untold,
    _closed,
    _reopened,
    _unheard,
)
