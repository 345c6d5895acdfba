"""docs/logs.md is held to the source: every event we log, with its level and fields, and nothing else."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

from connector.history.bundle.contents import events
from tests.shared import ROOT

LEVELS = {"debug", "info", "warning", "error", "exception", "log"}
ANY = "info, warning, error"


def calls(file: Path) -> list[ast.Call]:
    """The calls of `log.warning` and its like in a source file."""
    text = file.read_text("utf-8")
    return [
        node
        for node in (ast.walk(ast.parse(text)) if "get_logger" in text else ())
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("log", "_log")
        and node.func.attr in LEVELS
    ]


@cache
def said() -> dict[str, tuple[str, set[str]]]:
    """Event -> (level, fields) of everything the source logs; the simulator is no part of the daemon."""
    found: dict[str, tuple[str, set[str]]] = {}
    fields: dict[str, set[str]] = defaultdict(set)
    for file in (ROOT / "connector").rglob("*.py"):
        if "simulator" in file.parts:
            continue
        for call in calls(file):
            method = call.func.attr  # type: ignore[attr-defined]
            message = call.args[1 if method == "log" else 0]
            assert isinstance(message, ast.Constant), f"{file}:{call.lineno}: an event is one fixed text"
            event = str(message.value)
            level = {"exception": "error", "log": ANY}.get(method, method)
            if found.get(event, (level,))[0] != level:
                level = ANY
            assert all(keyword.arg for keyword in call.keywords), f"{file}:{call.lineno}: fields by name"
            fields[event] |= {str(keyword.arg) for keyword in call.keywords}
            fields[event] |= {"trace"} if method == "exception" else set()
            found[event] = (level, fields[event])
    return found


def told() -> dict[str, tuple[str, set[str]]]:
    text = (ROOT / "docs" / "logs.md").read_text("utf-8")
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]*) \| ([^|]*)\| (.+) \|$", text, re.MULTILINE)
    assert len(rows) == len({event for event, *_ in rows}), "each event once"
    return {event: (level, {f for f in fields.strip().split(", ") if f}) for event, level, fields, _ in rows}


def test_every_event_is_on_the_page_with_its_level_and_fields() -> None:
    here, there = said(), told()
    missing = [f"| `{e}` | {here[e][0]} | {', '.join(sorted(here[e][1]))} | … |" for e in here.keys() - there]
    assert not missing, "add to docs/logs.md, with what to do:\n" + "\n".join(missing)
    assert not there.keys() - here.keys(), "not logged any more: take them out of docs/logs.md"
    assert {event: there[event] for event in here} == here


def test_diagnose_knows_them_all() -> None:
    assert said().keys() <= events()
