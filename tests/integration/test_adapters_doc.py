"""The adapter of docs/adapters.md, as it stands there, serves a desk: read, judged, written, read back."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from connector.app import Connector
from connector.errors import Rejected
from connector.psa.vendors import build_psa
from connector.settings import load_settings
from tests import packages
from tests.kit import client_file, free_port, write_client
from tests.shared import ROOT

PAGE = (ROOT / "docs" / "adapters.md").read_text(encoding="utf-8")
PACKAGE = PAGE.split("```python\n")[1].split("```")[0]
POINTS = tomllib.loads(PAGE.split("```toml\n")[1].split("```")[0])["project"]["entry-points"]
KEYS = yaml.safe_load(PAGE.split("```yaml acme\n")[1].split("```")[0])["connections"]["main"]
NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)


def _said(minutes: int, kind: str, text: str) -> dict[str, Any]:
    at = (NOW - timedelta(hours=1) + timedelta(minutes=minutes)).isoformat()
    direction = "in" if kind == "contact" else "out"
    return {"at": at, "type": "message", "actor": {"kind": kind}, "direction": direction, "text": text}


def _ticket(*events: dict[str, Any]) -> str:
    opened = {"id": "17", "client": "Acme Dental", "opened_at": events[0]["at"], "status": "New"}
    return json.dumps({**opened, "priority": "P3", "events": events})


@pytest.fixture
def desk(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A config folder whose connection is the page's, and its desk."""
    points = {group: f"acme = {point['acme']}" for group, point in POINTS.items()}
    packages.install(tmp_path_factory.mktemp("site"), monkeypatch, points, px_acme=PACKAGE)
    monkeypatch.setenv(KEYS["key"]["env"], "a key of Acme's")
    folder = tmp_path / "desk"
    folder.mkdir()
    writes = {"write_back": True, "canary": {"waived": "a folder"}}
    connections = {"main": {**KEYS, "desk": str(folder), **writes}}
    settings = {"store": "sqlite:///px.db", "web": {"port": free_port()}, "connections": connections}
    (tmp_path / "connector.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    write_client(tmp_path, client_file("Acme Dental"))
    return folder


async def _flags(desk: Path, wanted: str) -> dict[str, str]:
    written, shown = desk / "17.flags", ""
    async with asyncio.timeout(60):
        for _ in itertools.count():
            shown = written.read_text("utf-8") if written.exists() else ""
            if wanted in shown:
                break
            await asyncio.sleep(0.02)
    return json.loads(shown)


async def test_the_adapter_of_the_page_serves_a_desk(desk: Path) -> None:
    asked, robot = _said(0, "contact", "It prints nothing."), _said(1, "automation", "We have your request.")
    (desk / "17.json").write_text(_ticket(asked, robot), encoding="utf-8")
    clock = NOW
    connector = await Connector.build(load_settings(desk.parent), desk.parent, now=lambda: clock)
    work = asyncio.create_task(connector.serve())
    try:
        assert (await _flags(desk, "red"))["at_risk"] == "Yes"
        answer = _said(40, "staff", "The fuser is worn, I am bringing a new one.")
        (desk / "17.json").write_text(_ticket(asked, robot, answer), encoding="utf-8")
        clock += timedelta(seconds=10)
        connector.supervisor.wake("main")
        assert (await _flags(desk, '"40"'))["zone"] != "red"
    finally:
        connector.stop()
        await work


async def test_its_webhooks_are_believed_only_when_signed(desk: Path) -> None:
    psa = build_psa("main", load_settings(desk.parent).connections["main"])
    body = b'{"ticket": 17}'
    good = hmac.new(b"a key of Acme's", body, hashlib.sha256).hexdigest()
    assert [hint.ticket_id for hint in await psa.verify(body, {"x-acme-signature": good}, {})] == ["17"]
    with pytest.raises(Rejected):
        await psa.verify(body, {"x-acme-signature": good[::-1]}, {})
