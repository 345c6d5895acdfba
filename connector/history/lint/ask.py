"""The questions to one PSA and to the store: each may be missing, and then it is said what was not looked at.

The PSA is only read, in some thirty requests; of the store the newest tickets are judged as the daemon does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from connector.clients import ClientBook
from connector.clients.captions import of_connection
from connector.errors import ConnectorError
from connector.history.doctor.findings import Finding
from connector.history.learning import parts
from connector.history.lint import behaviour, byitself, hours, pauses, statuses, terms
from connector.history.lint.past import Past, Share
from connector.history.lint.report import LintReport, Looked
from connector.history.ours import ours
from connector.model import Message, Timeline
from connector.psa.checkup import Examined
from connector.psa.port import Psa
from connector.psa.slasetup import ShowsSla
from connector.psa.vendors import build_psa
from connector.rules.assess import assess
from connector.rules.authorship.habits import Habits
from connector.rules.authorship.judgement import Learnt
from connector.rules.authorship.templates import author_of
from connector.settings import Connection
from connector.store import people, rulings, stages
from connector.store.store import Store, is_there
from connector.store.tickets import StoredTicket

Tell = Callable[[str], None]
T = TypeVar("T")

_CHECKS = (
    *(statuses.beginnings, statuses.responses, byitself.by_itself, pauses.pauses),
    *(terms.slas, terms.empty, terms.targets, hours.hours, byitself.hooks, behaviour.behaviour),
)


async def lint(
    name: str, settings: Connection, book: ClientBook, store: str, *, now: datetime, tell: Tell
) -> LintReport:
    """Everything `lint` finds of one connection. Raises nothing a PSA can cause.

    `store`: its address; one that is not there yet is not made. ConfigError or Unavailable if it cannot be
    read.
    """
    seen = Looked(
        vendor=settings.vendor,
        policies=of_connection(book, name),
        today=now.date(),
        meanings=settings.status_meanings(),
    )
    requests = await _psa(name, settings, seen, tell)
    tell("judging the tickets of the store")
    await _store(name, book, store, now, seen)
    findings = [finding for check in _CHECKS for finding in check(seen)]
    if seen.setup is None and seen.past is None:
        findings.append(_nothing(seen))
    return LintReport(
        connection=name,
        vendor=settings.vendor,
        requests=requests,
        tickets=seen.past.tickets if seen.past else 0,
        responses=seen.past.responses if seen.past else Share(),
        findings=tuple(findings),
        not_made=seen.not_made,
    )


def _nothing(seen: Looked) -> Finding:
    return seen.fault(
        "nothing-to-see",
        "SLA",
        "neither the PSA nor the store could be looked at",
        severity="error",
        looked_at="the PSA, and the store of connector.yaml",
        why="nothing was judged",
        fix="run `px-connector doctor`; then lint again",
        evidence=[f"{what}: {why}" for what, why in seen.not_made.items()],
    )


# ── the PSA ───────────────────────────────────────────────────────────────────────────────────────


async def _psa(name: str, settings: Connection, seen: Looked, tell: Tell) -> int:
    """Read the PSA's set-up; how many requests that took."""
    try:
        psa = build_psa(name, settings)
    except ConnectorError as error:
        seen.not_made["set-up of the PSA"] = str(error)
        return 0
    try:
        tell("logging in")
        await psa.start({})
        await _set_up(psa, seen, tell)
    except ConnectorError as error:
        seen.not_made["set-up of the PSA"] = str(error)
    finally:
        await psa.close()
    return psa.quota().requests_total


async def _set_up(psa: Psa, seen: Looked, tell: Tell) -> None:
    if not isinstance(psa, ShowsSla):
        seen.not_made["set-up of the PSA"] = "the adapter of this vendor cannot tell"
        return
    tell("reading how the SLA is set up")
    setup = await psa.sla_setup()
    seen.not_made.update((f"{topic} of the PSA", why) for topic, why in setup.untold.items())
    tell("reading calendars and companies")
    seen.calendars = await _asked("calendars of the PSA", psa.calendars(), seen) or ()
    seen.not_made.update(
        (f"calendar '{one.name}' of the PSA", one.problem) for one in seen.calendars if one.problem
    )
    if isinstance(psa, Examined):
        seen.companies = await _asked("companies of the PSA", psa.checkup.companies(), seen) or {}
    seen.setup = setup


async def _asked(what: str, answer: Awaitable[T], seen: Looked) -> T | None:
    try:
        return await answer
    except ConnectorError as error:
        seen.not_made[what] = str(error)
        return None


# ── the store ─────────────────────────────────────────────────────────────────────────────────────


async def _store(name: str, book: ClientBook, address: str, now: datetime, seen: Looked) -> None:
    if not await asyncio.to_thread(is_there, address):
        seen.not_made["history"] = "there is no store yet: it fills while the daemon runs"
        return
    store = await Store.open(address)
    try:
        seen.past = await _past(store, name, book, now, seen)
    finally:
        await store.close()
    if not seen.past.tickets:
        seen.not_made["history"] = "the store has no ticket of a client of this connection"
        seen.past = None


async def _past(store: Store, name: str, book: ClientBook, now: datetime, seen: Looked) -> Past:
    past, habits = Past(), Habits()
    async with store.read() as tx:
        stage_of, desk = await stages.get(tx, name), await people.get(tx, name)
        said = await rulings.in_force(tx, name)

    def judge(rows: Sequence[StoredTicket], timelines: Mapping[str, Timeline], learnt: Learnt) -> None:
        for row in rows:
            ticket, timeline = row.ticket, timelines.get(row.ticket.id, ())
            policy = None if row.gone else book.for_ticket(name, ticket.client, ticket.client_id)
            if policy is None:
                continue
            habits.add(ticket.id, timeline, learnt.lines)
            _note(past, ticket.id, timeline)
            try:
                answer = assess(ticket, timeline, policy, now, learnt=learnt, stage_of=stage_of, desk=desk)
            except (ValueError, OverflowError):  # dates that cannot be: set aside and shown by the daemon
                continue
            past.add(ticket, answer, policy)

    async for rows, timelines, learnt in parts(store, name):
        async with store.read() as tx:
            mine = await ours(tx, name, [row.ticket for row in rows])
        await asyncio.to_thread(judge, [row for row in rows if row.ticket.id not in mine], timelines, learnt)
    past.habits = habits.found(said, [policy.response for policy in seen.policies])
    return past


def _note(past: Past, ticket: str, timeline: Timeline) -> None:
    """Who wrote to the customer on this ticket."""
    authors = {
        author_of(one.actor) for one in timeline if isinstance(one, Message) and one.direction == "out"
    }
    for author in authors - {""}:
        past.wrote_on.setdefault(author, []).append(ticket)
