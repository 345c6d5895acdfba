"""The lists of what is stuck, and what to do about it: writes the PSA refused, and what nobody could read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from connector.daemon.notices.told import head
from connector.history import upkeep
from connector.store import errands, notices, outbox, quarantine, tickets
from connector.store.audit import WHY, Doer
from connector.store.notices import Notice, Sending
from connector.store.outbox import Owed
from connector.store.quarantine import Quarantined
from connector.web.deps import WebDeps
from connector.web.door import Act, Refused, back, operate, shown
from connector.web.pages import page

ROWS = 500
TOLD = {
    "retry": "It is tried again now.",
    "drop": "It is dropped. The PSA will not hear of it.",
    "again": "The ticket is read again now.",
    "late": "Nothing was left to do: somebody was faster, or it has mended by itself.",
}
"""What a page says after an act."""

_MAY = {("letter", "retry"), ("letter", "drop"), ("errand", "retry"), ("errand", "drop"), ("notice", "retry")}

Item = TypeVar("Item", Owed, Quarantined)


class Letters:
    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    async def dead(self, request: Request) -> Response:
        """GET /outbox."""
        async with self._deps.store.read() as tx:
            items = await _with_links(tx, await outbox.dead(tx, ROWS))
            number = sum(dead for _, dead in (await outbox.counts(tx)).values())
            unopened = await errands.listed(tx, state="dead", limit=ROWS)
            dropped = await _with_links(tx, await outbox.dead(tx, ROWS, state="dropped"))
            given_up = await errands.listed(tx, state="dropped", limit=ROWS)
            untold = _by_sending(await notices.listed(tx, state="dead", limit=ROWS))
        more = {"errands": unopened, "dropped": dropped, "given_up": given_up, "untold": untold}
        return self._page(request, "outbox", items, number, **more)

    async def quarantined(self, request: Request) -> Response:
        """GET /quarantine."""
        async with self._deps.store.read() as tx:
            items = await _with_links(tx, await quarantine.listed(tx, ROWS))
            number = sum((await quarantine.counts(tx)).values())
        return self._page(request, "quarantine", items, number)

    async def settle(self, request: Request) -> Response:
        """POST /outbox: `do` retry or drop; `kind` letter, errand or notice; `connection`, `subject`."""
        act = await operate(request)
        do, kind = act.form.get("do", ""), act.form.get("kind", "")
        if (kind, do) not in _MAY:
            raise Refused("This is not a form of ours.", 400)
        by = doer(act)
        if do == "drop" and not by.why:
            raise Refused("Say why it is dropped: whoever looks for it will want to know.", 400)
        connection, subject = act.form.get("connection", ""), act.form.get("subject", "")
        change, now = upkeep.retry if do == "retry" else upkeep.drop, self._deps.now()
        async with self._deps.store.begin(of=connection) as tx:
            if kind == "notice":
                done = await upkeep.tell_again(tx, subject, by, now)
            else:
                done = await change(tx, cast(upkeep.Refused, kind), connection, subject, by, now)
        self._deps.wake(connection)
        return back(f"outbox?done={do if done else 'late'}")

    async def look_again(self, request: Request) -> Response:
        """POST /quarantine: have the ticket `subject` of `connection` read again."""
        act = await operate(request)
        connection, subject = act.form.get("connection", ""), act.form.get("subject", "")
        async with self._deps.store.begin(of=connection) as tx:
            done = await upkeep.look_again(tx, connection, subject, doer(act), self._deps.now())
        self._deps.wake(connection)
        return back(f"quarantine?done={'again' if done else 'late'}")

    def _page(
        self, request: Request, name: str, items: Sequence[object], number: int, **more: Any
    ) -> Response:
        return page(
            f"{name}.html",
            title=self._deps.title,
            page=name,
            items=items,
            more=number - len(items),
            now=self._deps.now(),
            told=TOLD.get(request.query_params.get("done", ""), ""),
            **shown(request),
            **more,
        )


def doer(act: Act) -> Doer:
    """Who acts, for the audit; the form's `reason` is why."""
    why = " ".join(act.form.get("reason", "").split())[:WHY]
    return Doer(name=act.person.name, role=act.person.role, why=why)


def _by_sending(
    told: Sequence[tuple[Notice, Sending | None]],
) -> list[tuple[Sending, str, int]]:
    """Each sending once, with the first thing it tells of and how many more there are."""
    found: dict[str, tuple[Sending, str, int]] = {}
    for notice, sending in told:
        if sending is None:
            continue
        _, first, more = found.get(sending.id, (sending, f"{notice.subject} {head(notice)}".strip(), -1))
        found[sending.id] = (sending, first, more + 1)
    return list(found.values())


async def _with_links(tx: AsyncConnection, items: Sequence[Item]) -> list[tuple[Item, str]]:
    """Each with the address of its ticket in the PSA, '' where the ticket is not known."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for item in items:
        wanted[item.connection].add(item.ticket_id)
    urls: Mapping[tuple[str, str], str] = {
        (conn, id): found.ticket.url
        for conn, ids in wanted.items()
        for id, found in (await tickets.load(tx, conn, ids)).items()
    }
    return [(item, urls.get((item.connection, item.ticket_id), "")) for item in items]
