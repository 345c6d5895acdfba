"""Looked up before the first turn and again when the rules change, and what a person should know of it.

A caption that was never bound is never written and a misspelt status never pauses, without any error:
so whatever the files name and the PSA does not have is said on the health page, until it is mended.

What was read is kept for the next process that starts this connection within the hour, which only logs in.
Not where anything is missing: that may be mended, and a restart is how one has us look again.
"""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from connector.clients.captions import strange_statuses, unused
from connector.daemon import gate, ledger
from connector.daemon.connection import Connection
from connector.psa.desk import Desk
from connector.psa.recall import Recall, Recalling
from connector.rules.contract import Contract
from connector.store import assessments, contracts, people, stages, starts

log = structlog.get_logger(__name__)


async def start(c: Connection) -> None:
    """Discover, log in and bind the fields the rules name. Raises what the adapter raises."""
    rules = c.rules()
    c.psa.watch(c.watched())
    if isinstance(c.psa, Desk):
        c.psa.mark_companies(c.company_captions())
    recall = await _recall(c)
    c.facts = await c.psa.start(c.captions())
    await gate.look(c)
    if recall.asked or not recall.earlier:
        async with c.store.begin(of=c.name) as tx:
            await stages.put(tx, c.name, c.stage_of(), c.now())
            await people.put(tx, c.name, c.facts.people, c.now())
            await starts.put(tx, c.name, c.settings, recall.kept() if _whole(c) else {}, c.now())
        c.desk = None
    await ledger.catch_up(c)
    if c.rules_seen != rules:
        c.idle = c.next_companies = None
    c.started_under = rules
    async with c.store.glance() as tx:
        abandoned = _abandoned(c, await contracts.of(tx, c.name))
    _tell(c, [*_missing(c), *_unknown_statuses(c), *abandoned, *c.facts.notes, *_idle_notes(c, c.idle)])


async def _recall(c: Connection) -> Recall:
    """What a start elsewhere has read; nothing where we have started before, and the rules have changed."""
    recall = Recall()
    if isinstance(c.psa, Recalling):
        if c.facts is None:
            async with c.store.glance() as tx:
                recall = Recall(*(await starts.get(tx, c.name, c.settings, c.now()) or ()))
        c.psa.recall(recall)
    return recall


def _whole(c: Connection) -> bool:
    """Whether the PSA has all that was asked for."""
    return c.facts is not None and not c.facts.missing_fields and not c.facts.notes


async def tell_of_idle_clients(c: Connection) -> None:
    """Note the clients of whom no ticket was read, once all that there are have been judged.

    Looked at again while there are such clients, so that the note goes with their first ticket.
    """
    if c.rules_seen != c.started_under or c.idle == frozenset():
        return
    async with c.store.glance() as tx:
        busy = await assessments.clients(tx, c.name)
    idle = frozenset(policy.client for policy in c.policies() if policy.client not in busy)
    if idle != c.idle:
        notes = c.health.connections[c.name].notes
        _tell(c, [text for text in notes if text not in _idle_notes(c, c.idle)] + _idle_notes(c, idle))
        c.idle = idle


def _idle_notes(c: Connection, idle: frozenset[str] | None) -> list[str]:
    return [
        f"{policy.source or policy.client}: no ticket of '{policy.client}' so far; "
        "are its companies written as in the PSA?"
        for policy in c.policies()
        if policy.client in (idle or ())
    ]


def _tell(c: Connection, notes: list[str]) -> None:
    health = c.health.connections[c.name]
    for text in notes:
        if text not in health.notes:
            log.warning("found at start", connection=c.name, note=text)
    health.notes = tuple(notes)


def _missing(c: Connection) -> list[str]:
    """Fields the client files name and the PSA does not have, those aside that carry nothing as yet."""
    assert c.facts is not None
    needless = unused(c.policies())
    return [
        f"the PSA has no ticket field '{caption}': that flag is not written"
        for caption in c.facts.missing_fields
        if caption not in needless
    ]


def _unknown_statuses(c: Connection) -> list[str]:
    """Statuses the client files name and the PSA does not have: most often a typing error."""
    assert c.facts is not None
    return [
        f"{policy.source or policy.client}: the PSA has no status '{name}'"
        for policy, name in strange_statuses(c.policies(), c.facts.statuses)
    ]


def _abandoned(c: Connection, kept: Mapping[str, Contract]) -> list[str]:
    """Open reviews, plans and rights to leave nobody looks at, since no file has the client's name now."""
    names = {policy.client for policy in c.policies()}
    return [
        f"'{client}' has an open {what}, and no client's file of this connection has that name: it stands "
        "still; name the client in its file as it was"
        for client, contract in kept.items()
        for what, is_open in (
            ("service review", contract.review),
            ("improvement plan", contract.plan),
            ("right to leave", contract.release),
        )
        if client not in names and is_open
    ]
