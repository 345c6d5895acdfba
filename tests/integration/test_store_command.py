"""`store …` as a person uses it: saved, restored on an empty machine, moved, brought up to date."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import create_engine, text
from typer.testing import CliRunner

from connector.cli import app
from connector.model import Actor
from connector.store import assessments, events, migrate, tickets
from connector.store.schema_running import REVISION
from connector.store.store import Store
from tests.contract.store.filling import ROWS, fill
from tests.contract.store.makers import assessed, note, stored
from tests.kit import client_file, write_client

COLUMNS = {"COLUMNS": "200", "NO_COLOR": "1"}


def machine(folder: Path) -> Path:
    """A configuration; its store is not there yet."""
    main = {"vendor": "connectwise", "site": "psa.example.com", "company": "acme"}
    keys = {key: {"env": "NOWHERE"} for key in ("public_key", "private_key", "client_id")}
    folder.mkdir()
    settings = {"store": "sqlite:///var/px.db", "connections": {"main": {**main, **keys}}}
    (folder / "connector.yaml").write_text(yaml.safe_dump(settings))
    return folder


def said(folder: Path, *words: str, code: int = 0) -> str:
    done = CliRunner(env=COLUMNS).invoke(app, ["store", *words, "--config", str(folder)])
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else done.output


def told(folder: Path, *words: str) -> Any:
    return json.loads(said(folder, *words, "--json"))


@pytest.fixture
async def old(tmp_path: Path) -> Path:
    folder = machine(tmp_path / "old")
    store = await Store.open(f"sqlite:///{folder}/var/px.db")
    async with store.begin() as tx:
        await fill(tx)
    await store.close()
    return folder


def test_saved_here_and_restored_there(old: Path, tmp_path: Path) -> None:
    file, new = tmp_path / "px.db", machine(tmp_path / "new")
    made = told(old, "backup", str(file))
    assert made["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (made["bytes"], made["tables"]) == (file.stat().st_size, REVISION)
    assert "is there already" in said(old, "backup", str(file), code=1)
    assert f"sha256 {made['sha256'][:0]}" in said(old, "backup", str(tmp_path / "again.db"))
    assert "erase it once more" in said(new, "restore", str(file))
    assert "not empty" in said(new, "restore", str(file), code=1)
    copied = told(new, "copy", "--to", f"sqlite:///{tmp_path}/moved.db")
    assert {one["rows"] for one in copied} == {ROWS}
    assert copied == told(old, "copy", "--to", f"sqlite:///{tmp_path}/moved-too.db")
    back = f"sqlite:///{tmp_path}/back.db"
    assert "every hash is the same" in said(
        new, "copy", "--from", f"sqlite:///{tmp_path}/moved.db", "--to", back
    )
    assert "not empty" in said(new, "copy", "--to", back, code=1)


def test_an_older_store_is_told_of_and_brought_up(tmp_path: Path) -> None:
    """Tables as version 0008 left them."""
    old, file = machine(tmp_path / "old"), tmp_path / "px.db"
    (old / "var").mkdir()
    engine = create_engine(f"sqlite:///{old}/var/px.db")
    with engine.begin() as connection:
        migrate.upgrade(connection, "0008")
    engine.dispose()
    assert "0009 Many workers" in said(old, "migrate", "--check", code=1)
    assert told(old, "backup", str(file))["tables"] == "0008"
    assert told(machine(tmp_path / "new"), "restore", str(file))["made_with"] == "0008"
    assert "added" in said(old, "migrate")
    current = {"tables": REVISION, "needed": REVISION, "missing": [], "usable": True, "done": False}
    assert told(old, "migrate", "--check") == told(tmp_path / "new", "migrate", "--check") == current
    assert "nothing is missing" in said(old, "migrate", "--check")


def test_a_newer_store_is_used_until_it_says_otherwise(tmp_path: Path) -> None:
    """The check of a roll-back must not say yes where the daemon will say no."""
    folder = machine(tmp_path / "old")
    said(folder, "migrate")
    engine = create_engine(f"sqlite:///{folder}/var/px.db")
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9000'"))
    assert "newer than" in said(folder, "migrate", "--check")
    assert "do it with the version" in said(folder, "export", "--to", str(tmp_path / "out"), code=1)
    with engine.begin() as connection:
        connection.execute(text("update schema_floor set oldest = '8999'"))
    engine.dispose()
    assert "install the newer one again" in said(folder, "migrate", "--check", code=1)


def test_an_empty_machine_says_so(tmp_path: Path) -> None:
    new = machine(tmp_path / "new")
    assert "no tables yet" in said(new, "migrate", "--check", code=1)
    assert "is no file" in said(new, "backup", str(tmp_path / "px.db"), code=1)
    assert "made all tables" in said(new, "migrate")


async def test_a_person_is_erased_after_a_trial(tmp_path: Path) -> None:
    folder = machine(tmp_path / "old")
    store = await Store.open(f"sqlite:///{folder}/var/px.db")
    async with store.begin() as tx:
        await tickets.put(tx, "main", [stored("1", contact="17", summary="Leg of Ann Archer")])
        await events.merge(tx, "main", [("1", note("note:1", actor=Actor("contact", "17"), text="Leg"))])
    await store.close()
    whom = ("--contact", "17", "--connection", "main", "--also", "Ann Archer")
    trial = await asyncio.to_thread(told, folder, "erase", *whom, "--dry-run")
    assert trial == {
        "alias": "",
        "tickets": 1,
        "rows": {"events": 1, "tickets": 1},
        "dry_run": True,
        "rubbed_out": None,
    }
    assert "2 rows, 1 tickets are nameless now: erased:" in await asyncio.to_thread(
        said, folder, "erase", *whom
    )
    again = await asyncio.to_thread(told, folder, "erase", *whom)
    assert (again["rows"], again["rubbed_out"]) == ({}, True)
    unknown = ("--contact", "17", "--connection", "nowhere")
    assert "no connection 'nowhere'" in await asyncio.to_thread(said, folder, "erase", *unknown, code=2)


async def test_what_is_over_goes_after_a_trial_if_somebody_wants_it_to(tmp_path: Path) -> None:
    folder = machine(tmp_path / "old")
    assert "everything is kept" in await asyncio.to_thread(said, folder, "prune")
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    one = stored("1", closed=True, closed_at=long_ago)
    store = await Store.open(f"sqlite:///{folder}/var/px.db")
    async with store.begin() as tx:
        await tickets.put(tx, "main", [replace(one, ticket=replace(one.ticket, opened_at=long_ago))])
    await store.close()
    with (folder / "connector.yaml").open("a") as file:
        file.write("retention: {tickets_days: 400}\n")
    assert await asyncio.to_thread(told, folder, "prune", "--dry-run") == {
        "rows": {"tickets": 1},
        "dry_run": True,
    }
    assert "1 rows are gone" in await asyncio.to_thread(said, folder, "prune")
    assert (await asyncio.to_thread(told, folder, "prune"))["rows"] == {}


async def test_an_exported_log_can_be_assessed(tmp_path: Path) -> None:
    folder, out = machine(tmp_path / "old"), tmp_path / "out"
    store = await Store.open(f"sqlite:///{folder}/var/px.db")
    async with store.begin() as tx:
        await tickets.put(tx, "main", [stored("1"), stored("2")])
        await events.merge(tx, "main", [("1", note("note:1", 5, direction="out", text="I have mended it."))])
        await assessments.save(
            tx, "main", [assessed("1", client="Acme Dental"), assessed("2", client="Globex")]
        )
    await store.close()
    asked = ("export", "--to", str(out), "--client", "Acme Dental")
    written = await asyncio.to_thread(told, folder, *asked)
    assert {one["file"]: one["lines"] for one in written}["logs/acme-dental.jsonl.gz"] == 1
    assert "is not empty" in await asyncio.to_thread(said, folder, *asked, code=1)
    rules = write_client(tmp_path, client_file("Acme Dental"))
    log = str(out / "logs" / "acme-dental.jsonl.gz")
    done = CliRunner(env=COLUMNS).invoke(app, ["assess", log, "--policy", str(rules), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["id"] == "1"
