"""`backtest` as somebody uses it before a rule is changed: on a log, on a store, with a budget."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from connector.cli import app
from connector.store import assessments, errands, tickets
from connector.store.errands import Errand
from tests.kit import client_file, office, write_client
from tests.shared import shared
from tests.statement_kit import RULES, line, usual

STRICT = RULES.replace("response: 1h", "response: 15m")


def run(*words: str | Path) -> Result:
    return CliRunner(env={"COLUMNS": "250", "NO_COLOR": "1"}).invoke(app, [str(word) for word in words])


def written(folder: Path, **rules: str) -> list[Path]:
    files = []
    for name, text in rules.items():
        files.append(folder / f"{name}.yaml")
        files[-1].write_text(text, encoding="utf-8")
    return files


def log_of(folder: Path, lines: list[dict[str, Any]], *more: str) -> Path:
    log = folder / "log.jsonl"
    log.write_text("".join(json.dumps(one) + "\n" for one in lines) + "".join(more), encoding="utf-8")
    return log


def document(*words: str | Path) -> dict[str, Any]:
    made = run("backtest", *words, "--json")
    assert made.exit_code == 0, made.output
    return dict(json.loads(made.stdout))


def test_two_policies_on_a_log_and_what_is_different(tmp_path: Path) -> None:
    log = log_of(tmp_path, usual())
    old, new = written(tmp_path, old=RULES, new=STRICT)
    found = document(log, "--policy", new, "--against", old)
    (report,) = found["reports"]
    assert (found["source"], report["client"], report["tickets"]) == ("log.jsonl", "Acme Dental", 4)
    assert report["until"] == "2026-10-29T08:00:00Z"  # the log's last fact: nobody knows what came then
    assert (report["policy"]["file"], report["against"]["file"]) == ("new.yaml", "old.yaml")
    assert [report[side]["buckets"]["response"]["missed"] for side in ("against", "policy")] == [1, 2]
    assert report["policy"]["felt"] == {"n": 3, "median_min": 30.0, "p90_min": 120.0}
    assert [one["id"] for one in report["changed"]["first"]] == ["1001"]
    assert report["changed"]["moves"] == [
        {"bucket": "response", "against": "met", "policy": "missed", "tickets": 1}
    ]
    assert report["policy"]["alerts"]["most_at"]["engineer"] == "dana"


def test_one_policy_alone_has_nothing_to_compare_with(tmp_path: Path) -> None:
    log, (rules,) = log_of(tmp_path, usual()), written(tmp_path, acme=RULES)
    (report,) = document(log, "--policy", rules)["reports"]
    assert (report["against"], report["changed"]) == (None, None)
    (later,) = document(log, "--policy", rules, "--at", "2026-11-20T00:00:00Z")["reports"]
    missed = [one["policy"]["buckets"]["response"]["missed"] for one in (report, later)]
    assert missed == [1, 2]  # the one that is open at the end of the log


def test_a_policy_against_itself_changes_nothing(tmp_path: Path) -> None:
    log, (rules,) = log_of(tmp_path, usual()), written(tmp_path, acme=RULES)
    made = run("backtest", log, "--policy", rules, "--against", rules)
    assert made.exit_code == 0
    assert "No ticket has another verdict." in made.stdout


def test_the_last_answers_are_those_of_assess(tmp_path: Path) -> None:
    log, (rules,) = log_of(tmp_path, usual()), written(tmp_path, acme=RULES)
    (report,) = document(log, "--policy", rules)["reports"]
    judged = run("assess", log, "--policy", rules, "--at", report["until"], "--json")
    states = Counter(
        (name, clock["state"])
        for one in map(json.loads, judged.stdout.splitlines())
        for name, clock in one["buckets"].items()
    )
    for name, said in report["policy"]["buckets"].items():
        undecided = sum(states[name, state] for state in ("running", "paused", "waiting"))
        told = (said["met"], said["missed"], said["undecided"])
        assert told == (states[name, "met"], states[name, "missed"], undecided)


def test_the_tables_say_what_a_person_asks(tmp_path: Path) -> None:
    log = log_of(tmp_path, [*usual(), line(1005, "08 09:00", url="[bold]x")])
    old, new = written(tmp_path, old=RULES, new=STRICT)
    made = run("backtest", log, "--policy", new, "--against", old)
    assert made.exit_code == 0, made.output
    rows = [[cell.strip() for cell in row.split("│")[1:-1]] for row in made.stdout.splitlines()]
    assert ["response", "2", "3", "+1"] in rows
    assert ["per cent", "50.0", "75.0", "+25.0"] in rows
    assert ["felt response, half of them within", "30 min", "30 min", "="] in rows
    assert "1 tickets have another verdict. response met → missed: 1." in made.stdout
    assert any(row[:3] == ["1001", "response", "met → missed"] for row in rows)
    assert ["20.0 %", "1 of 5"] not in rows  # every ticket has a message
    assert any(row[:2] == ["40.0 %", "2 of 5"] and "no status change" in row[2] for row in rows)
    assert "Not replayed: the learnt chance of a miss" in made.stdout


def test_a_noise_budget_that_is_exceeded_is_named_and_fails(tmp_path: Path) -> None:
    log = log_of(tmp_path, usual())
    tight, wide, old = written(
        tmp_path,
        tight=RULES + "noise: {alerts_per_engineer_day: 1, writes_per_hour: 1}\n",
        wide=RULES + "noise: {alerts_per_engineer_day: 9, writes_per_hour: 99}\n",
        old=RULES,
    )
    made = run("backtest", log, "--policy", tight, "--json")
    assert made.exit_code == 1
    assert "noise.alerts_per_engineer_day: more than one in ten engineer days" in made.stderr
    assert "noise.writes_per_hour: the busiest hour, 2026-10-" in made.stderr
    over = json.loads(made.stdout)["reports"][0]["over_budget"]
    assert [(one["budget"], one["allowed"]) for one in over] == [
        ("alerts_per_engineer_day", 1.0),
        ("writes_per_hour", 1.0),
    ]
    assert run("backtest", log, "--policy", wide).exit_code == 0
    assert run("backtest", log, "--policy", old, "--against", tight).exit_code == 0  # old's has none


def test_a_line_that_cannot_be_read_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    odd = json.dumps({"id": "9", "opened_at": "2026-10-01T09:00:00"})
    log = log_of(tmp_path, usual(), "{broken\n", odd + "\n")
    (rules,) = written(tmp_path, acme=RULES)
    made = run("backtest", log, "--policy", rules, "--json")
    assert made.exit_code == 1
    assert "log.jsonl:5: " in made.stderr
    assert "log.jsonl:6: opened_at" in made.stderr
    (report,) = json.loads(made.stdout)["reports"]
    assert (report["tickets"], report["unreadable"]) == (4, 2)


def test_several_processes_find_what_one_finds(tmp_path: Path) -> None:
    lines = [
        line(number, f"{1 + number % 28:02} 09:00", f"{1 + number % 28:02} {9 + number % 3:02}:20")
        for number in range(450)
    ]
    log = tmp_path / "log.jsonl.gz"
    with gzip.open(log, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(one) + "\n" for one in lines)
    old, new = written(tmp_path, old=RULES, new=STRICT)
    words = (log, "--policy", new, "--against", old, "--processes")
    alone, together = (document(*words, number) for number in ("1", "2"))
    assert alone["reports"][0]["changed"]["tickets"] == 107  # a third of them, but for weekends
    assert together == alone


def test_an_empty_log_is_told_in_figures(tmp_path: Path) -> None:
    log, (rules,) = log_of(tmp_path, []), written(tmp_path, acme=RULES)
    assert "0 tickets" in run("backtest", log, "--policy", rules, "--against", rules).stdout


def test_wrong_usage_says_what_to_do(tmp_path: Path) -> None:
    log, (rules, wrong) = log_of(tmp_path, usual()), written(tmp_path, acme=RULES, wrong="client: [\n")
    for words, code, said in (
        ((), 2, "give a ticket log, or --config"),
        ((log,), 2, "needs the rules"),
        ((log, "--policy", rules, "--config", tmp_path), 2, "give a ticket log, or --config"),
        ((log, "--policy", rules, "--client", "Acme"), 2, "goes with --config"),
        ((log, "--policy", rules, "--from-psa"), 2, "goes with --config"),
        (("--config", tmp_path, "--days", "9"), 2, "goes with --from-psa"),
        ((log, "--policy", rules, "--at", "yesterday"), 2, "--at"),
        ((log, "--policy", wrong), 1, "wrong.yaml:"),
    ):
        made = run("backtest", *words)
        assert (made.exit_code, said in made.output) == (code, True), made.output


def test_the_help_has_examples() -> None:
    assert "px-connector backtest tickets.jsonl.gz --policy acme.yaml" in run("backtest", "--help").stdout


async def test_the_store_is_replayed_as_the_daemon_judged_it(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        write_client(tmp_path, client_file("Acme Dental"))
        await o.start()
        answered, silent, gone, ours = (
            o.world.open_ticket("Acme Dental", f"Printer {number}", text="It prints nothing at all.")
            for number in range(4)
        )
        await o.settle()
        await o.later(minutes=20)
        o.world.post(answered, "jreed", "Your driver was too old; I have put the new one on, print again.")
        await o.settle()
        await o.later(hours=30)
        now = o.world.now()
        mine = Errand(conn="main", mark="px-1", kind="ticket", client="Acme Dental", text="", since=now)
        async with o.connector.store.begin() as tx:
            await tickets.mark_gone(tx, "main", [str(gone)], now)
            await errands.owe(tx, [mine])
            await errands.done(tx, "main", "px-1", str(ours))
            last = await assessments.load(tx, "main", [str(answered), str(silent)])
        await o.stop()
    words = ("--config", tmp_path, "--client", "acme dental", "--at", now.isoformat())
    with ThreadPoolExecutor(1) as pool:  # the command has a loop of its own
        found = pool.submit(document, *words).result()
        wrong = pool.submit(run, "backtest", "--config", tmp_path, "--client", "Umbrella").result()
        (strict,) = written(tmp_path, strict=STRICT)
        ours_too = ("--config", tmp_path, "--at", now.isoformat(), "--against", strict)
        both = pool.submit(document, *ours_too).result()
        other = pool.submit(document, *ours_too, "--policy", strict).result()
    (report,) = found["reports"]
    assert (found["source"], report["client"], report["tickets"]) == ("store", "Acme Dental", 2)
    for name, said in report["policy"]["buckets"].items():
        clocks = [doc["buckets"][name]["state"] for doc in last.values() if name in doc["buckets"]]
        assert (said["met"], said["missed"]) == (clocks.count("met"), clocks.count("missed"))
    assert report["policy"]["digest"] == next(iter(last.values()))["policy"]
    assert report["policy"]["felt"]["n"] == 1
    counted = {one["client"]: one["tickets"] for one in both["reports"]}
    assert counted == {"Acme Dental": 2, "Globex": 0, "Initech": 0}
    assert {one["client"] for one in other["reports"]} == counted.keys()
    changed = {one["client"]: one["changed"] for one in both["reports"]}["Acme Dental"]
    assert {"bucket": "response", "against": "missed", "policy": "met", "tickets": 1} in changed["moves"]
    assert all(one["changed"]["tickets"] == 0 for one in other["reports"])
    assert wrong.exit_code == 1
    assert "no client's file is about 'Umbrella'; there are: Acme Dental" in wrong.stderr


async def test_the_psa_itself_is_replayed_and_left_as_it_was(tmp_path: Path) -> None:
    """It finds what the daemon's store gives; neither a flag nor a callback is written for it."""
    async with office(tmp_path) as o:
        write_client(tmp_path, client_file("Acme Dental"))
        await o.start()
        answered, _ = (o.world.open_ticket("Acme Dental", name, text="It does not print.") for name in "ab")
        await o.later(minutes=20)
        o.world.post(answered, "jreed", "Your driver was too old; I have put the new one on, print again.")
        await o.later(hours=30)
        await o.stop()
        world, before = o.world, (o.written(), dict(o.world.hooks))
        asked = ("--config", tmp_path, "--at", world.now().isoformat())
        o.world.hooks.clear()
        o.lose_store()
        psa = await asyncio.to_thread(document, *asked, "--from-psa", "--days", "3650")
        assert (o.written(), dict(world.hooks)) == (before[0], {})
        assert not await asyncio.to_thread(lambda: list(tmp_path.glob("px.db*")))
        o.world.hooks.update(before[1])
        await o.start()
        await o.stop()
        stored = await asyncio.to_thread(document, *asked)
    assert psa["source"] == "psa"
    assert {one["client"]: one["tickets"] for one in psa["reports"]}["Acme Dental"] == 2
    for one in (*psa["reports"], *stored["reports"]):
        del one["gaps"]  # who touched a ticket last is not known once we have written a flag
    assert psa["reports"] == stored["reports"]


if log := shared("data", "ticket-logs", "servicenow-incidents.jsonl.gz"):
    DESK = """\
client: Service desk
calendar: {timezone: Europe/London, week: {mon-fri: ["08:00-18:00"]}}
targets: {"*": {resolution: 40h}}
pause: {statuses: [Awaiting User Info, Awaiting Problem, Awaiting Vendor, Awaiting Evidence]}
"""

    def test_a_year_of_a_real_desk_says_what_it_does_not_know(tmp_path: Path) -> None:
        """Its first 600 tickets, in two processes, are those that one process finds; no text in any."""
        few = tmp_path / "few.jsonl"
        with gzip.open(log[0], "rt", encoding="utf-8") as file:
            few.write_text("".join(line for line, _ in zip(file, range(600), strict=False)), encoding="utf-8")
        old, new = written(tmp_path, old=DESK, new=DESK.replace("40h", "16h"))
        found = document(few, "--policy", new, "--against", old)
        assert found == document(few, "--policy", new, "--against", old, "--processes", "1")
        (report,) = found["reports"]
        gaps = {one["gap"]: one["percent"] for one in report["gaps"]}
        assert (gaps["no_messages"], gaps["no_status_changes"], report["tickets"]) == (100.0, 0.0, 600)
        resolution = [report[side]["buckets"]["resolution"]["missed"] for side in ("against", "policy")]
        assert 0 < resolution[0] < resolution[1]
        moved = {(one["against"], one["policy"]) for one in report["changed"]["moves"]}
        assert moved <= {("met", "missed"), ("running", "missed"), ("paused", "missed")}
        assert report["policy"]["alerts"]["total"] > report["against"]["alerts"]["total"] > 0
