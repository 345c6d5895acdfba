"""Everything as files, or what is of one client, with logs that are read back as they were."""

from __future__ import annotations

import gzip
import hashlib
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from connector.errors import ConfigError
from connector.model import Rating
from connector.store import assessments, audit, events, history, ratings, tickets
from connector.store.history import Change
from connector.store.ratings import Entry
from connector.store.store import Store
from connector.store.whole import rows
from connector.store.whole.export import export
from connector.ticketlog import read_log

from .filling import ROWS, fill
from .makers import CONN, T0, assessed, at, note, stored
from .test_audit import deed

FACTS = (
    note("note:1", 1, text="Ω \ud800 \n“x”"),
    Rating(at=at(9), key="rating:1", score=4.0, comment="fine"),
)


def read(folder: Path, name: str) -> list[Any]:
    with gzip.open(folder / name, "rt") as file:
        return [json.loads(line) for line in file]


async def two_clients(store: Store) -> None:
    async with store.begin() as tx:
        rows_of = [stored("1", client="Acme Ltd"), stored("2", client="Globex"), stored("3", client="?")]
        await tickets.put(tx, CONN, [*rows_of, stored("4", client="Acme Ltd", gone=True)])
        await events.merge(tx, CONN, [(id, fact) for id in "1234" for fact in FACTS])
        judged = [assessed("1"), assessed("4"), assessed("2", client="Globex")]
        await assessments.save(tx, CONN, judged)
        await history.record(tx, CONN, "1", [Change("zone", "", "red", "late", at(3))])
        await history.record(tx, CONN, "2", [Change("zone", "", "green", "Globex only", at(3))])
        pruned = Entry(conn=CONN, key="r", rating=FACTS[1], ticket_id="gone", client="Acme")  # type: ignore[arg-type]
        await ratings.keep(tx, [pruned])
        await audit.add(tx, deed(1))


async def test_every_row_of_every_table_is_a_line(store: Store, tmp_path: Path) -> None:
    async with store.begin() as tx:
        await fill(tx)
    written = {one.file: one for one in await export(store, tmp_path / "out", T0)}
    names = {f"tables/{one.name}.jsonl.gz" for one in rows.tables()}
    assert names <= written.keys()
    assert {written[name].lines for name in names} == {ROWS}
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["at"] == "2026-01-05T09:00:00Z"
    for one in manifest["files"]:
        file = tmp_path / "out" / one["file"]
        assert hashlib.sha256(file.read_bytes()).hexdigest() == one["sha256"]
        assert len(read(tmp_path / "out", one["file"])) == one["lines"]
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700
    with pytest.raises(ConfigError, match="is not empty"):
        await export(store, tmp_path / "out", T0)


async def test_logs_are_read_back_as_they_were(store: Store, tmp_path: Path) -> None:
    await two_clients(store)
    folder = tmp_path / "out"
    written = [one.file for one in await export(store, folder, T0)]
    assert [one for one in written if one.startswith("logs")] == [
        "logs/acme.jsonl.gz",
        "logs/globex.jsonl.gz",
        "logs/no-client.jsonl.gz",
    ]
    ((_, told),) = read_log(folder / "logs" / "acme.jsonl.gz")
    assert not isinstance(told, ValueError)
    async with store.read() as tx:
        before = (await tickets.load(tx, CONN, ["1"]))["1"].ticket
        timeline = (await events.timelines(tx, CONN, ["1"]))["1"]
    assert told == (before, timeline)
    line = read(folder, "tables/history.jsonl.gz")[0]
    assert (line["at"], line["reason"]) == ("2026-01-05T09:03:00Z", "late")
    assert read(folder, "tables/events.jsonl.gz")[0]["doc"]["key"] == "note:1"


async def test_one_clients_export_holds_nothing_of_others(store: Store, tmp_path: Path) -> None:
    await two_clients(store)
    written = {one.file: one.lines for one in await export(store, tmp_path / "out", T0, client="Acme")}
    assert {name: lines for name, lines in written.items() if lines} == {
        "logs/acme.jsonl.gz": 1,
        "tables/assessments.jsonl.gz": 2,
        "tables/events.jsonl.gz": 4,
        "tables/history.jsonl.gz": 1,
        "tables/ratings.jsonl.gz": 1,
        "tables/tickets.jsonl.gz": 2,
    }
    assert not {"tables/audit.jsonl.gz", "tables/cursors.jsonl.gz"} & written.keys()
    text = "".join(str(read(tmp_path / "out", name)) for name in written)
    assert "Globex" not in text
    with pytest.raises(ConfigError, match="no ticket of a client 'Nobody'"):
        await export(store, tmp_path / "nobody", T0, client="Nobody")
    assert not (tmp_path / "nobody").exists()
