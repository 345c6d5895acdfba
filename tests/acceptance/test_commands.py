"""The command as a person or a script meets it: help, wrong usage, `check` and `assess`."""

from __future__ import annotations

import gzip
import json
import subprocess
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from connector import __version__
from tests.acceptance.kit import COMMAND, cli, environment, lines, log_of
from tests.kit import client_file, write_client
from tests.shared import ROOT, shared

JIRA = shared("data", "ticket-logs", "vendor-support-jira.jsonl.gz")
ALONE = client_file("Acme Dental")


# ── help and usage ────────────────────────────────────────────────────────────────────────────


def test_version_and_help() -> None:
    version = cli("--version")
    assert (version.returncode, version.stdout.strip()) == (0, f"px-connector {__version__}")
    told = cli("--help")
    assert told.returncode == 0
    for command in ("demo", "run", "check", "assess", "classify", "explain", "simulate", "calendar"):
        assert f" {command} " in told.stdout


@pytest.mark.parametrize(
    "command",
    [
        *("demo", "run", "check", "assess", "classify", "explain", "simulate"),
        *("rule", "learn", "calendar", "ratings"),
    ],
)
def test_every_command_tells_how_it_is_used(command: str) -> None:
    told = cli(command, "--help")
    assert told.returncode == 0
    assert "Usage:" in told.stdout
    assert f"px-connector {command}" in told.stdout


@pytest.mark.parametrize(
    "words",
    [
        ["fly"],
        ["run", "--config"],
        ["check", "--config", "/nowhere/at/all"],
        ["assess"],
        ["assess", "/nowhere.jsonl", "--policy", "/nowhere.yaml"],
        ["classify", "--json"],
        ["explain"],
        ["simulate", "connectwise", "--fault", "gravity=1"],
        ["simulate", "notes-and-paper"],
        ["demo", "--port", "99999"],
    ],
)
def test_wrong_usage_exits_with_2_and_says_what_is_wrong(words: list[str]) -> None:
    done = cli(*words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Error" in done.stderr
    assert "Traceback" not in done.stderr


# ── check ─────────────────────────────────────────────────────────────────────────────────────


def test_the_example_configuration_is_fine() -> None:
    done = cli("check", "--config", ROOT / "config")
    assert done.returncode == 0, done.stderr
    assert "everything is fine" in done.stdout
    document = cli("check", "--config", ROOT / "config", "--json")
    assert document.returncode == 0
    [found] = lines(document.stdout)
    assert (found["clients"], found["errors"]) == (2, [])


BROKEN = """client: Acme Dental
match: {connection: main, companies: [Acme Dental]}
calendar:
  timezone: Europe/Londn
targets:
  "*": {response: 1d}
"""

SECRET_INSIDE = """connections:
  main:
    vendor: connectwise
    site: psa.example.com
    company: bright
    public_key: s3cr3t-written-here
    private_key: {env: NOBODY_SET_THIS}
    client_id: {env: NOR_THIS}
"""


def broken_config(folder: Path) -> Path:
    config = folder / "config"
    config.mkdir()
    (config / "connector.yaml").write_text(SECRET_INSIDE, encoding="utf-8")
    write_client(config, BROKEN, "acme")
    write_client(config, client_file("Globex", "elsewhere"))
    return config


def test_a_broken_configuration_is_told_line_by_line(tmp_path: Path) -> None:
    config = broken_config(tmp_path)
    done = cli("check", "--config", config)
    assert done.returncode == 1
    acme = config / "clients" / "acme.yaml"
    assert f"{acme}:4:13: " in done.stderr
    assert "Europe/London" in done.stderr, "it says what was meant"
    assert f"{acme}:6:19: " in done.stderr
    assert f"{config / 'connector.yaml'}:6:17: " in done.stderr
    assert "s3cr3t" not in done.stderr + done.stdout
    assert "3 errors" in done.stdout


def test_json_is_one_document_and_nothing_else(tmp_path: Path) -> None:
    config = broken_config(tmp_path)
    done = cli("check", "--config", config, "--json")
    assert done.returncode == 1
    [found] = lines(done.stdout)
    places = {(Path(e["file"]).name, e["line"], e["column"]) for e in found["errors"]}
    assert {("acme.yaml", 4, 13), ("acme.yaml", 6, 19), ("connector.yaml", 6, 17)} <= places
    assert all(error["message"] for error in found["errors"])
    assert "s3cr3t" not in done.stdout


def test_a_client_of_an_unknown_connection_and_two_for_one_company(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.mkdir()
    text = (ROOT / "config" / "connector.yaml").read_text("utf-8")
    (config / "connector.yaml").write_text(text, encoding="utf-8")
    write_client(config, client_file("Acme Dental", "mian"))
    both = {"connection": "main", "companies": ["Globex"]}
    write_client(config, client_file("Globex", match=both), "one")
    write_client(config, client_file("Globex North", match=both), "two")
    done = cli("check", "--config", config)
    assert done.returncode == 1
    assert "no connection 'mian'" in done.stderr
    assert "'main'" in done.stderr
    assert "two.yaml" in done.stderr
    assert "one.yaml" in done.stderr


@pytest.mark.parametrize("text", ["", "connections: [", "- a\n- b\n", "\x00", "connections: {}\n", "a: 1\n"])
def test_whatever_stands_in_connector_yaml_is_an_error_not_a_crash(tmp_path: Path, text: str) -> None:
    (tmp_path / "connector.yaml").write_text(text, encoding="utf-8")
    done = cli("check", "--config", tmp_path)
    assert done.returncode == 1
    assert "connector.yaml" in done.stderr
    assert "Traceback" not in done.stderr


def test_run_names_every_mistake_of_its_settings_and_does_not_start(tmp_path: Path) -> None:
    done = cli("run", "--config", broken_config(tmp_path))
    assert done.returncode == 1
    assert "connector.yaml:6:17: " in done.stderr
    assert "s3cr3t" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_run_with_a_secret_nobody_set_says_which_and_where() -> None:
    done = cli("run", "--config", ROOT / "config")
    assert done.returncode == 1
    assert "CW_PUBLIC_KEY is not set" in done.stderr
    assert "connector.yaml:" in done.stderr
    assert "Traceback" not in done.stderr


# ── assess ────────────────────────────────────────────────────────────────────────────────────


def ticket(id: str, *events: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    opened = "2026-01-05T09:00:00Z"
    asked = {
        "at": opened,
        "type": "message",
        "actor": {"kind": "contact"},
        "direction": "in",
        "text": "It prints nothing.",
    }
    return {
        "id": id,
        "client": "Acme",
        "opened_at": opened,
        "status": "New",
        "events": [asked, *events],
        **more,
    }


ANSWER = {
    "at": "2026-01-05T09:42:30Z",
    "type": "message",
    "actor": {"kind": "staff", "id": "a4"},
    "direction": "out",
    "channel": "phone",
    "text": "Called: the cable was loose, it prints again.",
}


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    return write_client(tmp_path, {key: value for key, value in ALONE.items() if key != "match"})


@pytest.mark.parametrize("name", ["log.jsonl", "log.jsonl.gz"])
def test_assess_answers_line_by_line(tmp_path: Path, policy: Path, name: str) -> None:
    log = log_of(tmp_path, ticket("1", ANSWER), ticket("2"), name=name)
    done = cli("assess", log, "--policy", policy, "--at", "2026-01-05T12:00:00Z", "--json")
    assert done.returncode == 0, done.stderr
    first, second = lines(done.stdout)
    assert first["id"] == "1"
    assert first["at"] == "2026-01-05T12:00:00Z"
    assert first["buckets"]["response"]["state"] == "met"
    assert first["buckets"]["response"]["elapsed_min"] == 42.5
    assert first["buckets"]["response"]["event"] == 1
    assert second["buckets"]["response"]["state"] == "missed"
    assert second["flags"]["at_risk"] == "Yes"
    assert (first["flags"]["felt_response"], second["flags"]["felt_response"]) == (42, None)
    assert [message["counts"] for message in first["messages"]] == [False, True]


def test_a_garbage_line_is_named_with_its_reason_and_the_rest_go_on(tmp_path: Path, policy: Path) -> None:
    rows = [
        ticket("1"),
        '{"id": "2", "opened_at": ',
        "",
        '["not", "a", "ticket"]',
        {"id": "5"},
        ticket("6", {**ANSWER, "at": "yesterday"}),
        ticket("7", ANSWER),
        "[" * 100_000,
    ]
    log = log_of(tmp_path, *rows)
    done = cli("assess", log, "--policy", policy, "--at", "2026-01-05T12:00:00Z", "--json")
    assert done.returncode == 1
    assert [row["id"] for row in lines(done.stdout)] == ["1", "7"]
    for number, word in ((2, "JSON"), (4, "object"), (5, "opened_at"), (6, "ISO 8601"), (8, "JSON")):
        said = [line for line in done.stderr.splitlines() if f"{log}:{number}: " in line]
        assert len(said) == 1, (number, done.stderr)
        assert word in said[0]
    assert "5 of the lines could not be assessed" in done.stderr
    assert "Traceback" not in done.stderr


def test_assess_without_json_is_a_table(tmp_path: Path, policy: Path) -> None:
    log = log_of(tmp_path, ticket("1", ANSWER), ticket("2"))
    done = cli("assess", log, "--policy", policy, "--at", "2026-01-05T12:00:00Z")
    assert done.returncode == 0
    assert "2 tickets under the rules of Acme Dental" in done.stdout
    assert "50.0 %" in done.stdout


def test_a_policy_with_a_mistake_is_told_at_its_line(tmp_path: Path) -> None:
    done = cli("assess", log_of(tmp_path, ticket("1")), "--policy", write_client(tmp_path, BROKEN), "--json")
    assert done.returncode == 1
    assert "client.yaml:4:13: " in done.stderr
    assert done.stdout == ""


def test_a_log_is_read_twice_so_a_pipe_is_refused_instead_of_found_empty(policy: Path) -> None:
    done = subprocess.run(
        [COMMAND, "assess", "/dev/stdin", "--policy", policy],
        input=json.dumps(ticket("1")),
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
    )
    assert done.returncode == 2
    assert "must be a file and not a pipe" in done.stderr


def test_a_time_without_an_offset_is_wrong_usage(tmp_path: Path, policy: Path) -> None:
    log = log_of(tmp_path, ticket("1"))
    done = cli("assess", log, "--policy", policy, "--at", "2026-01-05T12:00:00")
    assert done.returncode == 2


if JIRA:

    def test_every_ticket_of_a_real_log_is_assessed_whatever_stands_between(
        tmp_path: Path, policy: Path
    ) -> None:
        log = JIRA[0]
        with gzip.open(log, "rt", encoding="utf-8") as stream:
            ids = [json.loads(line)["id"] for line in stream]
        assert len(ids) == 20_204
        whole = cli("assess", log, "--policy", policy, "--at", "2026-11-20T12:00:00Z", "--json")
        assert whole.returncode == 0, whole.stderr[-500:]
        found = lines(whole.stdout)
        assert [row["id"] for row in found] == ids
        states = Counter(row["buckets"]["response"]["state"] for row in found)
        assert states["met"] > 0
        assert states["missed"] > 0

        with gzip.open(log, "rt", encoding="utf-8") as stream:
            some = [next(stream).rstrip("\n") for _ in range(1500)]
        some[999] = some[999][:40]
        spoilt = log_of(tmp_path, *some)
        done = cli("assess", spoilt, "--policy", policy, "--at", "2026-11-20T12:00:00Z", "--json")
        assert done.returncode == 1
        assert [row["id"] for row in lines(done.stdout)] == ids[:999] + ids[1000:1500]
        assert f"{spoilt}:1000: " in done.stderr


def test_a_reader_that_goes_away_is_no_crash(tmp_path: Path, policy: Path) -> None:
    log = log_of(tmp_path, *(ticket(str(number)) for number in range(3000)))
    with subprocess.Popen(
        [COMMAND, "assess", log, "--policy", policy, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
        assert process.wait(30) == 1
