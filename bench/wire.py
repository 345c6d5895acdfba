"""What a request to a PSA costs this process: our wire against httpx's own, and bare aiohttp as the floor.

A server of another process answers each with the same small list of tickets. The time is CPU, not waiting.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection

import aiohttp
import httpx

from connector.cli.fleet import _loop
from connector.psa import wire

ROUNDS, REQUESTS = 5, 1000
PATH = "/v4_6_release/apis/3.0/service/tickets?conditions=lastUpdated%3E%5B2026-01-01%5D&pageSize=1000"
BODY = b'[{"id": 1051, "summary": "Printer down", "_info": {"lastUpdated": "2026-11-20T10:00:00Z"}}]'
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(BODY) + BODY

Ask = Callable[[], Awaitable[object]]


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(ANSWER)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def _serve(told: Connection) -> None:
    async def serve() -> None:
        server = await asyncio.start_server(_answer, "127.0.0.1", 0)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


async def _ms(ask: Ask) -> float:
    """CPU milliseconds a request."""
    began = time.process_time()
    for _ in range(REQUESTS):
        await ask()
    return (time.process_time() - began) / REQUESTS * 1000


async def _measure(url: str) -> dict[str, float]:
    best = dict[str, float]()
    async with (
        wire.client(4, trust_env=False) as ours,
        httpx.AsyncClient(trust_env=False) as own,
        aiohttp.ClientSession() as bare,
    ):

        async def floor() -> bytes:
            async with bare.get(url) as answer:
                return await answer.read()

        for _ in range(ROUNDS):
            ways: dict[str, Ask] = {
                "our wire": lambda: ours.get(url),
                "httpx": lambda: own.get(url),
                "bare aiohttp": floor,
            }
            for name, ask in ways.items():
                best[name] = min(best.get(name, 1e9), await _ms(ask))
    return best


def main() -> None:
    told, tells = multiprocessing.Pipe(duplex=False)
    server = multiprocessing.Process(target=_serve, args=(tells,), daemon=True)
    server.start()
    try:
        with asyncio.Runner(loop_factory=_loop()) as runner:
            best = runner.run(_measure(f"http://127.0.0.1:{told.recv()}{PATH}"))
    finally:
        server.terminate()
    for name, ms in best.items():
        print(f"{name:13} {ms:.3f} ms CPU a request, {ms / best['bare aiohttp']:.2f} times bare aiohttp")
    print(f"our wire takes {best['our wire'] / best['httpx']:.2f} of what httpx's own transport takes")
