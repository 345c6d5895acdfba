"""Our own survey's page: a link shows it, only a person's click on its button records anything.

Mail scanners follow every link of a mail, several times and at once. So GET and HEAD read and never write;
the score in the link is only marked on the page, and a form without any script confirms it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import structlog
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from connector.history.incoming import receive
from connector.model import Actor, Rating
from connector.rules.asking import SOURCE
from connector.rules.policy import SurveyRule
from connector.rules.sentratings import LONGEST as LONGEST_TEXT
from connector.rules.sentratings import Sent
from connector.rules.surveylinks import Links, opened
from connector.store import surveys
from connector.store.surveys import Survey
from connector.web.deps import STORE_TROUBLE, WebDeps
from connector.web.hooks import read
from connector.web.pace import Pace
from connector.web.pages import page

log = structlog.get_logger(__name__)

FORM_LIMIT = 64 * 1024  # bytes
STRANGERS = 30  # tokens that are not ours, a minute and address
VISITS = 120  # a minute and link
_MOST_LOST = 60_000  # minutes
_NOTHING_ASKED = SurveyRule(comment=False, lost_time=False)
_STYLE = Path(__file__).parent / "static" / "survey.css"
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Form:
    """What was filled in; `wrong` says what cannot be used."""

    score: int | None = None
    comment: str = ""
    lost: str = ""
    factors: tuple[str, ...] = ()
    more: bool = False  # what is said beside the score
    wrong: str = ""

    @property
    def empty(self) -> bool:
        return not (self.comment or self.lost or self.factors)


@dataclass(frozen=True, slots=True)
class Visit:
    """A link that is ours. `rule`: what may be asked by the client's file."""

    token: str
    survey: Survey
    late: bool
    rule: SurveyRule = field(default=_NOTHING_ASKED)


class SurveyPage:
    def __init__(self, deps: WebDeps, links: Links) -> None:
        self._deps, self._links = deps, links
        self._strangers = Pace(deps.now, STRANGERS)
        self._visits = Pace(deps.now, VISITS)

    async def style(self, request: Request) -> Response:
        """GET /s/survey.css: the board's files are behind its token, this one is for customers."""
        return FileResponse(_STYLE, media_type="text/css")

    async def show(self, request: Request) -> Response:
        """GET /s/{token}?score=4. Records nothing."""
        try:
            visit = await self._visit(request)
        except STORE_TROUBLE as error:
            return _trouble(error)
        if not isinstance(visit, Visit):
            return visit
        if visit.survey.state == "answered":
            return _thanks(visit)
        if visit.late:
            return _page("expired", 410)
        return _ask(visit, Form(score=_score(request.query_params.get("score", ""), visit.survey.scale)))

    async def take(self, request: Request) -> Response:
        """POST /s/{token}: the score, or what else there is to say."""
        body = await read(request)
        try:
            visit = await self._visit(request)
            if not isinstance(visit, Visit):
                return visit
            if visit.late:
                return _thanks(visit) if visit.survey.state == "answered" else _page("expired", 410)
            kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
            form = read_form(body if isinstance(body, bytes) and kind == _FORM else b"", visit)
            return await (self._more(visit, form) if form.more else self._answer(visit, form))
        except STORE_TROUBLE as error:
            return _trouble(error)

    async def _visit(self, request: Request) -> Visit | Response:
        token = request.path_params["token"]
        found = opened(token, self._links.key)
        if found is None:
            host = request.client.host if request.client else "?"
            return _page("unknown", 404) if self._strangers.may(host) else _page("busy", 429)
        if not self._visits.may(found.id):
            return _page("busy", 429)
        async with self._deps.store.read() as tx:
            survey = await surveys.by_link(tx, found.id)
        if survey is None:
            return _page("unknown", 404)
        policies = self._deps.clients().policies
        rule = next((one.survey for one in policies if one.client == survey.client), _NOTHING_ASKED)
        return Visit(token, survey, self._deps.now() >= found.expires_at, rule)

    async def _answer(self, visit: Visit, form: Form) -> Response:
        if visit.survey.state == "answered":
            return _thanks(visit, status=409)
        if form.score is None:
            return _ask(visit, form, status=400)
        now = self._deps.now()
        async with self._deps.store.begin(of=visit.survey.conn) as tx:
            if not await surveys.answer(tx, visit.survey.link, form.score, now):
                return _thanks(visit, status=409)
            if not await self._enter(tx, visit.survey, form, form.score):
                await tx.rollback()
                return _page("expired", 410)
        self._deps.wake(visit.survey.conn)
        return RedirectResponse(visit.token, status_code=303)

    async def _more(self, visit: Visit, form: Form) -> Response:
        survey = visit.survey
        if survey.score is None or form.wrong:
            return _ask(visit, form, status=400) if survey.score is None else _thanks(visit, form, status=400)
        if form.empty:
            return RedirectResponse(visit.token, status_code=303)
        async with self._deps.store.begin(of=visit.survey.conn) as tx:
            if not await surveys.complete(tx, survey.link, self._deps.now()):
                return _thanks(visit, status=409)
            await self._enter(tx, survey, form, survey.score)
        self._deps.wake(survey.conn)
        return RedirectResponse(visit.token, status_code=303)

    async def _enter(self, tx: Any, survey: Survey, form: Form, score: int) -> bool:
        """Into the ledger, as any rating; False if its client has left our files."""
        now = self._deps.now()
        rating = Rating(
            at=now,
            key=f"rating:{SOURCE}:{survey.link}",
            actor=Actor("contact", survey.contact),
            score=float(score),
            scale=float(survey.scale),
            comment=form.comment,
            lost_minutes=float(form.lost) if form.lost else None,
            source=SOURCE,
            kind=survey.kind,
            factors=form.factors,
        )
        sent = Sent(ticket=survey.ticket_id, client="" if survey.ticket_id else survey.client, rating=rating)
        outcome = await receive(tx, survey.conn, [sent], self._deps.clients(), now)
        return not outcome.errors


def read_form(body: bytes, visit: Visit) -> Form:
    """A form as it was sent; what it asks nobody, it does not take."""
    try:
        given = parse_qs(body.decode(errors="replace"), max_num_fields=50)
    except ValueError:
        given = {}
    rule, wrong = visit.rule, ""
    lost = _one(given, "lost").strip() if rule.lost_time else ""
    if lost and not (lost.isdecimal() and lost.isascii() and int(lost[:9]) <= _MOST_LOST and len(lost) < 9):
        wrong = "Please write the lost time in whole minutes, like 30."
    comment = _one(given, "comment").replace("\r\n", "\n").strip() if rule.comment else ""
    score = _score(_one(given, "score"), visit.survey.scale)
    more = _one(given, "step") == "more"
    if score is None and not more:
        wrong = "Please choose one of the answers."
    ticked = set(given.get("factor", ()))
    return Form(
        score=score,
        comment=comment[: LONGEST_TEXT["comment"]],
        lost=lost,
        factors=tuple(one for one in rule.factors if one in ticked),
        more=more,
        wrong=wrong,
    )


def _one(given: Mapping[str, list[str]], name: str) -> str:
    return given.get(name, [""])[0]


def _score(text: str, scale: int) -> int | None:
    number = int(text) if text.isdecimal() and text.isascii() and len(text) <= 2 else 0
    return number if 1 <= number <= scale else None


def _ask(visit: Visit, form: Form, *, status: int = 200) -> Response:
    return _page("ask", status, visit=visit, form=form)


def _thanks(visit: Visit, form: Form | None = None, *, status: int = 200) -> Response:
    rule = visit.rule
    asks = rule.comment or rule.lost_time or bool(rule.factors)
    open_ = asks and not visit.late and visit.survey.completed_at is None
    return _page("thanks", status, visit=visit, form=form or Form(), more=open_)


def _page(state: str, status: int, **values: Any) -> Response:
    answer = page("survey.html", status=status, state=state, **values)
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _trouble(error: Exception) -> Response:
    log.error("survey page not served", error=repr(error)[:256])
    return _page("busy", 503)
