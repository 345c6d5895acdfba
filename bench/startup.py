"""From starting `px-connector run` to its first poll reaching the PSA, beside starting Python at all.

The simulated PSA runs here and sees the first list of changed tickets being asked for. Bytecode is
allowed to be cached, as in any installation; the first start is thrown away.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from bench._kit import Psa, config, daemon_beside, scratch, share, until
from connector.app import utcnow
from connector.logs import configure_logging
from connector.simulator import Exchange, Simulator, make_world

TIMES = 7
LIBRARIES = (
    "httpx, sqlalchemy, sqlalchemy.ext.asyncio, aiosqlite, pydantic, uvicorn, starlette, structlog, yaml"
)
_LINE = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|( +)(\S+)")


def python(code: str, *options: str) -> float:
    """Seconds until a fresh Python has run this; the median of several."""
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        subprocess.run([sys.executable, *options, "-c", code], check=True)
        taken.append(time.perf_counter() - began)
    return share(taken, 0.5)


def imports() -> list[tuple[float, str]]:
    """What `run` imports, milliseconds each with all it brings along, the slowest packages first."""
    command = [sys.executable, "-X", "importtime", "-c", "import connector.app, connector.settings"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    packages: dict[str, float] = {}
    for own, _, _, name in _LINE.findall(told):
        top = ".".join(name.split(".")[: 2 if name.startswith("connector") else 1])
        packages[top] = packages.get(top, 0.0) + int(own) / 1000
    return sorted(((ms, name) for name, ms in packages.items()), reverse=True)


async def first_poll(folder: Path) -> tuple[float, float]:
    """Seconds from the start of the process to (the first request, the first poll)."""
    arrived: dict[str, float] = {}

    def tap(seen: Exchange) -> None:
        what = "poll" if seen.path == "/service/tickets" and "conditions=" in seen.query else "login"
        arrived.setdefault(what, time.perf_counter())

    async with Simulator(make_world(tickets=200, start=utcnow()), tap=tap) as sim:
        psa = Psa.of(sim)
        if not (folder / "connector.yaml").exists():
            config(folder, psa.login)
        else:
            text = (folder / "connector.yaml").read_text(encoding="utf-8")
            (folder / "connector.yaml").write_text(re.sub(r"http://[\d.:]+", psa.url, text), encoding="utf-8")
        began = time.perf_counter()
        async with daemon_beside(folder, psa):
            await until(lambda: "poll" in arrived, 60, 0.02)
    return arrived["login"] - began, arrived["poll"] - began


async def measure() -> None:
    with scratch() as folder:
        await first_poll(folder)
        again = [await first_poll(folder) for _ in range(TIMES)]
    fresh = []
    for _ in range(3):
        with scratch() as folder:
            fresh.append(await first_poll(folder))
    login, poll = (share([both[n] for both in again], 0.5) for n in (0, 1))
    bare, floor = python("pass"), python(f"import {LIBRARIES}")
    print(f"process start to first poll: {poll:.2f} s (aim 2), first request {login:.2f} s")
    print(f"with a new store: {share([both[1] for both in fresh], 0.5):.2f} s")
    print(f"floor: python alone {bare:.2f} s, libraries imported {floor:.2f} s, ratio {poll / floor:.2f}")
    total = imports()
    print(
        f"imports {sum(ms for ms, _ in total):.0f} ms: " + ", ".join(f"{n} {ms:.0f}" for ms, n in total[:12])
    )


def main() -> None:
    configure_logging(level="error")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    asyncio.run(measure())
