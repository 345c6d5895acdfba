"""The worked examples of docs/response.md are what the code says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connector.model import CHANNELS
from connector.rules.authorship import counts, judge
from connector.rules.policy import ResponseRule
from tests.shared import ROOT
from tests.unit.authorship_kit import message_of

_LINES = (ROOT / "docs" / "response.md").read_text(encoding="utf-8").splitlines()
EXAMPLES: list[dict[str, Any]] = [json.loads(line) for line in _LINES if line.startswith('{"message"')]


def test_the_page_has_examples() -> None:
    assert len(EXAMPLES) >= 15


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e["message"].get("text", "")[:40])
def test_example(example: dict[str, Any]) -> None:
    settings = {
        name: frozenset(value) if name == "machines" else tuple(value) if isinstance(value, list) else value
        for name, value in example.get("rule", {}).items()
    }
    rule = ResponseRule(channels=frozenset(CHANNELS), **settings)
    message = message_of(**example["message"])
    verdict = judge(message, rule)
    found = {"cause": verdict.cause, "content": verdict.content, "counts": counts(message, verdict, rule)}
    assert found == example["is"]
