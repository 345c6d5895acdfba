"""`ratings import` and `ratings list` as somebody with an export of a survey tool uses them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from connector.cli import app
from tests.kit import client_file, office, write_client

HEAD = "id,ticket,score,at,comment,contact\n"
Ask = Callable[..., Result]

SMILEBACK = """ID,Rating,Comment,Rated On,Ticket Number,Company,Contact Email
1,Positive,"Quick,
and friendly",2026-11-02T10:00:00Z,101,Acme Dental,ann@acme.example
2,-1,,2026-11-03 09:30:00,102,Acme Dental,ben@acme.example
3,Sunny,,2026-11-03,103,Acme Dental,ben@acme.example
"""
SIMPLESAT = """Answer ID\tChoice\tSentiment\tComment\tCreated\tTicket External ID\tCustomer Email
9\t4\tpositive\tfine\t2026-11-02T10:00:00+01:00\t101\tann@acme.example
"""
CREWHU = """Date;Score;Feedback;Ticket #;Contact Email
02.11.2026 10:00;5;top;101;ann@acme.example
"""


def run(folder: Path, *words: str) -> Result:
    runner = CliRunner(env={"COLUMNS": "250", "NO_COLOR": "1", "KEY": "x"})
    return runner.invoke(app, ["ratings", *words, "--config", str(folder)])


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    keys = {key: {"env": "KEY"} for key in ("public_key", "private_key", "client_id")}
    main = {"vendor": "connectwise", "site": "psa.example.com", "company": "acme", **keys}
    settings = {"store": "sqlite:///px.db", "connections": {"main": main}}
    (tmp_path / "connector.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    write_client(tmp_path, client_file("Acme Dental", px={"own": ["our-msp.example"]}))

    def ask(command: str, text: str | bytes = "", *words: str) -> Result:
        if command == "list":
            return run(tmp_path, "list", *words)
        file = tmp_path / "export.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return run(tmp_path, "import", str(file), *words)

    return ask


def kept(ask: Ask, *words: str) -> list[dict[str, Any]]:
    done = ask("list", "", *words, "--json")
    assert done.exit_code == 0
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_an_export_is_previewed_then_brought_in_then_known(ask: Ask) -> None:
    preview = ask("import", SMILEBACK, "--source", "smileback", "--dry-run")
    assert preview.exit_code == 1
    assert "score is “Rating”" in preview.stdout
    assert "3 rows: 2 would be new, 0 known already, 1 refused" in preview.stdout
    assert "3 of 3" in preview.stdout
    assert kept(ask) == []
    done = ask("import", SMILEBACK, "--source", "smileback")
    assert done.exit_code == 1
    assert "row 4: score: expected a score of 3" in done.stderr
    assert "'Sunny'" in done.stderr
    assert "2 tickets are not known yet: 101, 102" in done.stdout
    first, second = kept(ask)
    assert (first["score"], first["scale"], first["comment"]) == (3, 3, "Quick,\nand friendly")
    assert (first["at"], first["contact"]) == ("2026-11-02T10:00:00Z", "ann@acme.example")
    assert (first["key"], first["verdict"]) == ("rating:SmileBack:1", "waiting")
    assert (second["score"], second["at"]) == (1, "2026-11-03T09:30:00Z")
    again = ask("import", SMILEBACK, "--source", "smileback", "--json")
    assert json.loads(again.stdout) | {"file": "", "columns": {}} == {
        "file": "",
        "connection": "main",
        "dry_run": False,
        "columns": {},
        "rows": 3,
        "new": 0,
        "known": 2,
        "unknown_tickets": ["101", "102"],
        "refused": json.loads(again.stdout)["refused"],
    }
    assert [one["row"] for one in json.loads(again.stdout)["refused"]] == [4]
    assert len(kept(ask)) == 2


def test_a_comment_that_came_later_is_added_on_the_next_import(ask: Ask) -> None:
    ask("import", HEAD + "7,101,2,2026-11-02T10:00:00Z,,ann@acme.example\n")
    done = ask("import", HEAD + "7,101,2,2026-11-05T10:00:00Z,Too slow,ann@acme.example\n")
    assert "1 rows: 1 new, 0 known already" in done.stdout
    (row,) = kept(ask)
    assert (row["comment"], row["at"]) == ("Too slow", "2026-11-02T10:00:00Z")


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        (SIMPLESAT, ["--source", "simplesat"], (4, 5, "SimpleSat", "2026-11-02T09:00:00Z")),
        (
            CREWHU,
            ["--source", "crewhu", "--date-format", "%d.%m.%Y %H:%M", "--timezone", "Europe/Berlin"],
            (5, 5, "Crewhu", "2026-11-02T09:00:00Z"),
        ),
        (
            "Note,Wann,Ticket\n9,2026-11-02T09:00:00Z,101\n",
            ["--scale", "10", "--column", "score=Note", "--column", "at=wann"],
            (9, 10, "file", "2026-11-02T09:00:00Z"),
        ),
        (
            HEAD + "1,101,1,2026-11-02T09:00:00Z,,\n",
            ["--best", "low"],
            (5, 5, "file", "2026-11-02T09:00:00Z"),
        ),
        (
            HEAD + "1,101,Great,2026-11-02T09:00:00Z,,\n",
            ["--word", "great=4.5"],
            (4.5, 5, "file", "2026-11-02T09:00:00Z"),
        ),
        (
            b"\xef\xbb\xbf" + HEAD.encode() + b"1,101,3,2026-11-02T09:00:00Z,,\n",
            [],
            (3, 5, "file", "2026-11-02T09:00:00Z"),
        ),
    ],
)
def test_every_tool_writes_in_its_own_way(
    ask: Ask, text: str | bytes, words: list[str], expected: tuple[Any, ...]
) -> None:
    done = ask("import", text, *words)
    assert (done.exit_code, done.stderr) == (0, "")
    (row,) = kept(ask)
    assert (row["score"], row["scale"], row["source"], row["at"]) == expected
    assert row["ticket"] == "101"
    assert "1 known already" in ask("import", text, *words).stdout


def test_ratings_without_a_ticket_are_a_clients_and_the_desks_own_are_refused(ask: Ask) -> None:
    text = "client,score,at,contact\nAcme Dental,5,2026-11-02T09:00:00Z,ann@acme.example\n"
    text += "Nobody Ltd,5,2026-11-02T09:00:00Z,\n,4,2026-11-03T09:00:00Z,jo@our-msp.example\n"
    done = ask("import", text, "--annual")
    assert done.exit_code == 1
    assert "row 3: client: no client's file is of 'Nobody Ltd'" in done.stderr
    assert "row 4: ticket: expected the PSA's ticket id" in done.stderr
    again = ask("import", text, "--annual", "--client", "acme dental")
    assert "1 new, 1 known already, 1 refused" in again.stdout
    assert [(row["verdict"], row["kind"]) for row in kept(ask)] == [
        ("counted", "annual"),
        ("refused", "annual"),
    ]
    (refused,) = kept(ask, "--refused")
    assert refused["why"] == "by the desk's own jo@our-msp.example"
    shown = ask("list", "", "--refused").stdout
    assert "refused" in shown
    assert "by the desk's own jo@our-msp.example" in shown


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        (
            "",
            [],
            "no column of scores (looked for: score): name it with --column score=HEADING; it has: nothing",
        ),
        ("a,b\n1,2\n", [], "it has: a, b"),
        (HEAD, ["--column", "at=Datum"], "has no column 'Datum'; it has: id, ticket, score, at"),
        (b"id,score,at\n\xff\xfe\x00", [], "is not UTF-8 text: save it as CSV UTF-8"),
        (HEAD, ["--connection", "other"], "name the connection with --connection: main"),
    ],
)
def test_a_file_that_cannot_be_used_says_what_to_do(
    ask: Ask, text: str | bytes, words: list[str], said: str
) -> None:
    done = ask("import", text, *words)
    assert done.exit_code == 1
    assert said in done.stderr
    assert kept(ask) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--column", "score"], "expected NAME=VALUE"),
        (["--column", "points=Note"], "'points' is no column"),
        (["--word", "great"], "expected NAME=VALUE"),
        (["--word", "great=many"], "expected points"),
        (["--word", "great=9"], "expected 0 to 5 points"),
        (["--scale", "0"], "expected 1 to 100 points"),
        (["--timezone", "Mars/Base"], "is no time zone"),
        (["--source", "tarot"], "tarot"),
    ],
)
def test_wrong_usage_ends_with_two(ask: Ask, words: list[str], said: str) -> None:
    done = ask("import", HEAD, *words)
    assert done.exit_code == 2
    assert said in " ".join(done.stderr.split())


def test_broken_rows_are_named_and_the_others_come_in(ask: Ask) -> None:
    rows = [
        "1,101,5,2026-11-02T09:00:00Z,fine,",
        "",
        "2,102",
        "3,103,5,02/11/2026,,",
        "4,,5,2026-11-02T09:00:00Z,,",
        "5,105,5,2031-01-01T00:00:00Z,,",
        "6,106,5,2026-11-02T09:00:00Z,,,,,surplus",
    ]
    done = ask("import", HEAD + "\n".join(rows) + "\n")
    told = done.stderr.splitlines()
    assert [line.partition(":")[0] for line in told] == ["row 4", "row 5", "row 6", "row 7"]
    assert "at: '' does not read as a date" in told[0]
    assert "ISO 8601; say --date-format otherwise" in told[1]
    assert [row["ticket"] for row in kept(ask)] == ["101", "106"]


def test_a_thousand_rows_twice_over_are_a_thousand(ask: Ask) -> None:
    text = HEAD + "".join(f"{n},{n % 400},5,2026-11-02T09:00:00Z,,c{n}\n" for n in range(1000))
    assert "1000 new" in ask("import", text).stdout
    assert "0 new, 1000 known already" in ask("import", text).stdout
    assert "950 older ones are left out" in ask("list").stdout
    assert len(kept(ask, "--limit", "5000")) == 1000


def test_an_empty_ledger_says_so(ask: Ask) -> None:
    assert ask("list").stdout == "no ratings\n"
    assert kept(ask, "--client", "Nobody") == []


async def test_what_is_imported_beside_the_running_daemon_is_on_the_tickets(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        await o.start()
        first, second = (o.world.open_ticket("Acme Dental", f"Printer {n}", text="No paper.") for n in (1, 2))
        await o.settle()
        file = tmp_path / "csat.csv"
        at = o.world.now().isoformat()
        file.write_text(f"{HEAD}1,{first},5,{at},top,\n2,{second},1,{at},slow,\n", encoding="utf-8")
        done = await asyncio.to_thread(run, tmp_path, "import", str(file))
        assert (done.exit_code, done.stderr) == (0, "")
        await o.poll()
        assert o.flags(first)["px"] == o.flags(second)["px"] == "50 % (n 2)"
        await asyncio.to_thread(run, tmp_path, "import", str(file))
        await o.poll()
        assert o.flags(first)["px"] == "50 % (n 2)"
        listed = await asyncio.to_thread(run, tmp_path, "list", "--client", "Acme Dental")
        assert listed.stdout.count("counted") == 2
        assert "“slow”" in listed.stdout
        runner = CliRunner(env={"COLUMNS": "250", "NO_COLOR": "1"})
        words = ["explain", str(first), "--config", str(tmp_path)]
        told = (await asyncio.to_thread(runner.invoke, app, words)).stdout
        assert "client PX: 50 % (n 2): 1 positive, 0 neutral, 1 negative; 95 % interval 9 to 91 %" in told
        assert "ratings from 80 % of their scale up are positive, up to 40 % negative" in told
        assert "sources: file 2" in told
        assert "rated 5 of 5 through file: “top”" in told
        assert "counted in PX" in told
