"""The auditor's findings, on the operations page and as numbers: read from the store, whoever audits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from prometheus_client.core import Metric
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.daemon.auditor.state import State, state_of
from connector.history.invariants.words import HOLDS, INVARIANTS
from connector.store import audited, breaches
from connector.store.breaches import Breach, Key
from connector.web.families import counter, gauge

GOING = 100
OVER = 20
"""Breaches that the page lists at most; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Audits:
    """How far the audits of each connection are, by name; what is broken, and what was."""

    states: Mapping[str, State]
    going: Sequence[Breach] = ()
    over: Sequence[Breach] = ()
    broken: int = 0

    @property
    def more(self) -> int:
        return self.broken - len(self.going)

    def should(self, breach: Breach) -> str:
        """What should hold, in a sentence."""
        return next((words for name, words in HOLDS.items() if name == breach.invariant), breach.invariant)


NO_AUDITS = Audits({})


async def read(tx: AsyncConnection, now: datetime) -> Audits:
    """For the page."""
    return Audits(
        states={name: state_of(body, now) for name, body in sorted((await audited.states(tx)).items())},
        going=await breaches.listed(tx, GOING),
        over=await breaches.listed(tx, OVER, over=True),
        broken=sum((await breaches.counts(tx)).values()),
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """Checks made by connection and invariant, and what is broken."""

    checks: Mapping[str, Mapping[str, int]]
    broken: Mapping[Key, int]


async def count(tx: AsyncConnection, now: datetime) -> Counted:
    """For the numbers."""
    states = {name: state_of(body, now) for name, body in (await audited.states(tx)).items()}
    checks = {name: {str(one): n for one, n in state.checks.items()} for name, state in states.items()}
    return Counted(checks, await breaches.counts(tx))


def metrics(found: Counted, names: Sequence[str]) -> Iterator[Metric]:
    """Of these connections, every invariant with its number, so that an alert sees 0 as well."""
    every = [(name, str(invariant)) for name in names for invariant in INVARIANTS]
    labels = ("connection", "invariant")
    yield counter(
        "px_audit_checks",
        "checks the auditor made, by invariant",
        labels,
        [(key, float(found.checks.get(key[0], {}).get(key[1], 0))) for key in every],
    )
    yield gauge(
        "px_audit_breaches",
        "what the auditor found broken and is so still, by invariant",
        labels,
        [(key, float(found.broken.get(key, 0))) for key in every],
    )
