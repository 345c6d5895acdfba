"""The web app: webhooks in, probes, metrics and the board, put together from what the daemon hands over."""

from __future__ import annotations

from pathlib import Path

import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
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
    views = Views(deps)
    board, live = Board(deps, views), Live(deps, views)
    hooks, probes = Hooks(deps), Probes(deps)
    guarded = [
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
    incoming = Route("/{connection}", hooks.receive, methods=["POST"], max_body_size=BODY_LIMIT)
    rated = Route("/{connection}", Ratings(deps).receive, methods=["POST"], max_body_size=RATINGS_LIMIT)
    inside = PsaCard(deps)
    framed = [
        Route("/card.css", inside.style),
        Route("/card.js", inside.script),
        Route("/{connection}/card", inside.show),
    ]
    asked = []
    if deps.survey is not None:
        survey = SurveyPage(deps, deps.survey)
        asked = [
            Route("/survey.css", survey.style),
            Route("/{token}", survey.show),
            Route("/{token}", survey.take, methods=["POST"], max_body_size=FORM_LIMIT),
        ]
    app = Starlette(
        routes=[
            Route("/healthz", probes.alive),
            Route("/readyz", probes.ready),
            Mount("/hooks", routes=[incoming]),
            Mount("/ratings", routes=[rated]),
            Mount("/psa", routes=framed),
            *([Mount("/s", routes=asked)] if asked else []),
            Mount("/", routes=guarded, middleware=[Middleware(Door, sign_in=sign_in)]),
        ],
        middleware=[
            Middleware(SafeHeaders),
            Middleware(RealPeer),
            Middleware(ProxyHeadersMiddleware, trusted_hosts=proxies),
        ],
        exception_handlers={Refused: refused, **dict.fromkeys(STORE_TROUBLE, _no_store)},
    )
    app.state.live = live
    return app


async def _no_store(request: Request, error: Exception) -> Response:
    log.warning("page not shown", path=request.url.path, error=repr(error))
    return PlainTextResponse("The store does not answer. The log says why.\n", status_code=503)
