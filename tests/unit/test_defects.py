"""A defect of ours beside the turns is logged with its trace, an outage in a line; neither ends anything."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from connector.daemon import learn
from connector.daemon.auditor import task
from connector.daemon.fleet import lessons, turning
from connector.daemon.fleet.lessons import Lessons
from connector.daemon.health import Health
from connector.daemon.notices import notifier
from connector.daemon.notices.notifier import Notifier
from connector.errors import Unavailable

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


class Once:
    """Fails the first time it is called; the second time it has the loop end."""

    def __init__(self, stop: asyncio.Event, error: Exception | None = None) -> None:
        self.calls, self._stop, self._error = 0, stop, error

    async def __call__(self, *_: Any) -> Any:
        self.calls += 1
        if self.calls == 1:
            raise self._error or ZeroDivisionError
        self._stop.set()
        return 0


def logged(logs: list[Any], event: str) -> bool:
    return [(one["event"], one["exc_info"]) for one in logs] == [(event, True)]


async def test_learning_and_auditing_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    c: Any = SimpleNamespace(name="main", now=lambda: NOW)
    for module, inner, pause, nothing, loop, event in (
        (
            learn,
            "refresh",
            "LOOK_EVERY",
            timedelta(0),
            lambda s: learn.keep_learning(c, s, print),
            "learning failed",
        ),
        (task, "audit_once", "LOOK_EVERY_S", 0.0, lambda s: task.keep_auditing(c, s), "audit failed"),
    ):
        stop = asyncio.Event()
        failing = Once(stop)
        monkeypatch.setattr(module, inner, failing)
        monkeypatch.setattr(module, pause, nothing)
        with capture_logs() as logs:
            await loop(stop)
        assert failing.calls == 2
        assert logged(logs, event)


async def test_an_outage_is_no_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    health = Health()
    mine = health.add("main", "fake", NOW)
    mine.last_poll, mine.backfilling = NOW, False
    c: Any = SimpleNamespace(name="main", now=lambda: NOW, health=health, model=None)
    stop, gone = asyncio.Event(), Unavailable("px.db: disk I/O error")
    monkeypatch.setattr(learn, "LOOK_EVERY", timedelta(0))
    monkeypatch.setattr(learn, "refresh", Once(stop, gone))
    with capture_logs() as logs:
        await learn.keep_learning(c, stop, print)
        monkeypatch.setattr(learn, "refresh", Once(stop, gone))
        await Lessons(c, {}).learn()
    told = {"event": "not learnt", "log_level": "info", "connection": "main", "error": str(gone)}
    assert logs == [told, told]


async def test_notices_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody: Any = None
    channels: Any = SimpleNamespace(caps={"ops": 1})
    stop = asyncio.Event()
    failing = Once(stop)
    monkeypatch.setattr(Notifier, "round", lambda _: failing())
    monkeypatch.setattr(notifier, "LOOK_EVERY", 0.0)
    with capture_logs() as logs:
        await Notifier(nobody, Health(), channels, nobody, lambda: NOW).run(stop)
    assert failing.calls == 2
    assert logged(logs, "notices failed")


async def test_a_turn_of_a_fleet_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what could not be learnt is not tried again in the very next turn."""
    health = Health()
    mine = health.add("main", "fake", NOW)
    mine.last_poll, mine.backfilling = NOW, False
    c: Any = SimpleNamespace(name="main", now=lambda: NOW, health=health, model=None)
    kept: dict[str, Any] = {}
    monkeypatch.setattr(lessons.learn, "refresh", Once(asyncio.Event()))
    monkeypatch.setattr(turning, "audit_once", Once(asyncio.Event()))
    with capture_logs() as logs:
        await turning._aside(c, "slow", Lessons(c, kept), timedelta(minutes=10))
    assert [(one["event"], one["exc_info"]) for one in logs] == [
        ("learning failed", True),
        ("audit failed", True),
    ]
    assert not Lessons(c, kept).due()
