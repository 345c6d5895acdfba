"""Companies: keep on the record of each client what its contract says, and write only what differs.

The record is looked at when what should stand there has changed, and once a day in case somebody has changed
it in the PSA. What is refused is said once and tried again the next day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.daemon import improve
from connector.daemon.connection import Connection
from connector.errors import Conflict, ContractViolation, NotFound, Rejected, Unavailable
from connector.model import CompanyFlag
from connector.psa.desk import Desk
from connector.rules.contract import Contract
from connector.rules.experience import px_text
from connector.rules.lines import zone_named
from connector.rules.policy import Policy
from connector.store import contracts, cursors, tickets

log = structlog.get_logger(__name__)

LOOK_AGAIN = timedelta(days=1)
AT_ONCE = 20
"""Companies asked for in one turn at most."""

Marks = Mapping[CompanyFlag, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One company: what it should show, and what we know of it: '' where it was never looked at."""

    client: str
    company: str
    wanted: Marks
    known: Mapping[str, Any]

    def is_due(self, now: datetime) -> bool:
        tried = self.known.get("tried", "")
        if tried and timedelta(0) <= now - datetime.fromisoformat(tried) < improve.LOOK_EVERY:
            return False
        if self.known.get("flags") != dict(self.wanted):
            return True
        return now - datetime.fromisoformat(self.known["at"]) >= LOOK_AGAIN


async def keep_companies(c: Connection, now: datetime) -> int:
    """Bring the companies of this connection's clients to what they should show; how many were looked at.

    Raises Throttled or Unavailable; what was done before is remembered, and a company that could not be
    had is left alone for a while, so that one which never answers keeps nothing else waiting.
    """
    desk = c.psa
    if not (c.writes and isinstance(desk, Desk)) or (c.next_companies and now < c.next_companies):
        return 0
    async with c.store.glance() as tx:
        records = [one for policy in c.policies() for one in await _records(tx, c, desk, policy, now)]
    due = [one for one in records if one.is_due(now)]
    for one in due[:AT_ONCE]:
        try:
            await _keep(c, desk, one, now)
        except Unavailable:
            await _put(c, one, {**one.known, "tried": now.isoformat()}, now)
            raise
    if len(due) <= AT_ONCE:
        c.next_companies = now + improve.LOOK_EVERY
    return len(due[:AT_ONCE])


async def _records(
    tx: AsyncConnection, c: Connection, desk: Desk, policy: Policy, now: datetime
) -> list[Record]:
    """Every company this client's tickets have come from lately: it may have several."""
    contract = await contracts.load(tx, c.name, policy.client)
    flags = marks(policy, contract, px_text(await improve.figure(tx, c, policy, now)))
    wanted = desk.shown_company(flags)
    if not wanted:
        return []
    known = await cursors.get(tx, c.name, _name(policy.client)) or {}
    latest = await tickets.company_of(tx, c.name, policy.client)
    return [
        Record(client=policy.client, company=company, wanted=wanted, known=known.get(company, {}))
        for company in sorted({latest, *known} - {""})
    ]


def marks(policy: Policy, contract: Contract | None, px: str) -> dict[CompanyFlag, str]:
    """What should stand on the company, of the flags the client's file has a caption for; '' is nothing."""

    def day(at: datetime) -> str:
        return at.astimezone(zone_named(policy.calendar.timezone)).date().isoformat()

    said: dict[CompanyFlag, str] = {"px": px, "review": "", "release": ""}
    if contract and contract.review:
        said["review"] = f"open since {day(contract.review.opened_at)}"
    if contract and contract.plan:
        said["review"] = f"improvement plan since {day(contract.plan.opened_at)}"
    if contract and contract.released_at:
        said["release"] = f"active since {day(contract.released_at)}"
    return {flag: value for flag, value in said.items() if flag in policy.company_flags}


async def _keep(c: Connection, desk: Desk, record: Record, now: datetime) -> None:
    error = ""
    try:
        shown = await desk.read_company(record.company)
        missing = _difference(record.wanted, shown)
        if missing:
            await desk.write_company(record.company, missing)
            left = _difference(record.wanted, await desk.read_company(record.company))
            error = f"the PSA took the write but does not show it: {', '.join(left)}" if left else ""
    except NotFound:
        return await _remember(c, record, None, now)
    except (Rejected, ContractViolation, Conflict) as refusal:
        error = str(refusal)
    if error and error != record.known.get("error"):
        log.error("company not marked", connection=c.name, client=record.client, error=error)
    await _remember(c, record, error, now)


def _difference(wanted: Marks, shown: Marks) -> dict[CompanyFlag, str]:
    return {flag: value for flag, value in wanted.items() if shown.get(flag, "") != value}


async def _remember(c: Connection, record: Record, error: str | None, now: datetime) -> None:
    """What it should show as of now, and why it may not; None: there is no such company."""
    found = {"flags": dict(record.wanted), "at": now.isoformat(), "error": error or ""}
    await _put(c, record, None if error is None else found, now)


async def _put(c: Connection, record: Record, found: Mapping[str, Any] | None, now: datetime) -> None:
    async with c.store.begin(of=c.name) as tx:
        known = await cursors.get(tx, c.name, _name(record.client)) or {}
        changed = {**known, record.company: found}
        if found is None:
            changed.pop(record.company)
        await cursors.put(tx, c.name, _name(record.client), changed, now)


def _name(client: str) -> str:
    return f"company:{client}"
