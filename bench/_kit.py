"""What the benches share: a simulated PSA and a daemon as processes of their own, and how figures are read.

Everything runs on loopback with made-up data; a bench needs nothing outside the repository.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench._login import Login, connectwise
from connector.psa.connectwise.config import ConnectWiseConfig
from connector.simulator import Simulator

COMMAND = str(Path(sys.executable).with_name("px-connector"))
CONNECTION = "main"
_EVERY = {"response": "1h", "resplan": "2h", "update": "4h", "resolution": "8h"}
_HIGH = {"response": "30m", "resplan": "1h", "update": "2h", "resolution": "6h"}
_CRITICAL = {"response": "15m", "resplan": "30m", "update": "1h", "resolution": "4h", "calendar": "24x7"}
_CLIENTS: dict[str, tuple[str, dict[str, list[str]], dict[str, dict[str, str]]]] = {
    "Acme Dental": (
        "Europe/London",
        {"mon-fri": ["08:00-12:30", "13:00-18:00"]},
        {"*": _EVERY, "P1 Critical": _CRITICAL, "P2 High": _HIGH},
    ),
    "Globex": ("Europe/Berlin", {"mon-fri": ["06:00-18:30"]}, {"*": _EVERY, "P2 High": _HIGH}),
    "Initech": ("Europe/London", {"mon-fri": ["08:00-18:00"]}, {"*": _EVERY, "P2 High": _HIGH}),
}


@dataclass(frozen=True, slots=True)
class Psa:
    """Where a simulated ConnectWise is and how one logs in."""

    url: str
    company: str
    public_key: str
    private_key: str
    client_id: str

    @classmethod
    def of(cls, sim: Simulator) -> Psa:
        """The one in this process."""
        keys = sim.credentials
        return cls(sim.url, keys.company, keys.public_key, keys.private_key, keys.client_id)

    @property
    def login(self) -> Login:
        return connectwise(self.url, self.company, self.public_key, self.private_key, self.client_id)

    def config(self, **more: Any) -> ConnectWiseConfig:
        """For an adapter in this process; a budget that does not limit unless said otherwise."""
        given: dict[str, Any] = {"backfill_days": 90, "requests_per_minute": 10_000_000, "timeout_s": 60}
        return ConnectWiseConfig(
            site=self.url,
            company=self.company,
            public_key=self.public_key,
            private_key=self.private_key,
            client_id=self.client_id,
            **given | more,
        )


@contextlib.contextmanager
def psa_process(tickets: int) -> Iterator[Psa]:
    """A simulated ConnectWise with so many tickets, in a process of its own."""
    command = [sys.executable, "-m", "bench._simulated", str(tickets)]
    with _process(command, env={}, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        told = process.stdout.readline()
        if not told:
            raise RuntimeError("the simulator ended before it began")
        yield Psa(**json.loads(told))


def client_files(folder: Path) -> Path:
    """A config folder with the rules of the simulator's three companies."""
    clients = folder / "clients"
    clients.mkdir(parents=True)
    for company, (zone, week, targets) in _CLIENTS.items():
        rules = {
            "client": company,
            "match": {"connection": CONNECTION, "companies": [company]},
            "calendar": {"timezone": zone, "week": week, "holidays": {"country": "GB", "subdivision": "ENG"}},
            "response": {"machines": ["Rewst", "template247"]},
            "resplan": {"not_by": ["Dispatch"]},
            "targets": targets,
        }
        (clients / f"{company.split()[0].lower()}.yaml").write_text(json.dumps(rules), encoding="utf-8")
    return folder


def config(folder: Path, login: Login, *, web: int = 0, **settings: Any) -> Path:
    """A whole config folder for `px-connector run`, its store beside it; `settings` of the connection."""
    client_files(folder)
    given = {"backfill_days": 90, "concurrency": 8, "poll_every": "60s"}
    connection = {"vendor": login.vendor, "site": login.url, **login.keys, "allow_private": True}
    connection["canary"] = {"waived": "a pretend PSA"}
    document = {
        "store": "sqlite:///px.db",
        "web": {"port": web or free_port(), "public_url": f"http://127.0.0.1:{web}" if web else None},
        "log": {"format": "json", "level": "error"},
        "connections": {CONNECTION: connection | given | settings},
    }
    (folder / "connector.yaml").write_text(json.dumps(document, indent=1), encoding="utf-8")
    return folder


@contextlib.contextmanager
def daemon_process(folder: Path, psa: Psa) -> Iterator[subprocess.Popen[bytes]]:
    """`px-connector run` on this folder."""
    with _process([COMMAND, "run", "--config", str(folder)], env=dict(psa.login.secrets)) as process:
        yield process


@contextlib.asynccontextmanager
async def daemon_beside(folder: Path, psa: Psa) -> AsyncIterator[subprocess.Popen[bytes]]:
    """The same for a PSA in this process: it goes on answering while the daemon ends."""
    with contextlib.ExitStack() as stack:
        process = stack.enter_context(daemon_process(folder, psa))
        try:
            yield process
        finally:
            await asyncio.to_thread(stack.close)


@contextlib.contextmanager
def _process(command: list[str], env: dict[str, str], **more: Any) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, env=os.environ | env, **more)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder of its own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="px-bench-") as name:
        yield Path(name)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def memory_mb(pid: int, what: str = "VmRSS") -> float:
    """Resident memory of a process in MB: `VmRSS` now, `VmHWM` at its highest."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.split(f"{what}:")[1].split()[0]) / 1024


async def until(so: Callable[[], bool], seconds: float = 60, every: float = 0.05) -> None:
    """Look again and again until it is so. TimeoutError after `seconds`."""
    for _ in range(int(seconds / every)):
        if so():
            return
        await asyncio.sleep(every)
    raise TimeoutError(f"not within {seconds:.0f} s")


_THINGS = """cable spooler driver switch fan mailbox profile licence printer router screen dock battery share
mouse scanner tunnel folder badge socket camera headset server invoice calendar browser certificate"""


def answer(number: int) -> str:
    """What an engineer writes on a ticket: never the same twice, or it would be taken for a stock text."""
    a, b, c, d = random.Random(number).sample(_THINGS.split(), 4)
    return f"I replaced the {a} next to the {b}, then I reset the {c}. Does the {d} work for you now?"


def share(values: Sequence[float], part: float) -> float:
    """The value below which this part of the values lies; 0.5 is the median."""
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]
