"""`classify` as a person or a script meets it: message files good, odd and broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.acceptance.kit import cli, lines, log_of
from tests.kit import client_file, write_client
from tests.shared import shared

LABELLED = shared("data", "messages", "labelled.jsonl")


def rules_alone(folder: Path) -> Path:
    """A client's file as it stands by itself."""
    return write_client(folder, {key: v for key, v in client_file("Acme Dental").items() if key != "match"})


MESSAGES = (
    {
        "id": "ack",
        "actor": {"kind": "automation"},
        "text": "Thank you for contacting us. We have received your request.",
    },
    {"id": "soon", "actor": {"kind": "staff"}, "text": "Hi, we'll be looking into this shortly."},
    {
        "id": "real",
        "actor": {"kind": "staff"},
        "text": "I replaced the toner in the second floor printer and printed a test page; it works now.",
    },
    {
        "id": "away",
        "direction": "in",
        "actor": {"kind": "contact"},
        "headers": {"auto-submitted": "auto-replied"},
        "text": "I am out of the office until Monday.",
    },
)


def test_classify_judges_a_line_each(tmp_path: Path) -> None:
    done = cli("classify", log_of(tmp_path, *MESSAGES), "--json")
    assert done.returncode == 0, done.stderr
    found = {row["id"]: row for row in lines(done.stdout)}
    assert list(found) == ["ack", "soon", "real", "away"]
    assert (found["ack"]["cause"], found["ack"]["counts"]) == ("automated", False)
    assert (found["soon"]["content"], found["soon"]["counts"]) == ("boilerplate", False)
    assert (found["real"]["cause"], found["real"]["content"], found["real"]["counts"]) == (
        "human",
        "specific",
        True,
    )
    assert (found["away"]["content"], found["away"]["counts"]) == ("absence", False)
    assert all(row["evidence"] for row in found.values())


def test_classify_names_a_garbage_line_and_goes_on(tmp_path: Path) -> None:
    log = log_of(tmp_path, MESSAGES[0], "{", {"id": "x"}, {"text": "y"}, MESSAGES[2])
    done = cli("classify", log, "--json")
    assert done.returncode == 1
    assert [row["id"] for row in lines(done.stdout)] == ["ack", "real"]
    for number in (2, 3, 4):
        assert f"{log}:{number}: " in done.stderr


def test_the_rules_of_a_client_change_what_counts(tmp_path: Path) -> None:
    policy = rules_alone(tmp_path)
    lenient = client_file("Acme Dental", response={"boilerplate": "counted"})
    path = write_client(tmp_path, {key: value for key, value in lenient.items() if key != "match"}, "lenient")
    log = log_of(tmp_path, MESSAGES[1])
    [strict] = lines(cli("classify", log, "--policy", policy, "--json").stdout)
    [relaxed] = lines(cli("classify", log, "--policy", path, "--json").stdout)
    assert (strict["counts"], relaxed["counts"]) == (False, True)


def test_an_unknown_direction_is_judged_and_never_counts(tmp_path: Path) -> None:
    said = {"actor": {"kind": "staff"}, "text": "I replaced the toner; it prints again."}
    rows = [
        {"id": "out", **said},
        {"id": "?", "direction": "unknown", **said},
        {"id": "null", "at": None, **said},
    ]
    done = cli("classify", log_of(tmp_path, *rows), "--json")
    assert done.returncode == 0, done.stderr
    found = lines(done.stdout)
    assert {(row["cause"], row["content"]) for row in found} == {("human", "specific")}
    assert [row["counts"] for row in found] == [True, False, True]


CANNED = (
    "This program is not part of the contract we have with you. "
    "Its vendor can be reached through the portal, your number is 4711."
)


def canned(number: int, **more: Any) -> dict[str, Any]:
    """The same answer, by the same person, on one ticket after another."""
    actor = {"kind": "staff", "id": "a1"}
    at = f"2026-01-05T09:{number:02}:00Z"
    return {"id": str(number), "ticket": number, "at": at, "actor": actor, "text": CANNED, **more}


def contents(tmp_path: Path, *rows: dict[str, Any]) -> list[str]:
    done = cli("classify", log_of(tmp_path, *rows), "--json")
    assert done.returncode == 0, done.stderr
    return [row["content"] for row in lines(done.stdout)]


def test_stock_texts_are_learnt_where_ticket_instant_and_author_are_known(tmp_path: Path) -> None:
    rows = [canned(number) for number in range(5)]
    assert contents(tmp_path, *rows) == ["specific"] * 3 + ["boilerplate"] * 2
    assert contents(tmp_path, *reversed(rows)) == ["boilerplate"] * 2 + ["specific"] * 3


def test_what_may_be_one_answer_sent_twice_or_two_peoples_teaches_nothing(tmp_path: Path) -> None:
    for missing in ({"ticket": None}, {"at": None}, {"actor": {"kind": "staff"}}, {"ticket": 1}):
        assert contents(tmp_path, *(canned(number, **missing) for number in range(5))) == ["specific"] * 5


def test_half_characters_and_a_terminals_commands_are_shown_as_text(tmp_path: Path) -> None:
    log = log_of(tmp_path, r'{"id": "\ud800", "text": "half"}', r'{"id": "\u001b[31mred", "text": "x"}')
    told, parsed = cli("classify", log), cli("classify", log, "--json")
    assert (told.returncode, parsed.returncode) == (0, 0), told.stderr + parsed.stderr
    assert "\x1b" not in told.stdout
    assert [row["id"] for row in lines(parsed.stdout)] == ["\ud800", "\x1b[31mred"]


def test_what_is_no_gzip_or_half_of_one_is_told_where_it_ends(tmp_path: Path) -> None:
    whole = log_of(
        tmp_path, *({"id": str(n), "text": f"x {n * 7919}"} for n in range(2000)), name="a.jsonl.gz"
    )
    (tmp_path / "half.jsonl.gz").write_bytes(whole.read_bytes()[:5000])
    (tmp_path / "none.jsonl.gz").write_text(json.dumps({"id": "1", "text": "x"}))
    half, none = (cli("classify", tmp_path / f"{name}.jsonl.gz", "--json") for name in ("half", "none"))
    assert (half.returncode, none.returncode) == (1, 1)
    read = len(lines(half.stdout))
    assert 0 < read < 2000
    assert f"half.jsonl.gz:{read + 1}: the file cannot be read from here on" in half.stderr
    assert "none.jsonl.gz:1: the file cannot be read from here on: Not a gzipped file" in none.stderr


if LABELLED:

    def test_every_labelled_message_is_classified() -> None:
        done = cli("classify", LABELLED[0], "--json")
        assert done.returncode == 0, done.stderr[-300:]
        ids = [json.loads(row)["id"] for row in LABELLED[0].read_text("utf-8").splitlines()]
        assert [row["id"] for row in lines(done.stdout)] == ids
