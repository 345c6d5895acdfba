"""The questions to one PSA, one after the other and each once: no tickets are read but the few of `start`.

Where we are not let in nothing more is asked: hammering locks accounts.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime
from typing import TypeVar

from connector.clients.captions import on_companies, on_tickets, with_ratings
from connector.errors import ConfigError, ConnectorError
from connector.history.canary.gate import judged
from connector.history.canary.setup import Setup
from connector.history.canary.undo import clear_up
from connector.history.doctor import access, agree, hours
from connector.history.doctor.findings import Check, Finding, Report, Seen
from connector.history.doctor.fitting import fitting
from connector.history.doctor.promised import priorities
from connector.history.doctor.trust import canary
from connector.psa.checkup import Checkup, Examined
from connector.psa.desk import Desk
from connector.psa.port import Psa
from connector.psa.vendors import build_psa
from connector.rules.policy import Policy
from connector.settings import Connection
from connector.store import canaries
from connector.store.store import Store

Tell = Callable[[str], None]
T = TypeVar("T")


async def examine(
    name: str,
    settings: Connection,
    policies: Sequence[Policy],
    *,
    hook_url: str,
    today: date,
    fix: bool,
    tell: Tell,
    store: Store | None = None,
) -> Report:
    """Everything `doctor` finds of one connection. Raises nothing a PSA can cause.

    `policies` are those of its clients; `fix` creates or re-enables our webhook, puts back what a broken-off
    canary left, and changes nothing else; `tell` is called with what is asked next. `store`: None where
    there is none yet.
    """
    seen = Seen(policies=policies, today=today, hook_url=hook_url)
    try:
        psa = build_psa(name, settings)
    except ConfigError as error:
        seen.failure = error
        return _report(name, settings.vendor, seen)
    try:
        await _start(psa, seen, tell)
        if seen.failure is None:
            await _look(psa, seen, fix, tell)
            await _trust(name, settings, psa, seen, store, fix)
        _take_stock(psa, seen)
    finally:
        await psa.close()
    return _report(name, settings.vendor, seen)


async def _start(psa: Psa, seen: Seen, tell: Tell) -> None:
    tell("logging in, reading statuses, people and fields")
    psa.watch(with_ratings(seen.policies))
    if isinstance(psa, Desk):
        psa.mark_companies(on_companies(seen.policies))
    try:
        seen.facts = await psa.start(on_tickets(seen.policies))
    except ConnectorError as error:
        seen.failure = error
    if isinstance(psa, Examined):
        seen.lacking = psa.checkup.lacking()


async def _look(psa: Psa, seen: Seen, fix: bool, tell: Tell) -> None:
    """What `start` does not read. An adapter without a checkup is looked at less, and that is said."""
    checkup = psa.checkup if isinstance(psa, Examined) else None
    if checkup is None:
        seen.unseen["clients"] = "the adapter of this vendor cannot tell"
    else:
        await _look_further(psa, checkup, seen, fix, tell)
    tell("reading calendars")
    seen.calendars = await _asked("days off", psa.calendars(), seen) or ()


async def _look_further(psa: Psa, checkup: Checkup, seen: Seen, fix: bool, tell: Tell) -> None:
    if seen.hook_url:
        tell("looking at the webhook")
        seen.hook = await _asked("webhook", checkup.webhook(seen.hook_url), seen)
        if fix and seen.hook not in (None, "alive"):
            tell("mending the webhook")
            seen.mended = await _asked("webhook", psa.ensure_webhook(seen.hook_url), seen) or ""
    tell("reading companies")
    seen.companies = await _asked("clients", checkup.companies(), seen) or {}


async def _trust(
    name: str, settings: Connection, psa: Psa, seen: Seen, store: Store | None, fix: bool
) -> None:
    """The canary that counts, and those that were broken off: put back with `fix`."""
    last = None
    if store is not None:
        if fix:
            seen.left = await clear_up(name, psa, store, lambda: datetime.now(UTC))
        async with store.read() as tx:
            last = await canaries.last(tx, name)
            if not fix:
                seen.left = [(row, None) for row in await canaries.left(tx, name)]
    seen.standing = judged(Setup.of(settings), seen.policies, last)


async def _asked(check: Check, answer: Awaitable[T], seen: Seen) -> T | None:
    """The answer, or None and a word on why there is none."""
    try:
        return await answer
    except ConnectorError as error:
        seen.unseen[check] = str(error)
        return None


def _take_stock(psa: Psa, seen: Seen) -> None:
    seen.quota = psa.quota()
    if isinstance(psa, Examined):
        seen.behind, seen.spent = psa.checkup.behind(), psa.checkup.spent()


def _report(name: str, vendor: str, seen: Seen) -> Report:
    return Report(
        connection=name,
        vendor=vendor,
        server=seen.facts.server if seen.facts else "",
        requests=seen.quota.requests_total if seen.quota else 0,
        findings=tuple(_findings(seen)),
    )


def _findings(seen: Seen) -> list[Finding]:
    if seen.facts is None:
        return access.login(seen)
    checks = (
        *(access.login, access.rights, agree.fields, fitting, access.webhook, access.requests, access.clock),
        *(hours.zones, agree.statuses, priorities, hours.days_off, agree.clients, canary, agree.others),
    )
    return [finding for check in checks for finding in check(seen)]
