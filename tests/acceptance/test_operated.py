"""The real daemon as a service: what systemd hears of it, and the numbers that are watched."""

from __future__ import annotations

import contextlib
import re
import socket
from pathlib import Path

import httpx
import pytest

from tests.acceptance.kit import configure, psa, running, until
from tests.shared import ROOT

pytestmark = pytest.mark.xdist_group("processes")


def test_systemd_hears_of_start_life_reload_and_end(tmp_path: Path) -> None:
    heard: list[str] = []
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as ear:
        ear.bind(str(tmp_path / "notify"))
        ear.setblocking(False)

        def lines() -> list[str]:
            with contextlib.suppress(BlockingIOError):
                while True:
                    heard.extend(ear.recv(4096).decode().splitlines())
            return heard

        with psa(tmp_path, tickets=10) as site:
            config, port = configure(tmp_path, site)
            manager = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000"}
            with running(tmp_path / "run.log", "run", "--config", config, **manager) as daemon:
                until(lambda: "READY=1" in lines(), "READY=1")
                with socket.create_connection(("127.0.0.1", port), timeout=5):
                    pass  # whoever is told that we are ready may send webhooks
                until(lambda: "STATUS=1 ok" in lines(), "the first turn")
                assert heard.count("WATCHDOG=1") >= 1
                check_numbers(httpx.get(f"http://127.0.0.1:{port}/metrics").text)
                heard.clear()
                daemon.process.send_signal(1)
                until(lambda: "READY=1" in lines(), "the end of the reload")
                assert heard.index("RELOADING=1") < heard.index("READY=1")
                assert daemon.stop()[0] == 0
            assert lines()[-1] == "STOPPING=1"


def check_numbers(text: str) -> None:
    """Each number is explained, and none is watched that does not exist."""
    told = set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE))
    page = (ROOT / "docs" / "metrics.md").read_text("utf-8")
    assert set(re.findall(r"^\| `(\w+)`", page, re.MULTILINE)) == {n for n in told if n.startswith("px_")}
    for file in ("prometheus/rules.yml", "prometheus/rules_test.yml", "grafana/px-connector.json"):
        words = re.sub(r"runbook_url: .*", "", (ROOT / "deploy" / file).read_text("utf-8"))
        assert set(re.findall(r"\b(?:px|process)_[a-z_]+", words)) <= told, file
