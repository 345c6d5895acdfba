"""diagnose where nothing goes well: wrong files, no store, one of an older version, no daemon."""

from __future__ import annotations

import asyncio
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from connector.cli import app
from connector.store.store import Store
from tests.kit import client_file, free_port, write_client

JANE = "Jane Doe-Zanzibar"


def settings(folder: Path, **more: Any) -> None:
    keys = {key: {"env": f"ZANZIBAR_{key}"} for key in ("public_key", "private_key", "client_id")}
    connection = {"vendor": "connectwise", "site": "psa.zanzibar.example", "company": "zanzibar", **keys}
    whole = {
        "store": "sqlite:///zanzibar.db",
        "web": {"port": free_port()},
        "connections": {"main": connection},
        **more,
    }
    (folder / "connector.yaml").write_text(yaml.safe_dump(whole), encoding="utf-8")


def packed(folder: Path, *options: str) -> dict[str, Any]:
    """What is in the file, JSON as values; whatever it is, it names nobody."""
    file = folder / "px.zip"
    file.unlink(missing_ok=True)
    done = CliRunner().invoke(app, ["diagnose", "--config", str(folder), "--out", str(file), *options])
    assert done.exit_code == 0, done.output
    assert file.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(file) as bundle:
        texts = {name: bundle.read(name).decode() for name in bundle.namelist()}
    for word in ("zanzibar", "jane", "doe", str(folder).casefold()):
        assert not [name for name, text in texts.items() if word in text.casefold()], word
    return {name: json.loads(text) if name.endswith(".json") else text for name, text in texts.items()}


def test_settings_that_are_wrong_are_told_by_line_and_not_by_word(tmp_path: Path) -> None:
    settings(tmp_path, **{JANE: 3})
    write_client(tmp_path, client_file("Zanzibar", targets={JANE: 3}))
    found = packed(tmp_path)
    assert {error["file"] for error in found["files.json"]["connector.yaml"]} == {"connector.yaml"}
    assert all(error["line"] for error in found["files.json"]["connector.yaml"])
    assert "settings.json" not in found
    assert "store.json" not in found


def test_nobody_else_can_read_it_while_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings(tmp_path)
    write, modes = zipfile.ZipFile.writestr, set[int]()

    def writestr(bundle: zipfile.ZipFile, *what: Any) -> None:
        modes.add((tmp_path / "px.zip").stat().st_mode & 0o777)
        write(bundle, *what)

    monkeypatch.setattr(zipfile.ZipFile, "writestr", writestr)
    packed(tmp_path)
    assert modes == {0o600}


def test_no_store_no_daemon_and_no_secret_there(tmp_path: Path) -> None:
    settings(tmp_path)
    found = packed(tmp_path)
    assert found["store.json"] == {"kind": "sqlite", "trouble": "there is none yet"}
    assert found["daemon.json"] == {"trouble": "ConnectError"}
    assert len(found["files.json"]["secrets"]) == 3
    assert found["settings.json"]["connections"]["main"]["private_key"] == {"stands in": "env"}
    assert not (tmp_path / "zanzibar.db").exists(), "looking makes none"


@pytest.mark.parametrize("revision", ["0008", "9999"])
def test_a_store_of_another_version_is_left_as_it_is(tmp_path: Path, revision: str) -> None:
    settings(tmp_path)

    async def make() -> None:
        store = await Store.open(f"sqlite:///{tmp_path}/zanzibar.db")
        async with store.begin() as tx:
            await tx.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")
        await store.close()

    asyncio.run(make())
    before = (tmp_path / "zanzibar.db").read_bytes()
    told = packed(tmp_path)["store.json"]
    assert told["tables"] == revision
    assert "rows" not in told
    assert (tmp_path / "zanzibar.db").read_bytes() == before


def test_what_is_no_database_says_so_without_its_name(tmp_path: Path) -> None:
    settings(tmp_path)
    (tmp_path / "zanzibar.db").write_bytes(b"Jane's letter " * 500)
    assert "database" in packed(tmp_path)["store.json"]["trouble"]


def test_a_log_for_people_is_left_out(tmp_path: Path) -> None:
    settings(tmp_path)
    log = tmp_path / "x.log"
    log.write_text(
        "2026-11-22 [info] started Jane Doe\n" + '{"event": "started", "web": "http://zanzibar"}\n'
    )
    assert packed(tmp_path, "--log", str(log))["log.jsonl"].count("\n") == 1
