"""Everything the store knows of one ticket, judged afresh under the rules in force."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connector import ticketlog
from connector.assessmentlog import assessment_to_json
from connector.clients import ClientBook, load_clients
from connector.errors import NotFound
from connector.history.earlier import former, verdicts
from connector.history.explain import (
    clocks,
    customer_felt,
    duration,
    lines,
    psa_says,
    status_map,
    unhappiness,
)
from connector.history.feeling import Feeling, feeling
from connector.history.ours import apart, ours
from connector.history.risks import Risk, risks
from connector.model import Assessment, FlagName, Ticket
from connector.rules.assess import assess
from connector.rules.authorship.judgement import Learnt
from connector.rules.authorship.templates import sightings
from connector.rules.policy import Policy
from connector.settings.connection import StatusMeaning
from connector.store import (
    assessments,
    events,
    history,
    models,
    people,
    ratings,
    rulings,
    stages,
    templates,
    tickets,
)
from connector.store.history import Change
from connector.store.ratings import Entry
from connector.store.store import Store


@dataclass(frozen=True, slots=True)
class Found:
    """A ticket with its assessment of now, the flags the PSA showed last, and every change we made.

    `meanings`: what statuses mean to the PSA's SLA, where the settings say so and not the PSA. `ratings`: of
    this ticket, as the ledger has them. `feeling`: the client's PX. `risks`: of the clocks that still run.
    """

    connection: str
    ticket: Ticket
    policy: Policy
    assessment: Assessment
    observed: Mapping[FlagName, str]
    changes: Sequence[Change]
    meanings: tuple[StatusMeaning, ...] = ()
    ratings: Sequence[Entry] = ()
    feeling: Feeling | None = None
    risks: tuple[Risk, ...] = ()

    def as_json(self) -> dict[str, Any]:
        story = lines(self.assessment, self.ticket, self.ratings)
        return {
            "connection": self.connection,
            "ticket": ticketlog.ticket_to_json(self.ticket),
            "psa_says": psa_says(self.assessment, self.ticket, self.policy),
            "customer_felt": customer_felt(self.assessment),
            "unhappiness": dict(unhappiness(self.assessment, self.ticket, self.policy)),
            "sla_events": status_map(self.meanings),
            "assessment": assessment_to_json(self.assessment),
            "story": [
                {"at": ticketlog.iso(x.at), "what": x.what, "verdict": x.verdict, "key": x.key} for x in story
            ],
            "clocks": {
                name: f"{clock.state}, {duration(clock.elapsed_min)}"
                for _, name, clock, _ in clocks(self.assessment)
            },
            "px": self.feeling.as_json() if self.feeling else None,
            "observed": dict(self.observed),
            "history": [
                {"at": ticketlog.iso(c.at), "flag": c.flag, "old": c.old, "new": c.new, "reason": c.reason}
                for c in self.changes
            ],
        }


async def look_up(store_url: str, config_dir: Path, ticket_id: str, connection: str | None) -> Found:
    """Read one ticket from a store on disk; NotFound says what to do when it cannot be told."""
    book = load_clients(config_dir)
    store = await Store.open(store_url)
    try:
        async with store.read() as tx:
            known = await tickets.connections_of(tx, ticket_id)
        where = [one for one in known if connection in (None, one)]
        if known and not where:
            raise NotFound(f"ticket {ticket_id} is not on '{connection}' but on {' and '.join(known)}")
        if not where:
            raise NotFound(f"the store has no ticket {ticket_id}; is its client's connection polled?")
        if len(where) > 1:
            raise NotFound(f"ticket {ticket_id} is on {' and '.join(where)}: name one with --connection")
        return await account(store, book, where[0], ticket_id, datetime.now(UTC).replace(microsecond=0))
    finally:
        await store.close()


async def account(store: Store, book: ClientBook, connection: str, ticket_id: str, now: datetime) -> Found:
    """One ticket of an open store, judged as of `now`; NotFound when it or its client is not known."""
    async with store.read() as tx:
        row = (await tickets.load(tx, connection, [ticket_id])).get(ticket_id)
        if row is None:
            raise NotFound(f"the store has no ticket {ticket_id} of {connection}")
        if row.gone:
            raise NotFound(f"ticket {ticket_id} is no longer in the PSA: it is not judged any more")
        policy = book.for_ticket(connection, row.ticket.client, row.ticket.client_id)
        if policy is None:
            raise NotFound(_nobodys(row.ticket, book))
        felt = await feeling(tx, policy, now)
        said = await ratings.of_ticket(tx, connection, ticket_id)
        timeline = (await events.timelines(tx, connection, [ticket_id])).get(ticket_id, ())
        changes = await history.of(tx, connection, ticket_id)
        seen = {one.line for one in sightings(ticket_id, timeline)}
        lines = await templates.known(tx, connection, seen)
        last = await assessments.load(tx, connection, [ticket_id])
        learnt = Learnt(lines, await rulings.in_force(tx, connection))
        model = await models.get(tx, connection)
        stage_of = await stages.get(tx, connection)
        desk = await people.get(tx, connection)
        mine = await ours(tx, connection, [row.ticket])
    answer = await asyncio.to_thread(  # ten thousand facts take a while, and webhooks must not wait for them
        assess,
        row.ticket,
        timeline,
        policy,
        now,
        px=felt.figure,
        learnt=learnt,
        model=model,
        former=former(book, connection, timeline),
        before=verdicts(last.get(ticket_id), policy),
        stage_of=stage_of,
        desk=desk,
    )
    if mine:
        answer = apart(row.ticket, policy, now)
    answer = _as_last_shown(
        last.get(ticket_id), answer, ("px", "px_percent", "survey") if row.ticket.closed else ("survey",)
    )
    return Found(
        connection,
        row.ticket,
        policy,
        answer,
        row.flags,
        changes,
        ratings=said,
        feeling=felt,
        risks=tuple(risks(answer, row.ticket, policy, model, now)),
    )


def _as_last_shown(
    last: Mapping[str, Any] | None, answer: Assessment, flags: tuple[FlagName, ...]
) -> Assessment:
    """What is not worked out from the ticket alone is as it was last judged: the link of its survey, and of a
    closed ticket PX, which the daemon does not renew for a new rating."""
    shown = last["flags"] if last else {}
    kept = {flag: shown[flag] for flag in flags if flag in shown and flag in answer.flags}
    return replace(answer, flags={**answer.flags, **kept}) if kept else answer


def _nobodys(ticket: Ticket, book: ClientBook) -> str:
    text = f"no client file matches the company '{ticket.client or ticket.client_id}' of ticket {ticket.id}"
    return text if not book.errors else f"{text}, and some cannot be used: see `px-connector check`"
