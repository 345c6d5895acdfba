"""What carries the requests to a PSA, against a real server that misbehaves in every way it can."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from connector.psa import wire

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Answers each request with the next of `answers`, the last one for ever; `heard` is what came in."""

    def __init__(self, *answers: Answer) -> None:
        self.heard: list[str] = []
        self.connections = 0
        self._answers = list(answers)

    @asynccontextmanager
    async def at(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        async with server:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                self.heard.append((await reader.readuntil(b"\r\n\r\n")).decode())
                answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
                await answer(writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def says(body: bytes = b"[]", *headers: str, status: str = "200 OK", close: bool = False) -> Answer:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + body)
        if close:
            writer.close()

    return answer


async def hangs_up(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def is_silent(_: asyncio.StreamWriter) -> None:
    await asyncio.sleep(3600)


def raw(data: bytes) -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        writer.close()

    return answer


@asynccontextmanager
async def asking(server: Server, *, trust_env: bool = False) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    async with server.at() as url, wire.client(4, trust_env=trust_env) as client:
        yield client, url


async def test_nobody_there_is_told_from_an_answer_that_never_came() -> None:
    """The first may be repeated whatever it was; the second may have been done."""
    server = Server(hangs_up)
    async with asking(server) as (client, url):
        with pytest.raises(httpx.ConnectError):
            await client.get("http://127.0.0.1:9/")
        with pytest.raises(httpx.ReadError):
            await client.patch(url, json={"a": 1})
    assert len(server.heard) == 1


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort"), httpx.ReadError),
        (raw(b"this is no HTTP\r\n\r\n"), httpx.RemoteProtocolError),
        (raw(b"HTTP/1.1 200 OK\r\nBad\0Header: 1\r\n\r\n"), httpx.RemoteProtocolError),
        (raw(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70_000 + b"\r\n\r\n"), httpx.RemoteProtocolError),
        (raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), httpx.RequestError),
    ],
    ids=["cut short", "no HTTP", "a bad header", "a header without end", "a bad chunk"],
)
async def test_a_broken_answer_may_have_been_done(answer: Answer, expected: type[Exception]) -> None:
    async with asking(Server(answer)) as (client, url):
        with pytest.raises(expected) as found:
            await client.post(url, json={})
    assert not isinstance(found.value, httpx.ConnectError)


async def test_who_is_silent_is_not_waited_for() -> None:
    async with asking(Server(is_silent)) as (client, url):
        with pytest.raises(httpx.ReadTimeout):
            await client.get(url, timeout=httpx.Timeout(5, read=0.05))


async def test_an_address_goes_out_as_it_was_written() -> None:
    """Conditions of ConnectWise and searches of Autotask stand in it, escaped by who knows how."""
    server = Server(says())
    query = "conditions=lastUpdated%3E%5B2026-01-01T00%3A00%3A00Z%5D%20and%20name%3D%27a%2Bb%27&x=%22%2F%25"
    async with asking(server) as (client, url):
        await client.get(f"{url}/v4_6/a%20b/c;d?{query}")
    assert server.heard[0].startswith(f"GET /v4_6/a%20b/c;d?{query} HTTP/1.1\r\n")


async def test_only_the_headers_of_the_request_are_sent_and_cookies_once() -> None:
    server = Server(says(b"[]", "Set-Cookie: a=1; Path=/"), says())
    async with asking(server) as (client, url):
        await client.get(url, headers={"user-agent": "px-connector"})
        await client.get(url)
    names = [line.partition(":")[0].lower() for line in server.heard[1].splitlines()[1:] if line]
    assert sorted(names) == ["accept", "accept-encoding", "connection", "cookie", "host", "user-agent"]
    assert "cookie: a=1" in server.heard[1].lower()
    assert "user-agent: px-connector\r\n" in server.heard[0].lower()


async def test_redirects_are_not_followed_and_compressed_bodies_are_unpacked() -> None:
    moved = says(b"", "Location: http://127.0.0.1:9/", status="302 Found")
    packed = says(gzip.compress(b'[{"id": 1}]'), "Content-Encoding: gzip")
    async with asking(Server(moved, packed)) as (client, url):
        assert (await client.get(url)).status_code == 302
        assert (await client.get(url)).json() == [{"id": 1}]


async def test_a_connection_is_kept_and_made_anew_where_the_server_has_closed_it() -> None:
    server = Server(says(), says(close=True), says())
    async with asking(server) as (client, url):
        for _ in range(4):
            assert (await client.get(url)).json() == []
    assert (len(server.heard), server.connections) == (4, 2)


async def test_an_answer_that_is_not_read_to_its_end_costs_its_connection() -> None:
    server = Server(says(b"x" * 1_000_000), says())
    async with asking(server) as (client, url):
        async with client.stream("GET", url) as response:
            assert response.status_code == 200
        assert (await client.get(url)).json() == []
    assert server.connections == 2


@pytest.mark.parametrize("trust_env", [True, False])
async def test_the_environment_s_proxy_is_used_where_it_is_trusted(
    trust_env: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, proxy = Server(says(b"[1]")), Server(says(b"[2]"))
    async with proxy.at() as there, asking(server, trust_env=trust_env) as (client, url):
        monkeypatch.setenv("http_proxy", there)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        assert (await client.get(url)).json() == ([2] if trust_env else [1])
    assert len(proxy.heard) == int(trust_env)


async def test_a_proxy_that_refuses_has_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = Server(says(b"", status="407 Proxy Authentication Required"))
    async with proxy.at() as there, wire.client(4, trust_env=True) as client:
        monkeypatch.setenv("https_proxy", there)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        with pytest.raises(httpx.ConnectError):
            await client.patch("https://psa.example/", json={})
    assert proxy.heard[0].startswith("CONNECT psa.example:443 ")
