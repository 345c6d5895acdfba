"""The door: who is let in as whom, and that nobody acts through a page that is not ours."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import yaml
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from connector.app import Connector
from connector.errors import ConfigError
from connector.settings import load_settings
from connector.settings.signin import ProxyPart
from connector.web.door import FORM_LIMIT, Door, Refused, operate, person, refused, shown
from connector.web.security import RealPeer
from connector.web.signin import SignIn
from tests.integration.web_kit import NOW, Kit, kit
from tests.kit import free_port

PROXY = ProxyPart.model_validate({"from": ["10.0.0.5", "fd00::/64"], "operators": ["dana@msp.example"]})
HERE = {"Origin": "http://localhost"}
NASTY = '"><script>alert(1)</script>'


class House:
    """A door with one page and one act behind it; `done` are the acts that got through."""

    def __init__(self, *, token: str = "", view_token: str = "", proxy: ProxyPart | None = None) -> None:
        self.done: list[tuple[str, dict[str, str]]] = []
        sign_in = SignIn(token or None, view_token or None, proxy, lambda: NOW)
        routes = [
            Route("/who", self.who),
            Route("/form", self.form),
            Route("/act", self.act, methods=["POST"], max_body_size=FORM_LIMIT),
        ]
        self.app = Starlette(
            routes=[Mount("/", routes=routes, middleware=[Middleware(Door, sign_in=sign_in)])],
            middleware=[Middleware(RealPeer)],
            exception_handlers={Refused: refused},
        )

    async def who(self, request: Request) -> Response:
        return PlainTextResponse(f"{person(request).role}: {person(request).name}")

    async def form(self, request: Request) -> Response:
        return PlainTextResponse(shown(request)["csrf"])

    async def act(self, request: Request) -> Response:
        act = await operate(request)
        self.done.append((act.person.name, dict(act.form)))
        return PlainTextResponse("done")

    def visitor(self, peer: str = "127.0.0.1", scheme: str = "http", **headers: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=self.app, client=(peer, 5000))
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.AsyncClient(transport=transport, base_url=f"{scheme}://localhost", headers=named)

    async def says(self, peer: str = "127.0.0.1", **headers: str) -> str:
        async with self.visitor(peer, **headers) as client:
            answer = await client.get("/who")
        return answer.text if answer.status_code == 200 else str(answer.status_code)


def basic(password: str, user: str = "") -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


# ── who is who ────────────────────────────────────────────────────────────────────────────────


async def test_each_token_gives_its_role() -> None:
    house = House(token="open-7f", view_token="look-3a")
    assert await house.says(Authorization="Bearer open-7f") == "operate: bearer of the token"
    assert await house.says(Authorization=basic("open-7f", "Dana")) == "operate: Dana (by token)"
    assert await house.says(Authorization=basic("look-3a", "tv")) == "view: tv (by token)"
    assert await house.says(Authorization=basic("open-7f", "a\nb")) == "operate: bearer of the token"
    for wrong in ("Bearer open-7", "Bearer ", basic("", "open-7f"), "Basic %", "open-7f"):
        assert await house.says(Authorization=wrong) == "401"
    assert await house.says() == "401"


async def test_a_view_token_alone_lets_nobody_act() -> None:
    house = House(view_token="look-3a")
    assert await house.says(Authorization="Bearer look-3a") == "view: bearer of the token"
    assert await house.says() == "401"


async def test_the_proxys_word_counts_from_the_proxy_alone() -> None:
    house = House(proxy=PROXY)
    dana = {"X_Forwarded_User": "dana@msp.example"}
    assert await house.says("10.0.0.5", **dana) == "operate: dana@msp.example"
    assert await house.says("::ffff:10.0.0.5", **dana) == "operate: dana@msp.example"
    assert await house.says("fd00::7", **dana) == "operate: dana@msp.example"
    assert await house.says("10.0.0.5", X_Forwarded_User="tom@msp.example") == "view: tom@msp.example"
    for stranger in ("127.0.0.1", "10.0.0.6", "fd01::7", "", "proxy"):
        assert await house.says(stranger, **dana) == "401"
    assert await house.says("10.0.0.5") == "401"
    assert await house.says("10.0.0.5", X_Forwarded_User=" ") == "401"
    assert await house.says("10.0.0.5", X_Forwarded_User="x" * 200) == "401"


async def test_two_names_are_no_name() -> None:
    house = House(proxy=PROXY)
    async with house.visitor("10.0.0.5") as client:
        both = [("X-Forwarded-User", "tom@msp.example"), ("X-Forwarded-User", "dana@msp.example")]
        assert (await client.get("/who", headers=both)).status_code == 401


async def test_a_stranger_cannot_pose_as_the_proxy_by_forwarding(tmp_path: Path) -> None:
    """X-Forwarded-For names others; it never makes its sender the proxy."""
    async with kit(tmp_path, proxy=PROXY) as web:
        headers = {"X-Forwarded-For": "10.0.0.5", "X-Forwarded-User": "dana@msp.example"}
        assert (await web.client.get("/", headers=headers)).status_code == 401
        through = httpx.ASGITransport(app=web.app, client=("10.0.0.5", 5000))
        async with httpx.AsyncClient(transport=through, base_url="http://px") as client:
            headers["X-Forwarded-For"] = "192.0.2.1"
            assert (await client.get("/", headers=headers)).status_code == 200


async def test_the_daemons_own_server_does_not_believe_it_either(tmp_path: Path) -> None:
    """uvicorn would take X-Forwarded-For from loopback for the peer, if it were let."""
    keys = {key: {"env": "PATH"} for key in ("public_key", "private_key", "client_id")}
    main = {"vendor": "connectwise", "site": "127.0.0.1:9", "company": "acme", "allow_private": True, **keys}
    proxy = {"from": ["10.0.0.5"], "operators": ["dana"]}
    port = free_port()
    whole = {"store": "sqlite:///px.db", "web": {"port": port, "proxy": proxy}, "connections": {"main": main}}
    (tmp_path / "connector.yaml").write_text(yaml.safe_dump(whole))
    connector = await Connector.build(load_settings(tmp_path), tmp_path)
    serving = asyncio.create_task(connector.serve())
    try:
        headers = {"X-Forwarded-For": "10.0.0.5", "X-Forwarded-User": "dana"}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
            for _ in range(100):
                with contextlib.suppress(httpx.ConnectError):
                    assert (await client.get("/healthz")).status_code == 200
                    break
                await asyncio.sleep(0.02)
            assert (await client.get("/")).status_code == 401
    finally:
        connector.stop()
        await serving


async def test_a_token_still_opens_beside_a_proxy() -> None:
    house = House(token="open-7f", proxy=PROXY)
    assert await house.says("10.0.0.9", Authorization="Bearer open-7f") == "operate: bearer of the token"
    assert await house.says("10.0.0.5", Authorization="Bearer open-7f") == "operate: bearer of the token"
    assert await house.says("10.0.0.5", Authorization="Bearer open-7f", X_Forwarded_User="tom") == "view: tom"


@pytest.mark.parametrize("host", ["localhost:8765", "127.0.0.1", "[::1]:8765", "px.localhost"])
async def test_who_sits_at_the_machine_acts(host: str) -> None:
    assert await House().says(Host=host) == "operate: local"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "[::1"},
        {"Host": ""},
        {"X_Forwarded_For": "192.0.2.1"},
        {"Forwarded": "for=192.0.2.1"},
        {"X_Real_IP": "192.0.2.1"},
    ],
)
async def test_without_a_token_nobody_comes_in_from_elsewhere(headers: dict[str, str]) -> None:
    """A name that was bent to loopback (DNS rebinding), and a proxy that nobody has told us of."""
    async with House().visitor(**headers) as client:
        answer = await client.get("/who")
    assert answer.status_code == 403
    assert "web.token or web.proxy" in answer.text


@pytest.mark.parametrize(("token", "view_token"), [("", None), (None, " "), ("same", "same")])
def test_tokens_that_guard_nothing_are_refused(token: str | None, view_token: str | None) -> None:
    with pytest.raises(ConfigError, match=r"empty|same"):
        SignIn(token, view_token, None, lambda: NOW)


# ── acts ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def at_home() -> AsyncIterator[tuple[House, httpx.AsyncClient, str]]:
    """Somebody at the machine with the form open."""
    house = House()
    async with house.visitor() as client:
        yield house, client, await secret(client)


async def secret(client: httpx.AsyncClient) -> str:
    found = re.search(r"\b[0-9a-f]{64}\b", (await client.get("/form")).text)
    return found[0] if found else ""


async def test_an_act_from_our_own_page_is_done_once(at_home: tuple[House, httpx.AsyncClient, str]) -> None:
    house, client, csrf = at_home
    answer = await client.post("/act", data={"csrf": csrf, "reason": "näh"}, headers=HERE)
    assert (answer.status_code, house.done) == (200, [("local", {"reason": "näh"})])


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "none"},
    ],
)
async def test_another_site_does_nothing(
    at_home: tuple[House, httpx.AsyncClient, str], headers: dict[str, str]
) -> None:
    house, client, csrf = at_home
    answer = await client.post("/act", data={"csrf": csrf}, headers=headers)
    assert (answer.status_code, house.done) == (403, [])
    assert "another site" in answer.text


async def test_a_form_without_its_secret_does_nothing(at_home: tuple[House, httpx.AsyncClient, str]) -> None:
    house, client, csrf = at_home
    for given in ({"x": ""}, {"csrf": ""}, {"csrf": csrf[:-1]}, {"csrf": csrf[::-1]}, {"csrf": "ü"}):
        assert (await client.post("/act", data=given, headers=HERE)).status_code == 403
    client.cookies.clear()
    assert (await client.post("/act", data={"csrf": csrf}, headers=HERE)).status_code == 403
    client.cookies.set("px_door", csrf)
    assert (await client.post("/act", data={"csrf": csrf}, headers=HERE)).status_code == 403
    assert house.done == []


async def test_what_is_no_form_does_nothing(at_home: tuple[House, httpx.AsyncClient, str]) -> None:
    house, client, csrf = at_home
    assert (await client.post("/act", json={"csrf": csrf}, headers=HERE)).status_code == 400
    assert (await client.post("/act", data={"x": "y" * FORM_LIMIT}, headers=HERE)).status_code == 413
    many = {str(number): "" for number in range(200)}
    assert (await client.post("/act", data=many, headers=HERE)).status_code == 400
    assert (await client.get("/act")).status_code == 405
    assert house.done == []


async def test_one_persons_secret_is_not_anothers() -> None:
    house = House(token="open-7f")
    async with house.visitor(Authorization=basic("open-7f", "ana")) as ana:
        stolen = await secret(ana)
        cookie = ana.cookies["px_door"]
    async with house.visitor(Authorization=basic("open-7f", "tom")) as tom:
        tom.cookies.set("px_door", cookie)
        assert (await tom.post("/act", data={"csrf": stolen}, headers=HERE)).status_code == 403
    other = House(token="open-7f")  # the process was started again
    async with other.visitor(Authorization=basic("open-7f", "ana")) as ana:
        ana.cookies.set("px_door", cookie)
        assert (await ana.post("/act", data={"csrf": stolen}, headers=HERE)).status_code == 403
    assert house.done + other.done == []


async def test_who_may_look_gets_neither_secret_nor_act() -> None:
    house = House(view_token="look-3a")
    async with house.visitor(Authorization=basic("look-3a", NASTY)) as client:
        assert await secret(client) == ""
        answer = await client.post("/act", data={"csrf": ""}, headers=HERE)
    assert (answer.status_code, house.done) == (403, [])
    assert "may look, but not act" in answer.text
    assert "<script" not in answer.text


@pytest.mark.parametrize(("scheme", "secure"), [("http", False), ("https", True)])
async def test_the_cookie_stays_with_us(scheme: str, secure: bool) -> None:
    async with House().visitor(scheme=scheme) as client:
        cookie = (await client.get("/form")).headers["set-cookie"]
        assert "set-cookie" not in (await client.get("/who")).headers
    assert "HttpOnly; SameSite=Strict" in cookie
    assert ("Secure" in cookie) is secure


async def test_a_page_tells_its_own_origin_and_nobody_elses() -> None:
    """no-referrer would make a browser send `Origin: null` with our own forms."""
    async with House().visitor() as client:
        assert (await client.get("/form")).headers["referrer-policy"] == "same-origin"


def acts(web: Kit) -> list[str]:
    """The address of every POST behind the door, as the app has them."""
    (guarded,) = [route for route in web.app.routes if isinstance(route, Mount) and route.path == ""]
    routes = [route for route in guarded.routes if isinstance(route, Route)]
    return [route.path for route in routes if "POST" in (route.methods or ())]


async def test_behind_the_door_nothing_can_be_done_without_it(tmp_path: Path) -> None:
    """Every act there is, and those still to come: not by who may look, not without the secret."""
    async with kit(tmp_path, token="open-7f", view_token="look-3a") as web:
        for path in acts(web):
            assert (await web.client.post(path, data={"x": ""}, headers=HERE)).status_code == 401, path
            for token, words in (("look-3a", "may look, but not act"), ("open-7f", "too old")):
                headers = {**HERE, "Authorization": f"Bearer {token}"}
                answer = await web.client.post(path, data={"x": ""}, headers=headers)
                assert answer.status_code == 403, path
                assert words in answer.text, path
