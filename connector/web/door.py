"""The door before the pages: who looks, who may act, and whether an act is really theirs.

The pages show customers' names and summaries, so they are guarded as a whole; webhooks carry their own
signature and probes say nothing worth hiding, so they stay outside. A browser sends its sign-in along with
whatever another site makes it send, so an act must bring what only our own page knows: a secret in the form
and its twin in a cookie, both bound to the person and to this run of the process.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connector.web.hooks import read
from connector.web.pages import page
from connector.web.security import peer
from connector.web.signin import Person, Refusal, SignIn

log = structlog.get_logger(__name__)

COOKIE = "px_door"
FIELD = "csrf"
FORM_LIMIT = 64 * 1024  # bytes; give it to the Route of every POST as max_body_size
_FORM = "application/x-www-form-urlencoded"
_VISIT = "px.visit"


class Refused(Exception):
    """The act is not done; the exception handler `refused` shows why. `status`: of the answer."""

    def __init__(self, reason: str, status: int = 403) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody who may asks for. `form`: its fields; of several with one name the last."""

    person: Person
    form: Mapping[str, str]


@dataclass(slots=True)
class _Visit:
    person: Person
    secret: bytes = field(repr=False)  # of the process
    wanted: bool = False  # a form was shown, so its cookie must be there

    def sign(self, what: Literal["form", "cookie"]) -> str:
        words = "\0".join((what, self.person.role, self.person.name))
        return hmac.digest(self.secret, words.encode(errors="surrogatepass"), "sha256").hex()


class Door:
    """Lets in whom `sign_in` knows; everybody else gets the same refusal, whatever is behind the address."""

    def __init__(self, app: ASGIApp, sign_in: SignIn) -> None:
        self.app, self._sign_in = app, sign_in
        self._secret = secrets.token_bytes(32)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        who = self._sign_in.person(Headers(scope=scope), peer(scope))
        if isinstance(who, Refusal):
            await _refusal(who)(scope, receive, send)
            return
        visit = scope[_VISIT] = _Visit(who, self._secret)

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Referrer-Policy", "same-origin")  # else a browser hides a form's origin
                if visit.wanted:
                    headers.append("Set-Cookie", _cookie(visit, scope))
            await send(message)

        await self.app(scope, receive, send_with_cookie)


def person(request: Request) -> Person:
    """Who is looking."""
    return _visit(request).person


def shown(request: Request) -> dict[str, Any]:
    """For a page that shows who is signed in, or has a form: `page("x.html", …, **shown(request))`.

    `me` is the Person; `csrf` belongs in every form, by the macro `secret` of form.html.
    """
    visit = _visit(request)
    visit.wanted = visit.person.operates
    return {"me": visit.person, "csrf": visit.sign("form") if visit.person.operates else ""}


async def operate(request: Request) -> Act:
    """The act that a POST asks for. Refused: by who may only look, and what did not come from our page."""
    visit = _visit(request)
    if not visit.person.operates:
        raise Refused(f"{visit.person.name} may look, but not act. Ask whoever set px-connector up.")
    if not _from_here(request):
        log.warning("act from another site refused", person=visit.person.name, path=request.url.path)
        raise Refused("This was sent by another site, so it is not done.")
    body = await read(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if not isinstance(body, bytes) or kind != _FORM:
        raise Refused("This is not a form of ours.", 400)
    form = _fields(body)
    ours = _same(form.pop(FIELD, ""), visit.sign("form"))
    if not (ours and _same(request.cookies.get(COOKIE, ""), visit.sign("cookie"))):
        raise Refused("The page is too old, or cookies are off. Load it again, and once more, please.")
    return Act(visit.person, form)


async def refused(request: Request, error: Exception) -> Response:
    """Exception handler: why an act is not done, on a page of its own."""
    status = error.status if isinstance(error, Refused) else 403
    values = {"title": "px-connector", "page": "", "reason": str(error), **shown(request)}
    return page("refused.html", status=status, **values)


def back(address: str) -> Response:
    """After an act: to a page, relative to the POST's own address, so that loading it again does nothing."""
    return RedirectResponse(address, status_code=303, headers={"Cache-Control": "no-store"})


def _visit(request: Request) -> _Visit:
    visit: _Visit = request.scope[_VISIT]
    return visit


def _from_here(request: Request) -> bool:
    """By the browser's own word: its fetch metadata, else the origin. Who sends neither is no browser."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    if origin is None:
        return True
    names = (request.headers.get("host"), request.headers.get("x-forwarded-host"))
    try:
        return urlsplit(origin).netloc.lower() in [name.lower() for name in names if name]
    except ValueError:
        return False


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), expected.encode())


def _fields(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True, max_num_fields=100))
    except ValueError:
        raise Refused("This is not a form of ours.", 400) from None


def _cookie(visit: _Visit, scope: Scope) -> str:
    secure = "; Secure" if scope.get("scheme") == "https" else ""
    return f"{COOKIE}={visit.sign('cookie')}; Path=/; HttpOnly; SameSite=Strict{secure}"


def _refusal(who: Refusal) -> PlainTextResponse:
    response = PlainTextResponse(who.text + "\n", status_code=who.status)
    if who.asks:
        response.headers.append("WWW-Authenticate", 'Basic realm="px-connector", charset="UTF-8"')
        response.headers.append("WWW-Authenticate", 'Bearer realm="px-connector"')
    return response
