"""The web app: webhooks in, probes, metrics and the board, put together from what the daemon hands over."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from connector.web.board import Board
from connector.web.card import Card
from connector.web.client import Client
from connector.web.clients import Clients
from connector.web.deps import STORE_TROUBLE, WebDeps
from connector.web.door import Door, Refused, refused
from connector.web.hooks import BODY_LIMIT, Hooks
from connector.web.live import Live
from connector.web.metrics import Metrics
from connector.web.operations import operations
from connector.web.pages import page
from connector.web.probes import Probes
from connector.web.psacard import PsaCard
from connector.web.ratings import BODY_LIMIT as RATINGS_LIMIT
from connector.web.ratings import Ratings
from connector.web.security import RealPeer, SafeHeaders
from connector.web.signin import SignIn
from connector.web.survey import FORM_LIMIT, SurveyPage
from connector.web.views import Views

log = structlog.get_logger(__name__)

_STATIC = Path(__file__).parent / "static"


def create_app(deps: WebDeps) -> Starlette:
    """The ASGI app. `app.state.live.close()` ends the open event streams: call it before the server stops.

    Raises ConfigError for an empty token.
    """
    sign_in = SignIn(deps.token, deps.view_token, deps.proxy, deps.now)
    proxies = ["127.0.0.1", *(deps.proxy.addresses if deps.proxy else ())]
    views, hooks = Views(deps), Hooks(deps)
    live = Live(deps, views)
    pages = Mount(
        "/", routes=_pages(deps, views, live, hooks), middleware=[Middleware(Door, sign_in=sign_in)]
    )
    app = Starlette(
        routes=[*_outside(deps, hooks), pages],
        middleware=[
            Middleware(SafeHeaders),
            Middleware(RealPeer),
            Middleware(ProxyHeadersMiddleware, trusted_hosts=proxies),
        ],
        exception_handlers={
            404: partial(_nothing, deps.title),
            Refused: refused,
            **dict.fromkeys(STORE_TROUBLE, _no_store),
        },
    )
    app.state.live = live
    return app


def _pages(deps: WebDeps, views: Views, live: Live, hooks: Hooks) -> list[BaseRoute]:
    """What stands behind the door."""
    board = Board(deps, views)
    return [
        Route("/", board.whole),
        Route("/board/fragment", board.fragment),
        Route("/wallboard", board.wall),
        Route("/wallboard/fragment", board.wall_fragment),
        Route("/events", live.events),
        Route("/ticket", Card(deps).show),
        Route("/clients", Clients(deps).show),
        Route("/client", Client(deps).show),
        *operations(deps, hooks),
        Route("/metrics", Metrics(deps, hooks).scrape),
        Mount("/static", StaticFiles(directory=_STATIC)),
    ]


def _outside(deps: WebDeps, hooks: Hooks) -> list[BaseRoute]:
    """What has a signature of its own, or nothing to hide."""
    probes, inside = Probes(deps), PsaCard(deps)
    incoming = Route("/{connection}", hooks.receive, methods=["POST"], max_body_size=BODY_LIMIT)
    rated = Route("/{connection}", Ratings(deps).receive, methods=["POST"], max_body_size=RATINGS_LIMIT)
    framed = [
        Route("/card.css", inside.style),
        Route("/card.js", inside.script),
        Route("/{connection}/card", inside.show),
    ]
    found: list[BaseRoute] = [
        Route("/healthz", probes.alive),
        Route("/readyz", probes.ready),
        Mount("/hooks", routes=[incoming]),
        Mount("/ratings", routes=[rated]),
        Mount("/psa", routes=framed),
    ]
    if deps.survey is not None:
        survey = SurveyPage(deps, deps.survey)
        asked = [
            Route("/survey.css", survey.style),
            Route("/{token}", survey.show),
            Route("/{token}", survey.take, methods=["POST"], max_body_size=FORM_LIMIT),
        ]
        found.append(Mount("/s", routes=asked))
    return found


async def _nothing(title: str, request: Request, error: Exception) -> Response:
    up = "../" * (request.url.path.count("/") - 1)  # addresses of pages are relative to the board's
    return page("nothing.html", status=404, title=title, page="", up=up)


async def _no_store(request: Request, error: Exception) -> Response:
    log.warning("page not shown", path=request.url.path, error=repr(error))
    return PlainTextResponse("The store does not answer. The log says why.\n", status_code=503)
