"""The ticket card inside the PSA: a small page that nobody but the PSA's own pages may frame.

It stands outside the door, because a frame gets no cookies and no sign-in. Instead the address proves itself,
as the vendor's adapter knows (`psa.embed`), and is answered by a pass for that one ticket. Who proves nothing
learns nothing: not whether a ticket is there, nor whether a connection is.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from connector.errors import NotFound, Rejected
from connector.history.lookup import account
from connector.psa.embed import Frame, Framed
from connector.web.deps import STORE_TROUBLE, WebDeps
from connector.web.glance import Glance, glance
from connector.web.pace import Pace
from connector.web.pages import page
from connector.web.passes import Passes
from connector.web.seldom import Seldom
from connector.web.words import card

log = structlog.get_logger(__name__)

STRANGERS = 30  # addresses that prove nothing, a minute and host
VIEWS = 600  # cards a minute and connection
_STATIC = Path(__file__).parent / "static"
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors {}"
)


class PsaCard:
    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self._strangers, self._views = Pace(deps.now, STRANGERS), Pace(deps.now, VIEWS)
        self._seldom = Seldom(deps.now)

    async def style(self, request: Request) -> Response:
        """GET /psa/card.css: the board's files are behind its door."""
        return FileResponse(_STATIC / "psacard.css", media_type="text/css")

    async def script(self, request: Request) -> Response:
        """GET /psa/card.js."""
        return FileResponse(_STATIC / "psacard.js", media_type="text/javascript")

    async def show(self, request: Request) -> Response:
        """GET /psa/{connection}/card: to the PSA's own address a redirect to a pass; to that, the card."""
        name, query = request.path_params["connection"], dict(request.query_params)
        frame = self._frame(name)
        if frame is None:
            return self._stranger(request, name)
        passes = Passes(connection=name, key=frame.secret)
        if "pass" in query:
            given = passes.read(query)
            if given is None:
                return self._stranger(request, name)
            if self._deps.now() >= given.until:
                return _page(frame, 403, state="late")
            return await self._card(name, given.ticket, frame)
        try:
            asked = frame.asked(query)
        except Rejected:
            return self._stranger(request, name)
        if asked.wrong:
            return _page(frame, 400, state="misplaced", words=asked.wrong)
        return _sealed(RedirectResponse(f"card?{passes.query(asked.ticket, self._deps.now())}", 303), frame)

    def _frame(self, name: str) -> Frame | None:
        """None where there is no such connection, or its PSA shall not show the card."""
        psa = self._deps.connections.get(name)
        if psa is None:
            return None
        return psa.frame if isinstance(psa, Framed) else None

    async def _card(self, name: str, ticket: str, frame: Frame) -> Response:
        if not self._views.may(name):
            return _page(frame, 429, state="busy")
        try:
            shown = await self._glance(name, ticket)
        except STORE_TROUBLE as error:
            if self._seldom.may_say(str(error)):
                log.error("card not shown", connection=name, error=str(error)[:256])
            return _page(frame, 503, state="busy")
        except NotFound as error:
            return _page(frame, 404, state="gone", words=str(error))
        except (ValueError, OverflowError) as error:
            return _page(frame, 200, state="gone", words=f"Ticket {ticket} cannot be judged: {error}")
        return await asyncio.to_thread(
            lambda: _page(frame, 200, state="card", it=shown, whole="../../" + card(name, ticket))
        )

    async def _glance(self, name: str, ticket: str) -> Glance:
        now = self._deps.now()
        found = await account(self._deps.store, self._deps.clients(), name, ticket, now)
        return glance(found, now)

    def _stranger(self, request: Request, name: str) -> Response:
        """The same answer whatever was wrong, framed by nobody: whose PSA it is, is not told either."""
        host = request.client.host if request.client else "?"
        may = self._strangers.may(host)
        if may and self._seldom.may_say(f"stranger {host}"):
            log.warning("card refused", connection=name[:64], client=host, note="said at most once a minute")
        return _page(None, 403 if may else 429, state="refused")


def _page(frame: Frame | None, status: int, *, state: str, **values: Any) -> Response:
    shown = {"words": "", "it": None, "whole": "", **values}
    return _sealed(page("psacard.html", status=status, state=state, **shown), frame)


def _sealed(answer: Response, frame: Frame | None) -> Response:
    """Framed by the PSA's pages and nobody else's, kept by nobody."""
    ancestors = " ".join(frame.origins) if frame else "'none'"
    answer.headers["Content-Security-Policy"] = _POLICY.format(ancestors)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer
