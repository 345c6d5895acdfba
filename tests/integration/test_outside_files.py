"""Addresses that climb out of their folder, logs that blow up, and lists that a spreadsheet would run."""

from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path

import pytest

from connector.history.annual import _ADDRESS
from connector.ticketlog import files, read_lines
from fuzz._asgi import ask
from tests.integration.web_kit import kit

AWAY = (
    "../app.py",
    "%2e%2e/app.py",
    "..%2fapp.py",
    "..\\app.py",
    "%2e%2e%5capp.py",
    "/etc/passwd",
    "//etc/passwd",
)
AWAY += ("css/../../app.py", "....//app.py", "board.css/../../app.py", "board.css%00.py", "\ufffd", ".", "")


async def test_only_what_lies_in_the_folder_is_served(tmp_path: Path) -> None:
    async with kit(tmp_path) as web:
        assert (await web.client.get("/static/board.css")).status_code == 200
        for path in AWAY:
            raw = f"/static/{path}"
            for sent in (
                raw,
                raw.replace("%2e", ".").replace("%2f", "/").replace("%5c", "\\").replace("%00", "\0"),
            ):
                answer = await ask(web.app, "GET", sent, headers=[("host", b"localhost")])
                assert answer.status in (400, 404, 405), sent
                assert b"import" not in answer.body
                assert b"root:" not in answer.body


def test_a_log_that_blows_up_is_read_in_bounded_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LINE_LIMIT", 1_000_000)
    bomb = tmp_path / "bomb.jsonl.gz"
    with gzip.open(bomb, "wb", compresslevel=1) as out:
        for _ in range(60):
            out.write(b"a" * 1_000_000)
        out.write(b"\n{}\n")
    tracemalloc.start()
    try:
        (_, first), (_, second) = list(read_lines(bomb))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert bomb.stat().st_size < 1_000_000
    assert isinstance(first, ValueError)
    assert second == "{}"
    assert peak < 8_000_000


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "|", "%", "'", '"', ";", ","])
def test_no_cell_of_a_list_of_links_is_a_formula(begins: str) -> None:
    """The one CSV we write holds mail addresses and our own links."""
    assert _ADDRESS.fullmatch("a@acme.example")
    assert not _ADDRESS.fullmatch(f"{begins}a@acme.example")
    assert not _ADDRESS.fullmatch(f"a@acme.example{begins}x")
