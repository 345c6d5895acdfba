"""`px-connector audit` tells what people did, whichever way they did it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from connector.cli import app
from connector.history.rulings import Word, on_author, withdraw
from connector.store import audit, outbox
from connector.store.audit import Deed, Doer
from connector.store.store import Store
from tests.integration.web_kit import NOW

NASTY = "no such field\x1b[2J[red]\n"


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """A ruling made and taken back at the command line, and a letter dropped on the pages."""
    main = {"vendor": "connectwise", "site": "psa.example.com", "company": "acme"}
    keys = {key: {"env": "NOWHERE"} for key in ("public_key", "private_key", "client_id")}
    settings = {"store": "sqlite:///px.db", "connections": {"main": {**main, **keys}}}
    (tmp_path / "connector.yaml").write_text(yaml.safe_dump(settings))
    url = f"sqlite:///{tmp_path}/px.db"
    made = await on_author(url, "main", "29", Word(by="Dana", cause="automated", why="the RMM"), NOW)
    await withdraw(url, made.number, "Tom", NOW)
    store = await Store.open(url)
    async with store.begin() as tx:
        assert await outbox.counts(tx) == {}
        by = Doer(name="ana", role="operate", why=NASTY)
        await audit.add(tx, Deed(at=NOW, by=by, what="letter dropped", conn="main", subject="7"))
    await store.close()
    return tmp_path


def said(folder: Path, *options: str) -> list[str]:
    runner = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"})
    done = runner.invoke(app, ["audit", "--config", str(folder), *options])
    assert done.exit_code == 0, done.output
    return done.stdout.splitlines()


def test_the_newest_first_in_words_and_as_json(folder: Path) -> None:
    lines = said(folder)
    assert lines[0].startswith("2026-11-21 14:00 UTC  ana (operate)  letter dropped  main 7: no such field")
    assert "\x1b" not in lines[0]
    assert lines[-2:] == [
        "2026-11-21 14:00 UTC  Tom (command line)  ruling withdrawn  main 1",
        "2026-11-21 14:00 UTC  Dana (command line)  ruled automated  main 1: the RMM",
    ]
    whole = [json.loads(line) for line in said(folder, "--json")]
    assert [one["what"] for one in whole] == ["letter dropped", "ruling withdrawn", "ruled automated"]
    assert whole[0] == {
        "at": "2026-11-21T14:00:00Z",
        "by": "ana",
        "role": "operate",
        "what": "letter dropped",
        "connection": "main",
        "subject": "7",
        "why": NASTY,
    }
    assert len(said(folder, "--json", "--limit", "1")) == 1


def test_nothing_done_is_said(tmp_path: Path) -> None:
    (tmp_path / "connector.yaml").write_text(
        "connections: {main: {vendor: connectwise, site: psa.example.com, company: acme, "
        "public_key: {env: N}, private_key: {env: N}, client_id: {env: N}}}\n"
    )
    assert said(tmp_path) == ["nobody has done anything yet"]
    assert said(tmp_path, "--json") == []
