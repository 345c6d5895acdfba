"""The real command in processes of its own, and a remote control for the simulated PSA."""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from connector.simulator import Credentials, Simulator, make_world
from tests.acceptance.nursery import Child
from tests.kit import CLIENTS, client_file, free_port, write_client, write_settings
from tests.shared import ROOT

COMMAND = Path(sys.executable).with_name("px-connector")
PATIENCE = 60.0


def environment(**more: str) -> dict[str, str]:
    """Ours, and where compiled modules are kept: an installed daemon is not compiled at each start."""
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(ROOT / ".pytest_cache" / "pyc")}
    return {**os.environ, **compiled, "COLUMNS": "200", "NO_COLOR": "1", **more}


def cli(*arguments: str | Path, cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end; `more` goes into its environment."""
    words = [*map(str, arguments)]
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        child = Child(*words, env=environment(**more), out=out, err=err, cwd=cwd)
        try:
            code = child.wait(PATIENCE)
        finally:
            child.kill()
        return subprocess.CompletedProcess(words, code, out.read_text("utf-8"), err.read_text("utf-8"))


def lines(text: str) -> list[Any]:
    """Every line of stdout as JSON; fails for anything else there."""
    return [json.loads(line) for line in text.splitlines()]


def log_of(folder: Path, *rows: Mapping[str, Any] | str, name: str = "log.jsonl") -> Path:
    """A file of these rows, a line each; compressed if its name ends so."""
    path = folder / name
    text = "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows)
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


def until(true: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """What `true` says once it is something; fails with `what` after a while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = true()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError(f"waited {seconds:g} s for {what}")


class Running:
    """The command as a process that goes on; what it says lies in `log`.

    `fresh`: by an interpreter of its own, as a service manager starts it.
    """

    def __init__(self, log: Path, *arguments: str | Path, fresh: bool = False, **more: str) -> None:
        self.log = log
        words, env = [*map(str, arguments)], environment(**more)
        self.process: Child | subprocess.Popen[bytes]
        if fresh:
            with log.open("ab") as stream:
                self.process = subprocess.Popen([str(COMMAND), *words], stdout=stream, stderr=stream, env=env)
        else:
            self.process = Child(*words, env=env, out=log, err=log)

    def said(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """Send a signal; exit code and the seconds it took to end."""
        began = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        return code, time.monotonic() - began

    def kill(self) -> None:
        """No farewell."""
        self.process.kill()
        self.process.wait(PATIENCE)


@contextmanager
def running(log: Path, *arguments: str | Path, fresh: bool = False, **more: str) -> Iterator[Running]:
    """The process until the block is left; `more` goes into its environment."""
    made = Running(log, *arguments, fresh=fresh, **more)
    try:
        yield made
    finally:
        if made.process.poll() is None:
            made.kill()


class Psa:
    """The simulated PSA in its own process, by remote control."""

    def __init__(self, url: str, seed: int) -> None:
        self.url, self.seed = url, seed
        self._http = httpx.Client(base_url=f"{url}/_sim", timeout=10)

    def close(self) -> None:
        self._http.close()

    @property
    def credentials(self) -> Credentials:
        """Made from the seed, so any process can know them."""
        return Simulator(make_world(seed=self.seed, tickets=0)).credentials

    def secrets(self) -> tuple[str, ...]:
        keys = self.credentials
        return keys.public_key, keys.private_key, keys.client_id

    def state(self) -> dict[str, Any]:
        return self._ask("GET", "/state")

    def writes(self) -> list[dict[str, Any]]:
        return self._ask("GET", "/writes")

    def ticket(self, ticket: int) -> dict[str, Any]:
        return self._ask("GET", f"/tickets/{ticket}")

    def do(self, action: str, **arguments: Any) -> Any:
        return self._ask("POST", "/do", {"action": action, "args": arguments})["result"]

    def faults(self, **faults: Any) -> None:
        self._ask("POST", "/faults", faults)

    def time(self, **change: Any) -> None:
        self._ask("POST", "/time", change)

    def step(self, count: int = 1) -> list[dict[str, Any]]:
        return self._ask("POST", "/step", {"count": count})

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._http.request(method, path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()


@contextmanager
def psa(folder: Path, *, tickets: int = 40, seed: int = 7, options: Sequence[str] = ()) -> Iterator[Psa]:
    """`px-connector simulate connectwise` until the block is left."""
    log = folder / "simulate.log"
    numbers = ("--port", "0", "--tickets", str(tickets), "--seed", str(seed))
    with running(log, "simulate", "connectwise", *numbers, *options) as process:
        found = until(lambda: re.search(r"http://127\.0\.0\.1:\d+", process.said()), "the simulator")
        made = Psa(found[0], seed)
        try:
            yield made
        finally:
            made.close()


def configure(folder: Path, site: Psa, **settings: Any) -> tuple[Path, int]:
    """A config folder for this PSA, with the three clients; and the port of the board."""
    config, port = folder / "config", free_port()
    for client in CLIENTS:
        write_client(config, client_file(client))
    write_settings(config, port, {"main": (site.url, site.credentials)}, **settings)
    return config, port
