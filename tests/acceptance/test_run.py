"""The daemon beside a pretend MSP, each a process of its own, as an MSP would run them."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.acceptance.command import px
from tests.kit import CLIENTS, client_file, free_port, write_client

TOKEN = "board-token-4711-very-secret"
PATIENCE = 60.0
SIMULATE = ("simulate", "connectwise", "--port", "0", "--tickets")
T = TypeVar("T")


@contextmanager
def process(log: Path, *args: str, **env: str) -> Iterator[subprocess.Popen[bytes]]:
    """`px-connector ARGS…` running, everything it says in `log`."""
    told = {**os.environ, "COLUMNS": "300", "PYTHONUNBUFFERED": "1", **env}
    with log.open("wb") as file:
        running = subprocess.Popen(
            [sys.executable, "-m", "connector", *args], stdout=file, stderr=file, env=told
        )
    try:
        yield running
    finally:
        running.kill()
        running.wait()


def until(found: Callable[[], T | None]) -> T:
    """What is found, as soon as there is something; other processes take real time."""
    end = time.monotonic() + PATIENCE
    while not (answer := found()):
        assert time.monotonic() < end, "not in time"
        time.sleep(0.05)
    return answer


def told(log: Path, pattern: str) -> re.Match[str]:
    return until(lambda: re.search(pattern, log.read_text()))


def ask(url: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data), timeout=10) as answer:
        return json.load(answer)


def configure(folder: Path, url: str, port: int) -> None:
    for client in CLIENTS:
        write_client(folder, client_file(client))
    (folder / "connector.yaml").write_text(
        f"""
store: sqlite:///px.db
web: {{port: {port}, public_url: "http://127.0.0.1:{port}", token: {{env: PX_TEST_TOKEN}}}}
log: {{format: json, level: debug}}
connections:
  main:
    vendor: connectwise
    site: {url}
    company: brightdesk
    public_key: {{env: PX_TEST_PUBLIC}}
    private_key: {{env: PX_TEST_PRIVATE}}
    client_id: {{env: PX_TEST_CLIENT}}
    allow_private: true
    write_back: true
    poll_every: 5s
    requests_per_minute: 100000
"""
    )


@pytest.mark.xdist_group("processes")
def test_flags_arrive_it_can_be_explained_and_no_secret_is_told(tmp_path: Path) -> None:
    msp, daemon, port = tmp_path / "msp.log", tmp_path / "daemon.log", free_port()
    with process(msp, *SIMULATE, "40"):
        url = told(msp, r"http://127\.0\.0\.1:\d+").group()
        keys = told(msp, r"public key (\S+)\s+private key (\S+)\s+clientId (\S+)")
        configure(tmp_path, url, port)
        secrets = {
            "PX_TEST_PUBLIC": keys[1],
            "PX_TEST_PRIVATE": keys[2],
            "PX_TEST_CLIENT": keys[3],
            "PX_TEST_TOKEN": TOKEN,
        }
        with process(daemon, "run", "--config", str(tmp_path), **secrets) as running:
            told(daemon, '"state": ?"ok"')
            args = {"client": "Acme Dental", "summary": "Printer down", "text": "It prints nothing at all."}
            number = str(ask(f"{url}/_sim/do", {"action": "open_ticket", "args": args})["result"])
            fields = until(lambda: _flagged(f"{url}/_sim/tickets/{number}"))
            assert fields["SLA Due"]
            assert fields["PX Why"].startswith("not answered yet")

            story = px("explain", number, "--config", tmp_path)
            assert story.returncode == 0, story.stderr
            assert "Printer down" in story.stdout
            assert "no answer counted yet" in story.stdout
            facts = json.loads(px("explain", number, "--config", tmp_path, "--json").stdout)
            assert facts["assessment"]["buckets"]["response"]["state"] == "running"
            unknown = px("explain", "999999", "--config", tmp_path)
            assert unknown.returncode == 1
            assert "999999" in unknown.stderr

            with pytest.raises(urllib.error.HTTPError, match="401"):
                ask(f"http://127.0.0.1:{port}/")
            assert ask(f"http://127.0.0.1:{port}/readyz")["ready"] is True

            running.send_signal(signal.SIGTERM)
            assert running.wait(timeout=5) == 0
    with closing(sqlite3.connect(tmp_path / "px.db")) as db:
        dump = "\n".join(db.iterdump())
    said = daemon.read_text() + story.stdout + story.stderr + dump
    assert [name for name, secret in secrets.items() if secret in said] == []


def _flagged(url: str) -> dict[str, Any] | None:
    fields: dict[str, Any] = ask(url)["fields"]
    return fields if fields["SLA Zone"] else None


@pytest.mark.xdist_group("processes")
def test_a_taken_port_and_refused_keys_are_plain_errors(tmp_path: Path) -> None:
    msp, daemon, second = (tmp_path / f"{name}.log" for name in ("msp", "daemon", "second"))
    port = free_port()
    with process(msp, *SIMULATE, "0"):
        configure(tmp_path, told(msp, r"http://127\.0\.0\.1:\d+").group(), port)
        keys = ("PX_TEST_PUBLIC", "PX_TEST_PRIVATE", "PX_TEST_CLIENT")
        env = dict.fromkeys(keys, "wrong-key-0815") | {"PX_TEST_TOKEN": TOKEN}
        with process(daemon, "run", "--config", str(tmp_path), **env):
            told(daemon, '"state": ?"stopped"')
            assert daemon.read_text().count('"stopped"') == 1
            assert "wrong-key-0815" not in daemon.read_text()
            assert ask(f"http://127.0.0.1:{port}/healthz")["alive"] is True
            with process(second, "run", "--config", str(tmp_path), **env) as late:
                assert late.wait(timeout=PATIENCE) == 1
            assert f"cannot listen on 127.0.0.1:{port}" in second.read_text()
            assert "Traceback" not in second.read_text()
