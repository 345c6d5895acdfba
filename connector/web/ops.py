"""The operations page: is each connection doing its work, what is stuck, and who did what about it.

All of it is read from the store and from what the daemon knows of itself, so a connection that is stopped, or
a PSA that is down, is on it like any other. Acts are on the pages it leads to.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from starlette.requests import Request
from starlette.responses import Response

from connector.daemon.health import ConnectionHealth
from connector.daemon.logins import held_until
from connector.psa.port import QuotaState
from connector.store import (
    assessments,
    audit,
    errands,
    inbox,
    notices,
    outbox,
    quarantine,
    refusals,
    rulings,
    surveys,
)
from connector.store.audit import Deed
from connector.store.refusals import Refused as RefusedLogin
from connector.store.store import Store
from connector.web import audits
from connector.web.audits import NO_AUDITS, Audits
from connector.web.deps import STORE_TROUBLE, WebDeps
from connector.web.door import shown
from connector.web.hooks import Hooks
from connector.web.pages import page
from connector.web.seldom import Seldom
from connector.web.strip import STATE_MARKS

log = structlog.get_logger(__name__)

TROUBLE = "The store does not answer, so only what the daemon knows by itself is shown. The log says why."
DEEDS = 50
MANY = 500
"""Tickets with messages of unknown cause that are counted at most."""

_PATIENCE = timedelta(minutes=1)
"""A timer this late is worth a word."""

_Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Contents:
    """What the store says, by connection: (owed, dead) of flags and of errands, mails owed, webhooks that
    wait and when the last one came, the most overdue timer, complaints, logins refused in a row."""

    letters: Mapping[str, _Pair] = field(default_factory=dict)
    errands: Mapping[str, _Pair] = field(default_factory=dict)
    mails: Mapping[str, int] = field(default_factory=dict)
    inbox: Mapping[str, int] = field(default_factory=dict)
    heard: Mapping[str, datetime] = field(default_factory=dict)
    due: Mapping[str, datetime] = field(default_factory=dict)
    quarantined: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, RefusedLogin] = field(default_factory=dict)
    notices: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # by channel and state
    deeds: Sequence[Deed] = ()
    undecided: int = 0
    audits: Audits = NO_AUDITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One connection. `late`: how late the most overdue timer is, None if none is.

    `login`: (refused in a row, why, not tried again before).
    """

    health: ConnectionHealth
    mark: str
    quota: QuotaState
    late: timedelta | None
    waiting: int
    heard: datetime | None
    deliveries: Mapping[str, int]
    letters: _Pair
    errands: _Pair
    mails: int
    quarantined: int
    login: tuple[int, str, datetime] | None


class Operations:
    def __init__(self, deps: WebDeps, hooks: Hooks) -> None:
        self._deps, self._hooks = deps, hooks
        self._seldom = Seldom(deps.now)

    async def show(self, request: Request) -> Response:
        """GET /operations: 503, with what is known without it, when the store fails."""
        health, now = self._deps.health, self._deps.now()
        contents = await self._read()
        found = contents or Contents()
        rows = [self._row(one, found, now) for _, one in sorted(health.connections.items())]
        return await asyncio.to_thread(
            page,
            "operations.html",
            status=200 if contents else 503,
            title=self._deps.title,
            page="operations",
            now=now,
            trouble="" if contents else TROUBLE,
            rows=rows,
            found=found,
            many=MANY,
            config_errors=health.config_errors,
            **shown(request),
        )

    async def _read(self) -> Contents | None:
        try:
            return await read(self._deps.store, list(self._deps.health.connections), self._deps.now())
        except STORE_TROUBLE as error:
            if self._seldom.may_say(str(error)):
                log.error("operations not read", error=str(error)[:256])
            return None

    def _row(self, one: ConnectionHealth, found: Contents, now: datetime) -> Row:
        name = one.name
        due, login = found.due.get(name), found.refused.get(name)
        hooks = {str(result): n for (conn, result), n in sorted(self._hooks.counts.items()) if conn == name}
        return Row(
            health=one,
            mark=STATE_MARKS[one.state],
            quota=self._deps.quota(name),
            late=now - due if due is not None and now - due >= _PATIENCE else None,
            waiting=found.inbox.get(name, 0),
            heard=found.heard.get(name),
            deliveries=hooks,
            letters=found.letters.get(name, (0, 0)),
            errands=found.errands.get(name, (0, 0)),
            mails=found.mails.get(name, 0),
            quarantined=found.quarantined.get(name, 0),
            login=(login.times, login.why, held_until(login)) if login else None,
        )


async def read(store: Store, names: Sequence[str], now: datetime) -> Contents:
    """Raises what the store raises."""
    async with store.read() as tx:
        due = {name: await assessments.next_due(tx, name) for name in names}
        logins = {name: await refusals.get(tx, name) for name in names}
        return Contents(
            letters=await outbox.counts(tx),
            errands=await errands.counts(tx),
            mails=await surveys.unmailed(tx),
            inbox=await inbox.waiting(tx),
            heard=await inbox.last_heard(tx),
            due={name: at for name, at in due.items() if at is not None},
            quarantined=await quarantine.counts(tx),
            refused={name: login for name, login in logins.items() if login is not None},
            notices=_by_channel(await notices.counts(tx)),
            deeds=await audit.latest(tx, DEEDS),
            undecided=len(await rulings.undecided(tx, MANY)),
            audits=await audits.read(tx, now),
        )


def _by_channel(counts: Mapping[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (channel, state), number in sorted(counts.items()):
        found.setdefault(channel, {})[state] = number
    return found
