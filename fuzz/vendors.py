"""A PSA that answers nonsense: the three adapters on simulators whose answers are made strange on the way.

Nothing but our own errors comes out of an adapter, no fact that a store could not keep, no request to another
host, and no credential in what it says, also where the PSA repeats them to us.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import httpx

from connector.errors import AuthFailed, ConnectorError, Throttled
from connector.psa.autotask.adapter import Autotask
from connector.psa.autotask.config import AutotaskConfig
from connector.psa.connectwise.adapter import ConnectWise
from connector.psa.connectwise.config import ConnectWiseConfig
from connector.psa.halo.adapter import Halo
from connector.psa.halo.config import HaloConfig
from connector.simulator import make_world
from connector.simulator.dialects import Dialect, dialect_of
from connector.simulator.faults import Faults
from connector.simulator.web import Ask
from fuzz._dice import DEEP, Dice, mangled
from fuzz._watch import Finding, Watch
from tests.contract.psa.captions import CAPTIONS, COMPANY

HOST = "http://127.0.0.1:9"
START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
MOST_REQUESTS = 400
"""Of one input; an adapter that goes round in circles asks for more."""
STATUSES = (200, 200, 200, 201, 204, 301, 307, 400, 401, 403, 404, 409, 415, 429, 429, 500, 502, 503)
WAITS = (
    *("0", "-1", "1", "inf", "nan", "1e400", "1e300", "99999999999999999999", "soon", "\u0661", ""),
    "Mon, 01 Jan 2024 00:00:00 +99999999999999",
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "Sun, 0 x 0 0:0:0",
)
ELSEWHERE = "https://evil.example/v4_6_release/apis/3.0/service/tickets?pageId=7"
LINKS = (f'<{ELSEWHERE}>; rel="next"', '<>; rel="next"', "<<<", f'<{HOST}/x?pageId=1>; rel="next"', ", ,;=")
BODIES: tuple[bytes, ...] = (
    b"",
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b"null",
    b"<html>",
    b"\xff\xfe\x00",
    b"1" * 5000,
    b"NaN",
    b'"x"',
)
BODIES += (
    b'{"errors":5,"message":{}}',
    b'{"errors":[5,null,{"field":[]}]}',
    b'{"error":{"error":{"error":[[]]}}}',
)


class Crooked(httpx.AsyncBaseTransport):
    """Answers from the dialect, made strange as long as `dice` has something to say."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.dice, self.asked, self.strange = Dice(b""), 0, False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        url = request.url
        if f"{url.scheme}://{url.netloc.decode()}" != HOST:
            raise Finding(f"{url} was asked because an answer named it")
        if self.asked > MOST_REQUESTS:
            raise Finding(f"more than {MOST_REQUESTS} requests")
        headers = {name.casefold(): value for name, value in request.headers.items()}
        ask = Ask(request.method, url.path, url.query.decode("latin-1"), headers, request.content)
        self.dialect.enters(ask)
        reply = self.dialect.answer(ask)
        self.dialect.leaves(ask)
        if not self.dice:
            return httpx.Response(reply.status, headers=reply.headers, content=reply.body)
        return self._bent(request, reply.status, dict(reply.headers), reply.body)

    def _bent(
        self, request: httpx.Request, status: int, headers: dict[str, str], body: bytes
    ) -> httpx.Response:
        dice = self.dice
        act = dice.below(8)
        if act >= 3 and body and body[:1] in b"[{":
            body = json.dumps(mangled(json.loads(body), dice)).encode("utf-8", "surrogatepass")
        elif act == 1:
            status = dice.pick(STATUSES)
            body = dice.pick((body, *BODIES, json.dumps(dict(request.headers)).encode(), dice.take()))
        elif act == 2:
            body = body[: dice.below(len(body) + 1)] + dice.take()
        if act in (1, 7):
            headers["retry-after"] = dice.pick(WAITS)
            headers["link"] = dice.pick(LINKS)
            headers["location"] = "https://evil.example/"
            headers["date"] = dice.pick(
                ("Fri, 20 Nov 2026 08:00:00 GMT", "x", "Mon, 01 Jan 0001 00:00:00 -2359", "")
            )
        headers = {name: value.encode("utf-8") for name, value in headers.items() if name != "content-length"}  # type: ignore[misc]
        return httpx.Response(status, headers=headers, content=body)


class Bench:
    """One vendor: its pretend PSA, and an adapter that has been started on good answers."""

    def __init__(self, vendor: str, loop: asyncio.AbstractEventLoop) -> None:
        self.vendor, self.loop = vendor, loop
        self.world = make_world(seed=7, tickets=12, start=START)
        self.world.set_time(START)
        self.line = Crooked(self._dialect())
        self.tickets = [str(number) for number in self.world.tickets.by_id]
        keys = self.line.dialect.credentials()
        names = ("private_key", "public_key", "secret", "integration_code", "client_secret")
        self.secrets = [getattr(keys, name) for name in names if hasattr(keys, name)]
        self.build = self._builder(keys)
        self.used = 0
        self.psa: Any = None

    def _builder(self, keys: Any) -> Callable[[httpx.AsyncClient], Any]:
        if self.vendor == "connectwise":
            config = ConnectWiseConfig(
                site=HOST,
                company=keys.company,
                public_key=keys.public_key,
                private_key=keys.private_key,
                client_id=keys.client_id,
                allow_private=True,
            )
            return lambda client: ConnectWise("main", config, client)
        if self.vendor == "autotask":
            at = AutotaskConfig(
                user=keys.user_name, secret=keys.secret, integration_code=keys.integration_code, site=HOST
            )
            return lambda client: Autotask("main", at, client)
        halo = HaloConfig(
            site=HOST, client_id=keys.client_id, client_secret=keys.client_secret, hook_secret="w" * 20
        )
        return lambda client: Halo("main", halo, client)

    def _dialect(self) -> Dialect:
        return dialect_of(self.vendor, self.world, Faults(), lambda: HOST)

    def fresh(self) -> Any:
        """An adapter that has not asked yet; its time goes by without anybody waiting."""
        self.line.dialect = self._dialect()  # which has counted no requests yet
        psa = self.build(httpx.AsyncClient(transport=self.line))
        transport, clock = psa._session.api.transport, _Clock()
        transport._sleep = transport.budget._sleep = clock.sleep
        transport.budget._clock = clock
        psa.mark_companies(COMPANY)
        psa.watch(["Change Approval"])
        return psa

    def ready(self) -> Any:
        """One that is started; a new one now and then."""
        self.line.dice, self.line.asked = Dice(b""), 0
        if self.psa is None or self.used >= 40:
            self.psa, self.used = self.fresh(), 0
            self.loop.run_until_complete(self.psa.start(CAPTIONS))
        self.used += 1
        self.line.asked = 0
        return self.psa


class _Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        if not 0 <= seconds <= 7200:
            raise Finding(f"it would sleep for {seconds} s")
        self.now += seconds
        await asyncio.sleep(0)


class _Worlds:
    def __init__(self) -> None:
        self.watch = Watch()
        self.loop = asyncio.new_event_loop()
        self.benches = [Bench(vendor, self.loop) for vendor in ("connectwise", "autotask", "halo")]


@cache
def worlds() -> _Worlds:
    return _Worlds()


def close() -> None:
    if worlds.cache_info().currsize:
        worlds().loop.close()
    worlds.cache_clear()


def one(data: bytes) -> None:
    """One call of an adapter, its answers as these bytes decide them."""
    made, dice = worlds(), Dice(data)
    bench, call = dice.pick(made.benches), dice.below(len(CALLS))
    psa = bench.fresh() if CALLS[call] is _start else bench.ready()
    if CALLS[call] is _start:
        bench.line.asked = 0
    which = dice.byte()
    bench.line.dice = Dice(dice.rest())
    with made.watch.over():
        try:
            found = made.loop.run_until_complete(_call(CALLS[call](psa, bench, which)))
        except ConnectorError as error:
            _judge_error(error, bench)
            if isinstance(error, AuthFailed | Throttled):
                bench.psa = None
        else:
            _judge(found, 0)
            _unsaid(repr(found), bench, "what was read")
        _unsaid(made.watch.said, bench, "the log")
    bench.line.dice = Dice(b"")


async def _call(call: Awaitable[Any]) -> Any:
    try:
        return await call
    except BaseExceptionGroup as group:
        raise Finding(f"a group came out: {group.exceptions!r:.300}") from group


def _judge_error(error: ConnectorError, bench: Bench) -> None:
    text = str(error)
    _unsaid(text, bench, "an error")
    if len(text) > 4000:
        raise Finding(f"an error of {len(text)} characters")
    if isinstance(error, Throttled):
        timedelta(seconds=error.retry_after)  # whoever waits reckons with it


def _unsaid(text: str, bench: Bench, where: str) -> None:
    if any(secret in text for secret in bench.secrets):
        raise Finding(f"a credential is in {where}: {text[:300]!r}")


def _judge(value: Any, depth: int) -> None:
    """Everything in it can be kept and compared."""
    if isinstance(value, str):
        value.encode()
        if "\0" in value:
            raise Finding(f"NUL in {value[:80]!r}")
    elif isinstance(value, datetime):
        if value.tzinfo is None:
            raise Finding(f"{value} has no zone")
    elif isinstance(value, float):
        if value != value:
            raise Finding("not a number")
    elif is_dataclass(value):
        for field in fields(value):
            _judge(getattr(value, field.name), depth + 1)
    elif isinstance(value, dict):
        for key, one_value in value.items():
            _judge(key, depth + 1)
            _judge(one_value, depth + 1)
    elif isinstance(value, tuple | list | set | frozenset):
        if value is DEEP or depth > 50:
            raise Finding("nested without end")
        for item in value:
            _judge(item, depth + 1)


# ── what is asked of an adapter ───────────────────────────────────────────────────────────────


def _start(psa: Any, bench: Bench, which: int) -> Awaitable[Any]:
    return psa.start(CAPTIONS)  # type: ignore[no-any-return]


def _poll(psa: Any, bench: Bench, which: int) -> Awaitable[Any]:
    return psa.poll(psa.streams[which % len(psa.streams)], None, now=START, limit=1 + which % 50)  # type: ignore[no-any-return]


async def _read_on(psa: Any, bench: Bench, which: int) -> Any:
    """Two pages, the second from where the first says."""
    stream = psa.streams[which % len(psa.streams)]
    first = await psa.poll(stream, None, now=START, limit=3)
    cursor = json.loads(json.dumps(first.cursor))  # as the store keeps it
    second = await psa.poll(stream, cursor, now=START, limit=3)
    return first, second, await psa.complete(first.snapshots[:2])


def _observe(psa: Any, bench: Bench, which: int) -> Awaitable[Any]:
    return psa.observe(bench.tickets[: 1 + which % 3])  # type: ignore[no-any-return]


def _flags(psa: Any, bench: Bench, which: int) -> Awaitable[Any]:
    return psa.read_flags(bench.tickets[: 1 + which % 3])  # type: ignore[no-any-return]


def _write(psa: Any, bench: Bench, which: int) -> Awaitable[Any]:
    return psa.write(bench.tickets[0], {"zone": "orange", "why": f"because {which}"})  # type: ignore[no-any-return]


def _calendars(psa: Any, bench: Bench, which: int) -> Awaitable[Any]:
    return psa.calendars("Europe/London" if which & 1 else "")  # type: ignore[no-any-return]


def _setup(psa: Any, bench: Bench, which: int) -> Awaitable[Any]:
    return psa.sla_setup()  # type: ignore[no-any-return]


def _company(psa: Any, bench: Bench, which: int) -> Awaitable[Any]:
    return psa.read_company(str(1 + which % 20))  # type: ignore[no-any-return]


def _hook(psa: Any, bench: Bench, which: int) -> Awaitable[Any]:
    return psa.ensure_webhook("https://px.example.com/hooks/main")  # type: ignore[no-any-return]


CALLS: tuple[Callable[[Any, Bench, int], Awaitable[Any]], ...] = (
    *(_poll, _observe, _read_on, _observe, _start, _flags, _write, _calendars, _setup, _company, _hook),
)


def seeds() -> list[bytes]:
    """Every call of every vendor, clean, and with each way of making an answer strange."""
    clean = [bytes([v, c, n]) for v in range(3) for c in range(len(CALLS)) for n in range(5)]
    bent = [
        bytes([v, c, 0, a, 1, a * 5, 3 * a, a, 9, 6, a, 40])
        for v in range(3)
        for c in range(len(CALLS))
        for a in range(8)
    ]
    return [*clean, *bent]
