"""What systemd is told: over a real socket, a sign of life only while the turns move."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from connector.daemon import systemd
from connector.daemon.health import Health
from connector.daemon.systemd import STUCK_S, Pulse, keep_telling, tell, watchdog_s

NOW = datetime(2026, 11, 22, tzinfo=UTC)


class Manager:
    """The other end of NOTIFY_SOCKET."""

    def __init__(self, address: str) -> None:
        self._ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._ear.bind(address)
        self._ear.setblocking(False)

    def heard(self) -> list[str]:
        """Every line since the last time."""
        found = []
        while True:
            try:
                found += self._ear.recv(4096).decode().splitlines()
            except BlockingIOError:
                return found

    def close(self) -> None:
        self._ear.close()


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Manager]:
    made = Manager(str(tmp_path / "notify"))
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    yield made
    made.close()


def test_lines_arrive_as_one_datagram(manager: Manager) -> None:
    tell("READY=1", "STATUS=2 ok")
    assert manager.heard() == ["READY=1", "STATUS=2 ok"]


def test_an_abstract_socket_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"px-test-{os.getpid()}"
    made = Manager(f"\0{name}")
    monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
    tell("READY=1")
    assert made.heard() == ["READY=1"]
    made.close()


def test_nobody_listens_and_a_socket_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    tell("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    with capture_logs() as logs:
        tell("READY=1")
    assert [(line["event"], line["what"]) for line in logs] == [("systemd not told", "READY=1")]


def test_a_manager_that_does_not_listen_holds_nobody_up(manager: Manager) -> None:
    with capture_logs() as logs:
        for _ in range(2000):  # more than a socket keeps
            tell("WATCHDOG=1", patience_s=0.0)
        tell("READY=1", patience_s=0.01)
    assert {line["event"] for line in logs} == {"systemd not told"}
    assert {line["what"] for line in logs} == {"WATCHDOG=1", "READY=1"}
    assert "READY=1" not in manager.heard()


def test_what_matters_waits_for_a_manager_that_is_busy(manager: Manager) -> None:
    with capture_logs():
        for _ in range(2000):
            tell("WATCHDOG=1", patience_s=0.0)
    heard: list[str] = []
    listening = threading.Timer(0.05, lambda: heard.extend(manager.heard()))
    listening.start()
    with capture_logs() as logs:
        tell("READY=1", patience_s=30)
    listening.join()
    assert logs == []
    assert "READY=1" in heard + manager.heard()


def test_a_watchdog_of_another_process_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    assert watchdog_s() == 30
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    assert watchdog_s() == 30
    monkeypatch.setenv("WATCHDOG_PID", "1")
    assert watchdog_s() == 0
    monkeypatch.delenv("WATCHDOG_PID")
    monkeypatch.setenv("WATCHDOG_USEC", "soon")
    assert watchdog_s() == 0


async def test_no_sign_of_life_while_a_turn_is_stuck(
    manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "20000")
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    trouble, stop, heard = "", asyncio.Event(), []

    async def until(line: str) -> None:
        async with asyncio.timeout(20):
            while line not in heard:
                heard.extend(manager.heard())
                await asyncio.sleep(0.005)

    with capture_logs() as logs:
        telling = asyncio.create_task(keep_telling(stop, lambda: trouble, lambda: "1 ok"))
        await until("STATUS=1 ok")
        assert "WATCHDOG=1" in heard
        trouble = "no progress in the turn of main"
        await until(f"STATUS={trouble}")
        heard.clear()
        await until(f"STATUS={trouble}")
        assert "WATCHDOG=1" not in heard
        trouble = ""
        await until("WATCHDOG=1")
        stop.set()
        await telling
    assert [line["event"] for line in logs] == ["no sign of life for systemd"], "said once"


async def test_without_systemd_nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    await asyncio.wait_for(keep_telling(asyncio.Event(), lambda: "", lambda: ""), 1)


def test_a_turn_that_neither_asks_nor_decides_is_stuck_and_one_at_rest_never() -> None:
    now, under_way, done = 0.0, ["main", "north"], {"main": 1, "north": 1}
    pulse = Pulse(lambda: under_way, lambda name: done[name], lambda: now)
    assert pulse.stuck() == ""
    now, done["north"] = STUCK_S - 1, 2
    assert pulse.stuck() == ""
    now = STUCK_S
    assert pulse.stuck() == "no progress in the turn of main"
    under_way = ["north"]
    assert pulse.stuck() == ""
    now, under_way = 2 * STUCK_S - 1, ["main", "north"]
    assert pulse.stuck() == "no progress in the turn of north", "main has begun another turn"


def test_states_in_short() -> None:
    health = Health()
    for number in range(12):
        health.add(f"c{number}", "halo", NOW)
    health.report("c1", "ok", "", NOW)
    assert health.in_short() == "1 ok, 11 starting"
    for number in range(2, 12):
        health.report(f"c{number}", "degraded", "", NOW)
    assert health.in_short() == "1 ok, 1 starting, 10 degraded (c2, c3, c4, c5, c6, c7, c8, c9 …)"


def test_reloading_names_its_instant(manager: Manager) -> None:
    systemd.reloading()
    first, second = manager.heard()
    assert first == "RELOADING=1"
    assert second.removeprefix("MONOTONIC_USEC=").isdecimal()
