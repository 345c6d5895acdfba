"""The audit of what is locked: found fails, unknown is said, and not looked up is never called fine."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

FILE = Path(__file__).parents[2] / ".ci" / "audit.py"
GOOD = {"name": "httpx", "version": "0.28.1", "vulns": []}
BAD = {"name": "jinja2", "version": "2.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.1.6"]}]}
UNKNOWN = {"name": "rich", "skip_reason": "Dependency not found"}


@pytest.fixture
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit_of_locks", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("found", "code", "said"),
    [
        ([GOOD], 0, "1 packages looked up\n"),
        ([GOOD, UNKNOWN], 0, "1 packages looked up, 1 unknown to the service\n"),
        ([GOOD, BAD], 1, "VULNERABLE: jinja2 2.0: PYSEC-1, mended in 3.1.6\n"),
        ([UNKNOWN], 0, "NOT DONE, the advisory service cannot be used here (the service knows none"),
        ([], 0, "NOT DONE"),
    ],
)
def test_only_what_is_found_fails(
    audit: ModuleType, capsys: pytest.CaptureFixture[str], found: list[dict[str, Any]], code: int, said: str
) -> None:
    assert audit.tell(found, "the service knows none of them") == code
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            SimpleNamespace(stdout="", stderr="Traceback\nConnectionError: no name"),
            "ConnectionError: no name",
        ),
        (SimpleNamespace(stdout="[]", stderr=""), "no answer"),
        (subprocess.TimeoutExpired("pip_audit", 120), "no answer within 120 s"),
    ],
)
def test_a_service_that_does_not_answer_is_said(
    audit: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: Any,
    said: str,
) -> None:
    asked: list[list[str]] = []

    def run(command: list[str], **_given: Any) -> Any:
        asked.append(command)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(sys, "argv", ["audit.py"])
    assert audit.main() == 0
    assert f"NOT DONE, the advisory service cannot be used here ({said})" in capsys.readouterr().out
    locks = [part for part in asked[0] if part.endswith(".lock")]
    assert {Path(lock).name for lock in locks} >= {
        "requirements.lock",
        "requirements-postgres.lock",
        "requirements-dev.lock",
    }
