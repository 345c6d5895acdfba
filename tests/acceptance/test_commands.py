"""The command line as a user meets it: exit codes, what goes where, and errors that say what to do."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
import yaml

from tests.acceptance.command import px
from tests.kit import client_file, write_client
from tests.shared import shared

COMMANDS = ("demo", "run", "check", "assess", "classify", "explain", "simulate")
TICKET = {
    "id": "7",
    "opened_at": "2026-11-20T09:00:00Z",
    "priority": "P3",
    "events": [
        {
            "at": "2026-11-20T09:00:10Z",
            "type": "message",
            "actor": {"kind": "automation", "id": "bot"},
            "direction": "out",
            "channel": "email",
            "text": "We have received your request.",
        },
        {
            "at": "2026-11-20T09:42:30Z",
            "type": "message",
            "actor": {"kind": "staff", "id": "a4"},
            "direction": "out",
            "channel": "phone",
            "minutes": 6,
            "text": "Called: the switch in rack 4 is replaced.",
        },
    ],
}
AT = "2026-11-20T12:00:00Z"


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    return write_client(tmp_path, client_file("Acme Dental"))


def log_of(path: Path, *lines: object) -> Path:
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def test_version_and_help() -> None:
    assert px("--version").stdout.startswith("px-connector ")
    overview = px("--help")
    assert overview.returncode == 0
    assert all(name in overview.stdout for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    shown = px(command, "--help")
    assert shown.returncode == 0
    assert f"px-connector {command}" in shown.stdout


@pytest.mark.parametrize(
    "wrong",
    [
        ("assess",),
        ("assess", "nowhere.jsonl", "--policy", "nowhere.yaml"),
        ("nonsense",),
        ("simulate", "connectwise", "--fault", "gremlins=3"),
        ("demo", "--port", "70000"),
    ],
)
def test_wrong_usage_is_2(wrong: tuple[str, ...]) -> None:
    told = px(*wrong)
    assert told.returncode == 2
    assert told.stdout == ""
    assert "Traceback" not in told.stderr


def test_assess_prints_one_assessment_a_line(tmp_path: Path, policy: Path) -> None:
    log = log_of(tmp_path / "log.jsonl.gz", TICKET, TICKET | {"id": "8", "events": []})
    told = px("assess", log, "--policy", policy, "--at", AT, "--json")
    assert (told.returncode, told.stderr) == (0, "")
    first, second = map(json.loads, told.stdout.splitlines())
    response = first["buckets"]["response"]
    assert (response["state"], response["elapsed_min"], response["event"]) == ("met", 42.5, 1)
    assert first["flags"]["felt_response"] == 42
    assert [m["counts"] for m in first["messages"]] == [False, True]
    assert second["buckets"]["response"]["state"] == "missed"
    assert second["flags"]["felt_response"] is None


def test_assess_names_the_garbage_and_goes_on(tmp_path: Path, policy: Path) -> None:
    bad_event = TICKET | {"id": "9", "events": [{"at": "yesterday", "type": "message"}]}
    lines = (TICKET, "{not json", bad_event, {"opened_at": AT}, "[" * 100_000, TICKET | {"id": "10"})
    log = log_of(tmp_path / "log.jsonl", *lines)
    told = px("assess", log, "--policy", policy, "--at", AT, "--json")
    assert told.returncode == 1
    assert [json.loads(line)["id"] for line in told.stdout.splitlines()] == ["7", "10"]
    for place in (
        ":2: not JSON",
        ":3: events[0].at: expected ISO 8601",
        ":4: id: a ticket needs one",
        ":5: not JSON",
    ):
        assert place in told.stderr
    assert "4 of the lines could not be assessed" in told.stderr


def test_assess_for_a_person_is_a_table(tmp_path: Path, policy: Path) -> None:
    told = px("assess", log_of(tmp_path / "log.jsonl", TICKET), "--policy", policy, "--at", AT)
    assert told.returncode == 0
    assert "resplan" in told.stdout
    assert "100.0 %" in told.stdout


def test_assess_with_a_wrong_policy_says_where(tmp_path: Path, policy: Path) -> None:
    policy.write_text(policy.read_text().replace("1h", "1d", 1))
    told = px("assess", log_of(tmp_path / "log.jsonl", TICKET), "--policy", policy, "--json")
    assert (told.returncode, told.stdout) == (1, "")
    assert f"{policy}:" in told.stderr
    assert "hours" in told.stderr


def test_classify_says_who_and_what_and_whether_it_counts(tmp_path: Path) -> None:
    messages = log_of(
        tmp_path / "messages.jsonl",
        {"id": "a", "actor": {"kind": "staff", "id": "a4"}, "text": "The licence was expired, I renewed it."},
        {"id": "b", "actor": {"kind": "automation", "id": "bot"}, "text": "We have received your request."},
        {"id": "c", "text": 5},
        {
            "id": "d",
            "headers": {"Auto-Submitted": "auto-replied"},
            "subject": "Automatic reply",
            "text": "I am away.",
        },
    )
    told = px("classify", messages, "--json")
    assert told.returncode == 1
    assert ":3: text: expected text" in told.stderr
    found = {one["id"]: one for one in map(json.loads, told.stdout.splitlines())}
    assert (found["a"]["cause"], found["a"]["content"], found["a"]["counts"]) == ("human", "specific", True)
    assert (found["b"]["cause"], found["b"]["counts"]) == ("automated", False)
    assert (found["d"]["cause"], found["d"]["content"]) == ("automated", "absence")
    assert all(one["evidence"] for one in found.values())


def test_check_names_file_line_and_column(tmp_path: Path) -> None:
    good = px("check", "--config", "config", "--json")
    assert good.returncode == 0
    assert json.loads(good.stdout)["errors"] == []

    write_client(tmp_path, client_file("Acme Dental") | {"respnse": {}})
    settings = {
        "connections": {"main": {"vendor": "connectwise", "site": "psa.example.invalid", "company": "x"}}
    }
    keys = {name: {"env": "HOME"} for name in ("public_key", "private_key", "client_id")}
    settings["connections"]["main"] |= keys
    (tmp_path / "connector.yaml").write_text(yaml.safe_dump(settings))
    bad = px("check", "--config", tmp_path)
    assert bad.returncode == 1
    assert f"{tmp_path}/clients/acme.yaml:" in bad.stderr
    assert "respnse" in bad.stderr
    assert "response" in bad.stderr
    (error,) = json.loads(px("check", "--config", tmp_path, "--json").stdout)["errors"]
    assert error["line"] > 1
    assert error["column"] == 1


def test_run_without_settings_says_so(tmp_path: Path) -> None:
    told = px("run", "--config", tmp_path)
    assert told.returncode == 1
    assert "connector.yaml" in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.xdist_group("processes")
def test_demo_once_shows_the_table_and_the_flags_arrive() -> None:
    told = px("demo", "--once", "--port", "0")
    assert told.returncode == 0, told.stderr
    for words in (
        "PSA says",
        "customer felt",
        "3 h 12 min",
        "AT RISK",
        "closed automatically",
        "every one reads back",
    ):
        assert words in told.stdout
    assert "Traceback" not in told.stderr


if JIRA := shared("data", "ticket-logs", "vendor-support-jira.jsonl.gz"):

    @pytest.mark.xdist_group("processes")
    def test_every_ticket_of_the_support_log_gets_its_assessment(tmp_path: Path, policy: Path) -> None:
        text = gzip.decompress(JIRA[0].read_bytes()).splitlines(keepends=True)
        log = tmp_path / "log.jsonl"
        log.write_bytes(b"".join([*text[:5000], b"garbage\n", *text[5000:]]))
        told = px("assess", log, "--policy", policy, "--at", AT, "--json", timeout=300)
        assert told.returncode == 1
        assert f"{log}:5001: not JSON" in told.stderr
        assert len({json.loads(line)["id"] for line in told.stdout.splitlines()}) == 20_204
