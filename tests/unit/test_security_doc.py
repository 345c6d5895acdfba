"""The threat model names code and tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")


def test_everything_it_names_is_there() -> None:
    named = set(re.findall(r"`((?:connector|tests|fuzz|deploy|\.ci)/[\w./-]*|requirements[\w.-]*)`", PAGE))
    assert len(named) > 40
    assert [one for one in sorted(named) if not (ROOT / one).exists()] == []


def test_every_threat_has_its_code_and_its_test() -> None:
    threats = [
        line.split(" | ") for line in PAGE.splitlines() if line.startswith("| ") and line.count(" | ") == 3
    ]
    rows = [cells for cells in threats if "`connector/" in cells[2] or "`deploy/" in cells[2]]
    assert len(rows) > 12
    for _, _, code, test in rows:
        assert "`" in code
        assert re.search(r"`(tests|fuzz)/", test), test
