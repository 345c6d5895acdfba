"""Everything that proves somebody by its text: survey links, passes of cards, sign-in, forms, signed ratings.

What was not given out by us opens nothing, shows nothing of a customer and changes nothing; and what is good
is changed in one place at a time, to be no longer good.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from connector.clients import ClientBook
from connector.daemon.health import Health
from connector.model import Ticket
from connector.psa.connectwise.embed import asked
from connector.psa.embed import Frame
from connector.psa.halo.embed import signature, signed
from connector.psa.port import QuotaState
from connector.rules.surveylinks import Links, opened, token
from connector.settings.signin import ProxyPart
from connector.store import surveys, tickets
from connector.store.store import Store
from connector.store.surveys import Survey
from connector.store.tickets import StoredTicket
from connector.web.app import create_app
from connector.web.deps import WebDeps
from connector.web.passes import Passes
from fuzz._asgi import Answer, Headers, ask, clean
from fuzz._dice import Dice, mangled
from fuzz._watch import SECRET, Finding, Watch, in_memory

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
KEY, CARD, RATINGS = (SECRET.encode() + what for what in (b"survey", b"card", b"ratings"))
TOKEN, VIEW = SECRET + "operate", SECRET + "view"
WHOSE = "Zyxco Widgets"
"""The one customer: their name is on no page of a stranger."""
ID = "00112233445566778899aabb"
ASKED = surveys.Survey(
    conn="cw",
    about="ticket:1",
    client=WHOSE,
    contact="9",
    at=NOW,
    state="asked",
    ticket_id="1",
    link=ID,
    expires_at=NOW + timedelta(days=7),
)


class _Psa:
    """Only a frame: nothing here asks a PSA."""

    vendor = "fake"

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    def quota(self) -> QuotaState:
        return QuotaState(
            limit_per_minute=1,
            used_last_minute=0,
            requests_total=0,
            throttled_total=0,
            limit=1,
            left=1,
            window_s=60.0,
        )


class _House:
    def __init__(self) -> None:
        self.watch = Watch()
        self.loop = asyncio.new_event_loop()
        self._folder = tempfile.TemporaryDirectory(prefix="px-fuzz-", dir=in_memory())
        self.woken: list[str] = []
        self.now = NOW
        self.loop.run_until_complete(self._open())

    async def _open(self) -> None:
        self.store = await Store.open(f"sqlite:///{Path(self._folder.name) / 'px.db'}")
        ticket = Ticket(id="1", client=WHOSE, opened_at=NOW, summary=f"{WHOSE} cannot print")
        async with self.store.begin() as tx:
            await tickets.put(tx, "cw", [StoredTicket(ticket=ticket, version="1")])
        await self.restore()
        origins = ("https://na.myconnectwise.net",)
        psas: Any = {
            "cw": _Psa(Frame(origins=origins, secret=CARD, read=asked)),
            "halo": _Psa(Frame(origins=("https://desk.example",), secret=CARD, read=signed)),
        }
        health = Health()
        for name in psas:
            health.add(name, "fake", NOW)
        proxy = ProxyPart.model_validate({"from": ["10.0.0.5"], "operators": ["dana"]})
        self.app = create_app(
            WebDeps(
                store=self.store,
                connections=psas,
                health=health,
                clients=ClientBook,
                wake=self.woken.append,
                now=self._tick,
                token=TOKEN,
                view_token=VIEW,
                proxy=proxy,
                rating_secrets={"cw": RATINGS},
                survey=Links(base="https://px.example.com", key=KEY),
            )
        )

    def _tick(self) -> datetime:
        """Time goes by, so that nobody is only ever told to be patient."""
        self.now = min(self.now + timedelta(milliseconds=500), NOW + timedelta(hours=11))
        return self.now

    async def restore(self) -> None:
        async with self.store.begin() as tx:
            await surveys.put(tx, [ASKED])
            await tx.exec_driver_sql("DELETE FROM ratings")

    async def changed(self) -> bool:
        """Whether anything was recorded since."""
        async with self.store.read() as tx:
            found: Survey | None = await surveys.by_link(tx, ID)
            rated = await tx.exec_driver_sql("SELECT count(*) FROM ratings")
            return found != ASKED or rated.scalar_one() != 0

    def close(self) -> None:
        self.loop.run_until_complete(self.store.close())
        self.loop.close()
        self._folder.cleanup()


@cache
def house() -> _House:
    return _House()


def close() -> None:
    if house.cache_info().currsize:
        house().close()
    house.cache_clear()


@dataclass
class Try:
    """A request. `good`: it proves what it should, so anything may come of it."""

    method: str
    path: str
    query: bytes = b""
    headers: Headers = ()
    body: bytes = b""
    good: bool = False


def one(data: bytes) -> None:
    """A request as these bytes decide it."""
    made, dice = house(), Dice(data)
    made.now = NOW
    made.woken.clear()
    tried = dice.pick(WAYS)(dice)
    with made.watch.over():
        made.loop.run_until_complete(_judge(made, tried))


async def _judge(made: _House, tried: Try) -> None:
    answer = await ask(
        made.app,
        tried.method,
        tried.path,
        query=tried.query,
        headers=[("host", b"px.example.com"), *tried.headers],
        chunks=[tried.body],
    )
    if tried.good:
        if made.woken or await made.changed():
            await made.restore()
        return
    if WHOSE.encode() in answer.body:
        raise Finding(f"{tried} shows a customer: {answer.status}")
    if made.woken or await made.changed():
        raise Finding(f"{tried} changed something: {answer.status}")
    _refused(tried, answer)


def _refused(tried: Try, answer: Answer) -> None:
    same = answer.status == 307 and tried.path.endswith("/")  # the same without its slash
    if answer.status < 400 and not same:
        raise Finding(f"{tried} was answered {answer.status}")


def bent(good: str, dice: Dice) -> str:
    """A good proof as it is, in one place other, cut, grown, or something else altogether."""
    how = dice.below(6)
    at = dice.below(len(good))
    if how == 0:
        return good
    if how == 1:
        return good[:at] + chr(ord(good[at]) ^ (1 + dice.below(100))) + good[at + 1 :]
    if how == 2:
        return good[:at] + dice.text()
    if how == 3:
        return good + dice.text()
    if how == 4:
        return dice.text() + good
    return dice.text()


# ── the ways in ───────────────────────────────────────────────────────────────────────────────


def _survey(dice: Dice) -> Try:
    until = NOW + timedelta(days=dice.pick((7, 7, 7, -1, 400)))
    right = token(dice.pick((ID, ID, "ff" * 12)), until, KEY)
    shown = bent(right, dice)
    found = opened(shown, KEY)
    if found is not None and shown != right:
        raise Finding(f"a link was forged: {shown!r}")
    post = dice.byte() & 1
    form = dice.rest() if dice.byte() & 1 else _query({"score": str(dice.below(9)), "comment": dice.text()})
    headers = [("content-type", b"application/x-www-form-urlencoded")] if post else []
    if not post:
        return Try("GET", f"/s/{shown}", clean(form), headers, good=found is not None)
    return Try("POST", f"/s/{shown}", b"", headers, form, good=found is not None)


def _card(dice: Dice) -> Try:
    name = dice.pick(("cw", "halo", "none"))
    now = dice.pick((NOW, NOW, NOW - timedelta(hours=13)))
    right = dict(
        pair.partition("=")[::2] for pair in Passes(connection="cw", key=CARD).query("1", now).split("&")
    )
    given = {key: bent(value, dice) for key, value in right.items()}
    if dice.byte() & 1:
        agent = bent("42", dice)
        given = {"ticket": "1", "screen": "ticket", "agent": agent}
        given |= {"key": bent(CARD.decode(), dice), "hmac": bent(signature("42", CARD), dice)}
    good = name == "cw" and (given == right or given.get("key") == CARD.decode())
    good = good or (name == "halo" and given.get("agent") == "42" and _near(given["hmac"]))
    return Try("GET", f"/psa/{name}/card", _query(given), good=good)


def _near(given: str) -> bool:
    """Base64 as Halo mangles it."""
    return given.replace(" ", "+").rstrip("=") == signature("42", CARD).rstrip("=")


def _query(given: dict[str, str]) -> bytes:
    return clean(urlencode(given, errors="surrogateescape").encode())


_PAGES = (
    "/",
    "/client",
    "/ticket",
    "/metrics",
    "/events",
    "/outbox",
    "/board/fragment",
    "/static/board.css",
    "/x",
)


def _sign_in(dice: Dice) -> Try:
    page = dice.pick(_PAGES)
    secret = dice.pick((TOKEN, VIEW))
    given = bent(secret, dice)
    scheme = dice.pick(("Bearer ", "bearer  ", "Basic ", "", "Digest "))
    raw = f"dana:{given}".encode("utf-8", "surrogateescape")
    shown = base64.b64encode(raw) if scheme == "Basic " else given.encode("utf-8", "surrogateescape")
    headers = [("authorization", clean(scheme.encode() + shown))]
    headers += [
        (name, clean(dice.take())) for name in ("x-forwarded-user", "x-forwarded-for") if dice.byte() & 1
    ]
    if page == "/events":  # it never ends for who may see it
        return Try("GET", page, headers=headers[1:])
    said = headers[0][1].decode("latin-1").partition(" ")[2].strip()  # as it arrives
    good = given in (TOKEN, VIEW) or said in (TOKEN, VIEW)
    return Try("GET", page, b"connection=cw&id=1&name=" + clean(dice.take()), headers, good=good)


def _form(dice: Dice) -> Try:
    """An act of somebody who is signed in: without the secrets of our own page it is not done."""
    page = dice.pick(("/outbox", "/quarantine", "/rulings", "/undo", "/notices"))
    headers = [("authorization", f"Bearer {dice.pick((TOKEN, VIEW))}".encode())]
    headers += [
        ("content-type", dice.pick((b"application/x-www-form-urlencoded", b"text/plain", clean(dice.take()))))
    ]
    headers += [("cookie", b"px_door=" + clean(dice.take()))] if dice.byte() & 1 else []
    headers += [("origin", dice.pick((b"https://px.example.com", b"null", clean(dice.take()))))]
    fields = {
        "csrf": dice.text(),
        "do": "drop",
        "kind": "letter",
        "connection": "cw",
        "subject": "1",
        "reason": "x",
    }
    form = dice.rest() if dice.byte() & 1 else urlencode(fields, errors="surrogateescape").encode()
    return Try("POST", page, b"", headers, form)


def _ratings(dice: Dice) -> Try:
    rating = {"id": "r1", "ticket": "1", "score": 5, "comment": "fine", "source": "tool"}
    how = dice.below(3)
    right = dice.pick(("hex", "base64", "sha256=", "bent", "bent"))
    given = dice.text()
    body = dice.rest() if how == 0 else json.dumps([rating, dice.below(99)]).encode()
    if how == 2:
        body = json.dumps(_of(rating, dice)).encode()
    digest = hmac.digest(RATINGS, body, "sha256")
    proof = {
        "hex": digest.hex(),
        "base64": base64.b64encode(digest).decode(),
        "sha256=": f"sha256={digest.hex()}",
    }
    shown = proof.get(right) or bent(digest.hex(), Dice(given.encode("utf-8", "surrogateescape")))
    raw = clean(shown.encode("utf-8", "surrogateescape"))
    said = raw.decode("latin-1").strip().removeprefix("sha256=")
    good = said.lower() == digest.hex() or said == proof["base64"]
    headers = [("x-px-signature", raw)]
    return Try("POST", "/ratings/cw", b"", headers, body, good=good)


def _of(rating: dict[str, Any], dice: Dice) -> Any:
    return mangled(
        [rating, dict(rating, id="r2", factors=["Speed"], lost_minutes=5, at="2026-11-20T10:00:00Z")], dice
    )


WAYS: Sequence[Callable[[Dice], Try]] = (_survey, _card, _sign_in, _form, _ratings)


def seeds() -> list[bytes]:
    """Each way, good and with each kind of change."""
    found = []
    for way in range(len(WAYS)):
        for how in range(6):
            for at in (0, 7, 20, 43):
                found.append(
                    bytes([way, 0, 0, how, at, 1, 2, 65, 66, 1, how, at, 3, 4, 0, how, 1, 4, 5, 2, 65, 66])
                )
    return [*found, *(bytes([w, 0, 0, 0, 0, 1, 1]) + b"score=4&comment=x" for w in range(len(WAYS)))]
