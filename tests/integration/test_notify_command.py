"""`px-connector notify`: a channel is tried, what was told is listed, what got stuck is tried again."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from connector.cli import app
from connector.store import audit, notices
from connector.store.notices import Notice, Sending
from connector.store.store import Store
from tests.integration.test_survey_command import PostOffice
from tests.kit import client_file, write_client

AT = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "clients").mkdir()
    monkeypatch.setenv("URL_OF_TEST", "http://127.0.0.1:9/very-secret")
    return tmp_path


def configure(folder: Path, port: int) -> None:
    keys = {"vendor": "connectwise", "site": "na.myconnectwise.net", "company": "acme"}
    keys |= {key: {"env": "CW"} for key in ("public_key", "private_key", "client_id")}
    chat = {"kind": "slack", "url": {"env": "URL_OF_TEST"}, "allow_private": True}
    written = {
        "store": "sqlite:///px.db",
        "mail": {"host": "127.0.0.1", "port": port, "tls": "none", "from": "Desk <d@our-msp.example>"},
        "notify": {"channels": {"chat": chat, "boss": {"kind": "mail", "to": ["maria@our-msp.example"]}}},
        "connections": {"main": keys},
    }
    (folder / "connector.yaml").write_text(yaml.safe_dump(written), encoding="utf-8")


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["notify", "--config", str(folder), *words])


def test_a_channel_is_tried_and_says_so(folder: Path) -> None:
    with PostOffice() as post:
        configure(folder, post.port)
        done = run(folder, "--test", "boss")
    assert (done.exit_code, done.stdout) == (0, "boss (mail) has taken a test\n")
    (mail,) = post.taken
    assert mail["Subject"] == "[px] Test: response missed"
    assert "This is a test" in mail.get_content()
    assert not (folder / "px.db").exists(), "nothing of a test is kept"


def test_what_is_wrong_with_a_channel_is_said_without_its_address(folder: Path) -> None:
    configure(folder, 9)
    done = run(folder, "--test", "chat")
    assert done.exit_code == 1
    assert "127.0.0.1: no answer (ConnectError)" in done.stderr
    assert "very-secret" not in done.output
    done = run(folder, "--test", "ops")
    assert "no channel 'ops'; there are: boss, chat" in done.stderr


async def _fill(folder: Path) -> None:
    store = await Store.open(f"sqlite:///{folder}/px.db")
    made: dict[str, Any] = {
        "conn": "main",
        "client": "Acme",
        "subject": "7",
        "ticket_id": "7",
        "channel": "chat",
    }
    said = {"line": "was due 5 Jan 10:00", "bucket": "response"}
    dead = Sending(id="s1", channel="chat", kind="notice", since=AT, not_before=AT, state="dead", error="404")
    rows = [
        Notice(id="n1", event="missed", at=AT, state="put", sending="s1", said=said, **made),
        Notice(id="n2", event="at_risk", at=AT, state="suppressed", why="over before it was told", **made),
    ]
    async with store.begin() as tx:
        await notices.decide(tx, rows, [dead])
    await store.close()


async def _deeds(folder: Path) -> list[tuple[str, str]]:
    store = await Store.open(f"sqlite:///{folder}/px.db")
    async with store.read() as tx:
        found = [(deed.what, deed.by.role) for deed in await audit.latest(tx)]
    await store.close()
    return found


def test_what_was_told_and_what_not_is_listed_and_tried_again(folder: Path) -> None:
    configure(folder, 9)
    assert run(folder).stdout == "nobody was told of anything\n"
    asyncio.run(_fill(folder))
    assert "404 (s1)" in run(folder, "--state", "dead").stdout
    (line,) = run(folder, "--state", "suppressed", "--json").stdout.splitlines()
    assert json.loads(line)["why"] == "over before it was told"
    assert run(folder, "--retry", "s1").stdout == "s1 is tried again\n"
    assert json.loads(run(folder, "--state", "owed", "--json").stdout)["message"] == "s1"
    again = run(folder, "--retry", "s1")
    assert (again.exit_code, "no dead message has the id" in again.stderr) == (1, True)
    assert asyncio.run(_deeds(folder)) == [("notice tried again", "command line")]


def test_check_says_where_a_channel_is_named_that_is_not_there(folder: Path) -> None:
    configure(folder, 9)
    write_client(folder, client_file("Acme Dental", notify={"at_once": {"missed": ["chats"]}}))
    done = CliRunner().invoke(app, ["check", "--config", str(folder)])
    assert done.exit_code == 1
    assert "no channel 'chats' in connector.yaml; did you mean 'chat'?" in done.stderr
