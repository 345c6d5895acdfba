"""`assess LOG` judges each ticket with the stock texts of the log itself, whatever the order of its lines."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connector.cli import app
from tests.unit.clients_kit import MINIMAL, write

T0 = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
CANNED = (
    "We have looked at the report and it lies outside of what the contract covers. "
    "The vendor of the program can be reached through the portal they gave to you."
)


def ticket(number: int, **more: Any) -> dict[str, Any]:
    at = T0 + timedelta(days=number)
    answer = {"at": (at + timedelta(minutes=9)).isoformat(), "type": "message", "direction": "out"}
    answer |= {"actor": {"kind": "staff", "id": "a1"}, "text": f"Hello Nr{number},\n\n{CANNED}"}
    return {"id": f"T{number}", "opened_at": at.isoformat(), "priority": "P3", "events": [answer], **more}


@pytest.mark.parametrize("order", [1, -1])
def test_the_log_teaches_itself(tmp_path: Path, order: int) -> None:
    rating = {"at": T0.isoformat(), "score": 5, "scale": 5}
    tickets = [ticket(number, ratings=[rating]) for number in range(5)][::order]
    bare = {**ticket(9), "events": [{**ticket(9)["events"][0], "text": None, "chars": 9}]}
    lines = [
        *map(json.dumps, [*tickets, bare]),
        '{"text": "out", "direction":"out"',
        "[" * 99_999 + '"text" "out"',
    ]
    log = tmp_path / "log.jsonl"
    log.write_text("\n".join(lines), encoding="utf-8")
    given = ["assess", str(log), "--policy", str(write(tmp_path, MINIMAL)), "--at", "2026-02-01T00:00:00Z"]
    result = CliRunner().invoke(app, [*given, "--json"])
    assert result.exit_code == 1  # two lines are no tickets
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    content = {answer["id"]: answer["messages"][0]["content"] for answer in answers}
    assert content == {
        **dict.fromkeys(("T0", "T1", "T2", "T9"), "specific"),
        **dict.fromkeys(("T3", "T4"), "boilerplate"),
    }
    assert {answer["flags"]["px"] for answer in answers} == {answers[0]["flags"]["px"]}
