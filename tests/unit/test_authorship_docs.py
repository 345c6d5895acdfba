"""The worked examples of docs/response.md are what the code says."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.model import CHANNELS, Message
from connector.rules.authorship import counts, judge
from connector.rules.authorship.counting import NOTE_FIELDS
from connector.rules.authorship.judgement import Learnt
from connector.rules.authorship.rulings import Ruling, marks
from connector.rules.authorship.templates import gathered, sightings
from connector.rules.policy import ResponseRule
from tests.shared import ROOT
from tests.unit.authorship_kit import AT, message_of
from tests.unit.clients_kit import MINIMAL, policy

_PAGE = (ROOT / "docs" / "response.md").read_text(encoding="utf-8")
_LINES = _PAGE.splitlines()
EXAMPLES: list[dict[str, Any]] = [json.loads(line) for line in _LINES if line.startswith('{"message"')]


def _learnt(message: Message, example: dict[str, Any]) -> Learnt:
    """What the desk knows: `earlier` texts of the author, a ticket each, and a `ruling`."""
    seen = [
        sighting
        for number, text in enumerate(example.get("earlier", ()), 1)
        for sighting in sightings(str(number), [replace(message, text=text, at=AT - timedelta(days=number))])
    ]
    said = dict(example.get("ruling", {}))
    about = marks(said.pop("text")) if "text" in said else frozenset()
    rulings = [Ruling(**said, lines=about, by="Dana", at=AT)] if said else []
    return Learnt(gathered(seen), rulings)


def test_the_rules_of_the_page_pass_their_own_tests(tmp_path: Path) -> None:
    (block,) = _PAGE.split("```yaml\n")[1:]
    rule = policy(tmp_path, MINIMAL + block.partition("```")[0]).response
    assert [one.id for one in (*rule.never, *rule.count)] == ["integrations", "chasers", "long-calls"]


def test_the_page_names_every_key_of_a_note() -> None:
    assert [name for name in NOTE_FIELDS if f"`note.{name}`" not in _PAGE] == []


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
    verdict = judge(message, rule, ticket="this one", learnt=_learnt(message, example))
    found = {"cause": verdict.cause, "content": verdict.content, "counts": counts(message, verdict, rule)}
    assert found == example["is"]
