"""Rulings by a click: messages of unknown cause that matter to a clock, with their words, and a person's say.

One click makes a rule that stands above all others, so it can be taken back by another.
"""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from connector.errors import NotFound
from connector.history import rulings
from connector.history.rulings import Word
from connector.history.unruled import waiting
from connector.store import rulings as stored
from connector.web.deps import WebDeps
from connector.web.door import Act, Refused, back, operate, shown
from connector.web.letters import doer
from connector.web.pages import page

TICKETS = 50
"""Tickets looked at: each is judged afresh, and a person does a few at a time."""

KEPT = 200
"""Rulings shown, the latest."""

TOLD = {
    "ruled": "Ruled. The tickets concerned are judged again now.",
    "undone": "Taken back. The tickets concerned are judged again now.",
    "late": "Nothing was left to do: somebody was faster.",
}


class RulingsPage:
    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    async def show(self, request: Request) -> Response:
        """GET /rulings."""
        now = self._deps.now()
        found, more = await waiting(self._deps.store, self._deps.clients(), now, TICKETS)
        async with self._deps.store.read() as tx:
            made = [one for one in reversed(await stored.every(tx)) if one.withdrawn_at is None]
        return await asyncio.to_thread(
            page,
            "rulings.html",
            title=self._deps.title,
            page="rulings",
            now=now,
            waiting=found,
            more=more,
            tickets=TICKETS,
            made=made[:KEPT],
            unshown=len(made) - len(made[:KEPT]),
            told=TOLD.get(request.query_params.get("done", ""), ""),
            **shown(request),
        )

    async def rule(self, request: Request) -> Response:
        """POST /rulings: `say` human, machine or template of the message `key`; `all` of its whole author."""
        act = await operate(request)
        word = _word(act)
        connection, ticket, key = (act.form.get(name, "") for name in ("connection", "ticket", "key"))
        now = self._deps.now()
        try:
            async with self._deps.store.begin() as tx:
                made = await rulings.rule_message(
                    tx, key, word, now, connection=connection, ticket=ticket, whole="all" in act.form
                )
        except NotFound:
            return back("rulings?done=late")
        self._deps.wake(made.connection)
        return back("rulings?done=ruled")

    async def undo(self, request: Request) -> Response:
        """POST /undo: take the ruling `number` back."""
        act = await operate(request)
        number = act.form.get("number", "")
        if not (number.isascii() and number.isdecimal() and len(number) < 19):
            raise Refused("This is not a form of ours.", 400)
        async with self._deps.store.begin() as tx:
            kept = await rulings.take_back(tx, int(number), doer(act), self._deps.now())
        if kept is not None:
            self._deps.wake(kept.conn)
        return back(f"rulings?done={'undone' if kept else 'late'}")


def _word(act: Act) -> Word:
    by = doer(act)
    match act.form.get("say"):
        case "human":
            return Word(by=by.name, role=by.role, why=by.why, cause="human")
        case "machine":
            return Word(by=by.name, role=by.role, why=by.why, cause="automated")
        case "template":
            return Word(by=by.name, role=by.role, why=by.why, content="boilerplate")
    raise Refused("This is not a form of ours.", 400)
