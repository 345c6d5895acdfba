"""Each client's contract as it stands, and a person's word on it: a plan, a review, a right to leave.

What a person says is kept at once, with who and why. The daemon acts on it at its next look; the note on the
review's or the plan's ticket is owed in the same transaction.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from connector.clients import ClientBook, load_clients
from connector.errors import NotFound, Rejected
from connector.history import upkeep
from connector.history.commission import Told, owe
from connector.model import PxFigure
from connector.rules.contract import (
    Confirmation,
    Contract,
    Happening,
    close_review,
    confirm_plan,
    end_release,
)
from connector.rules.experience import px, px_text
from connector.rules.policy import Policy
from connector.store import contracts, errands, ratings
from connector.store.audit import Doer
from connector.store.errands import Errand
from connector.store.store import Store
from connector.ticketlog import iso

_Change = Callable[[Contract], tuple[Contract, Happening | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One client. `refused`: what the PSA would not open or note, until a person has it tried again."""

    policy: Policy
    conn: str
    contract: Contract | None
    figure: PxFigure
    refused: Sequence[Errand] = ()

    def as_json(self) -> dict[str, Any]:
        contract = self.contract
        plan = contract.plan if contract else None
        return {
            "client": self.policy.client,
            "connection": self.conn,
            "px": px_text(self.figure) or None,
            "target": self.policy.px.target,
            "review_since": iso(contract.review.opened_at) if contract and contract.review else None,
            "plan_since": iso(plan.opened_at) if plan else None,
            "plan_until": iso(plan.ends_at()) if plan else None,
            "plan_confirmed_by": plan.confirmed_by or None if plan else None,
            "plan_waits": bool(contract and contract.awaits_plan()),
            "release_since": iso(contract.released_at) if contract else None,
            "refused": [{"mark": e.mark, "what": e.summary or e.text, "why": e.error} for e in self.refused],
        }


async def standings(store_url: str, config_dir: Path, now: datetime) -> list[Standing]:
    """Every client of the files, in their order."""
    book = load_clients(config_dir)
    async with _open(store_url) as store, store.read() as tx:
        kept = await contracts.every(tx)
        dead = await errands.listed(tx, state="dead")
        found = []
        for policy in book.policies:
            conn = policy.match.connection if policy.match else ""
            since = now - timedelta(days=policy.px.window_days)
            said = await ratings.counted(tx, policy.client, since, now)
            found.append(
                Standing(
                    policy=policy,
                    conn=conn,
                    contract=kept.get((conn, policy.client)),
                    figure=px((entry.rating for entry in said), policy.px),
                    refused=[e for e in dead if (e.conn, e.client) == (conn, policy.client)],
                )
            )
    return found


async def confirm(store_url: str, config_dir: Path, client: str, word: Confirmation) -> str:
    """Have the plan opened that the guard holds back. Rejected if no review waits for one."""
    return await _say(store_url, config_dir, client, lambda contract: (confirm_plan(contract, word), None))


async def close(store_url: str, config_dir: Path, client: str, word: Confirmation) -> str:
    """The review has been held. Rejected if none is open."""
    return await _say(store_url, config_dir, client, lambda contract: close_review(contract, word))


async def end(store_url: str, config_dir: Path, client: str, word: Confirmation) -> str:
    """The right to leave is over, as agreed with the client. Rejected if none is active."""
    return await _say(store_url, config_dir, client, lambda contract: end_release(contract, word))


async def retry(store_url: str, config_dir: Path, client: str, by: Doer, now: datetime) -> int:
    """Have everything that the PSA refused for this client tried again; how much that is."""
    policy, conn = _whose(load_clients(config_dir), client)
    async with _open(store_url) as store, store.begin(of=conn) as tx:
        dead = [e for e in await errands.listed(tx, conn=conn, state="dead") if e.client == policy.client]
        for errand in dead:
            await upkeep.retry(tx, "errand", conn, errand.mark, by, now)
    return len(dead)


async def _say(store_url: str, config_dir: Path, client: str, change: _Change) -> str:
    """Change one client's contract; its name as the file has it."""
    policy, conn = _whose(load_clients(config_dir), client)
    async with _open(store_url) as store, store.begin(of=conn) as tx:
        before = await contracts.load(tx, conn, policy.client)
        if before is None:
            raise NotFound(f"{policy.client}'s contract was never looked at: has the daemon been run?")
        try:
            after, happened = change(before)
        except ValueError as error:
            raise Rejected(f"{policy.client}: {error}") from error
        await contracts.save(tx, conn, policy.client, after)
        if happened:
            await contracts.tell(tx, conn, policy.client, happened, happened.at)
            told = [Told(what=happened)]
            await owe(tx, conn, policy, told, happened.at, opens_tickets=False)
    return policy.client


def _whose(book: ClientBook, client: str) -> tuple[Policy, str]:
    """The rules of a client of this name, in any case, and the connection they are for."""
    for policy in book.policies:
        if policy.client.casefold() == client.casefold() and policy.match is not None:
            return policy, policy.match.connection
    known = ", ".join(policy.client for policy in book.policies)
    raise NotFound(f"no client is called {client!r}; there are: {known or 'none'}")


@asynccontextmanager
async def _open(store_url: str) -> AsyncIterator[Store]:
    store = await Store.open(store_url)
    try:
        yield store
    finally:
        await store.close()
