"""`statement` and `verify` as somebody at a desk uses them: from a log, and from the store of a daemon."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from connector.cli import app
from connector.history.statement.facts import from_records
from connector.history.statement.figures import figures
from connector.model import Rating
from connector.simulator import Credentials
from connector.store import assessments, contracts, errands, events, surveys, tickets
from connector.store.errands import Errand
from connector.store.surveys import Survey
from tests.kit import Office, client_file, office, write_client, write_settings
from tests.shared import shared
from tests.statement_kit import RULES, usual

SERVICENOW = """\
client: Service desk
calendar: {timezone: Europe/London, week: {mon-fri: ["08:00-18:00"]}}
targets: {"*": {response: 1h, resplan: 4h, update: 8h, resolution: 40h}}
pause: {statuses: [Awaiting User Info, Awaiting Problem, Awaiting Vendor, Awaiting Evidence]}
"""


def run(*words: str | Path) -> Result:
    return CliRunner(env={"COLUMNS": "250", "NO_COLOR": "1"}).invoke(app, [str(word) for word in words])


def logged(folder: Path, rules: str = RULES, *more: str) -> tuple[Path, Path]:
    log, policy = folder / "log.jsonl", folder / "acme.yaml"
    log.write_text("".join(json.dumps(one) + "\n" for one in usual()) + "".join(more), encoding="utf-8")
    policy.write_text(rules, encoding="utf-8")
    return log, policy


def test_a_statement_of_a_log_holds_and_a_changed_one_does_not(tmp_path: Path) -> None:
    log, policy = logged(tmp_path)
    file = tmp_path / "october.html"
    made = run("statement", "--log", log, "--policy", policy, "--month", "2026-10", "--out", file)
    assert made.exit_code == 0, made.output
    held = run("verify", file)
    assert held.exit_code == 0
    assert "every number is what its facts make" in held.stdout
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("1 h 40 min together", "1 h 41 min together"), encoding="utf-8")
    told = run("verify", file)
    assert told.exit_code == 1
    assert "Working time lost: shows “2 people told: 1 h 41 min together" in told.stderr
    said = json.loads(run("verify", file, "--json").stdout)
    assert (said["holds"], len(said["problems"])) == (False, 1)


def test_lines_that_a_mail_program_broke_otherwise_are_the_same(tmp_path: Path) -> None:
    log, policy = logged(tmp_path)
    file = tmp_path / "october.html"
    run("statement", "--log", log, "--policy", policy, "--month", "2026-10", "--out", file)
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert run("verify", file).exit_code == 0


def test_as_json_it_is_one_document_that_verifies(tmp_path: Path) -> None:
    log, policy = logged(tmp_path)
    made = run("statement", "--log", log, "--policy", policy, "--month", "2026-10", "--json")
    document = json.loads(made.stdout)
    assert document["figures"]["answers"]["px"]["n"] == 2
    assert document["chain"] == document["facts"][-1]["hash"]
    file = tmp_path / "october.json"
    file.write_text(made.stdout, encoding="utf-8")
    assert run("verify", file).exit_code == 0
    file.write_text(made.stdout.replace('"n":2', '"n":3', 1), encoding="utf-8")
    assert "figures.answers.px.n: says 3, the facts give 2" in run("verify", file).stderr


def test_a_line_that_cannot_be_read_is_counted_in_the_statement(tmp_path: Path) -> None:
    log, policy = logged(tmp_path, RULES, "{broken\n")
    file = tmp_path / "october.html"
    made = run("statement", "--log", log, "--policy", policy, "--month", "2026-10", "--out", file)
    assert made.exit_code == 1
    assert "1 tickets could not be read or judged" in file.read_text(encoding="utf-8")
    assert run("verify", file).exit_code == 0


def test_wrong_usage_says_what_to_do(tmp_path: Path) -> None:
    log, policy = logged(tmp_path)
    for words, said in (
        (("--log", log, "--policy", policy), "name a month"),
        (("--log", log, "--month", "2026-10"), "go together"),
        (("--month", "2026-10"), "name a client"),
        (("--log", log, "--policy", policy, "--month", "10/2026"), "expected a month like 2026-10"),
        (("--log", log, "--policy", policy, "--month", "2999-10"), "has not begun"),
    ):
        made = run("statement", *words)
        assert (made.exit_code, said in made.output) == (2, True), made.output


async def rated(o: Office, ticket: int, score: float) -> None:
    """What a customer said, straight into the ticket's timeline."""
    fact = Rating(at=o.world.now(), key=f"rating:test:{ticket}", score=score, scale=5, lost_minutes=30)
    async with o.connector.store.begin() as tx:
        await events.merge(tx, "main", [(str(ticket), fact)])
        await assessments.make_due(tx, "main", "Acme Dental", o.world.now())
    await o.later(minutes=1)


async def busy(o: Office) -> tuple[int, int]:
    """A ticket answered and rated badly in November, and one that nobody answered."""
    await o.start()
    first = o.world.open_ticket("Acme Dental", "Printer down", text="It prints nothing at all.")
    second = o.world.open_ticket("Acme Dental", "Phone is dead", text="There is no tone.")
    await o.settle()
    await o.later(minutes=90)
    o.world.post(first, "jreed", "Your driver was too old; I have put the new one on, please print again.")
    await o.settle()
    await rated(o, first, 1)
    asked = Survey(
        conn="main",
        about="x",
        client="Acme Dental",
        contact="c",
        at=o.world.now(),
        state="asked",
        link="secret",
    )
    async with o.connector.store.begin() as tx:
        await surveys.put(tx, [asked])
    await o.later(minutes=1)
    return first, second


def statement(folder: Path, until: str, *more: str) -> dict[str, Any]:
    words = (
        "statement",
        "acme dental",
        "--month",
        "2026-11",
        "--config",
        folder,
        "--at",
        until,
        "--json",
        *more,
    )
    made = run(*words)
    assert made.exit_code == 0, made.output
    return dict(json.loads(made.stdout))


async def test_the_store_tells_its_month_as_it_stood_then(tmp_path: Path) -> None:
    rules = client_file("Acme Dental", px={"min_answers": 1}, improvement_plan={"checkpoints": [7, 90]})
    async with office(tmp_path) as o:
        write_client(tmp_path, rules)
        first, second = await busy(o)
        until = o.world.now()
        await o.later(hours=100)
        o.world.post(second, "jreed", "Sorry for the wait: your phone has a new cable and rings again now.")
        await o.settle()
        now = o.world.now()
        async with o.connector.store.read() as tx:
            opened = [one.happening.kind for one in await contracts.told(tx, client="Acme Dental")]
        await o.stop()
    then, after = (
        apart(statement, tmp_path, instant.isoformat()) for instant in (until, now + timedelta(minutes=1))
    )
    found = figures(from_records(then["facts"]))
    assert (
        found.answers.px.percent,
        found.answers.px.n,
        found.answers.asked,
        found.answers.rate.of_asked,
    ) == (0, 1, 1, 0)
    kept = {one.bucket: (one.kept, one.missed) for one in found.promises}
    assert kept["response"] == (0, 2)
    assert found.followups.open == (str(first),)
    assert found.contract.review_since is not None
    assert "review_opened" in opened
    assert "secret" not in json.dumps(then)
    later = figures(from_records(after["facts"]))
    assert later.felt["response"].n == found.felt["response"].n + 1
    assert str(second) in {share for one in later.causes for share in one.tickets}


async def test_tickets_that_are_gone_or_ours_are_in_no_figure(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        first, second = await busy(o)
        third = o.world.open_ticket("Acme Dental", "Opened by us", text="A review.")
        await o.settle()
        now = o.world.now()
        ours = Errand(conn="main", mark="px-1", kind="ticket", client="Acme Dental", text="", since=now)
        async with o.connector.store.begin() as tx:
            await tickets.mark_gone(tx, "main", [str(second)], now)
            await errands.owe(tx, [ours])
            await errands.done(tx, "main", "px-1", str(third))
        await o.stop()
    document = apart(statement, tmp_path, now.isoformat())
    facts = from_records(document["facts"])
    assert [one.id for one in facts.tickets] == [str(first)]
    assert facts.head.gone == 1
    assert (
        "1 tickets were deleted in the PSA and are not judged; their ratings count."
        in document["figures"]["unknown"]
    )


def test_an_unknown_client_is_told_which_there_are(tmp_path: Path) -> None:
    write_client(tmp_path, client_file("Acme Dental"))
    keys = Credentials(company="acme", public_key="p", private_key="k", client_id="c", member="m")
    write_settings(tmp_path, 8765, {"main": ("https://psa.example", keys)})
    made = run("statement", "Umbrella", "--month", "2026-10", "--config", tmp_path)
    assert made.exit_code == 1
    assert "no client's file is about 'Umbrella'; there are: Acme Dental" in made.stderr


def apart(make: Any, folder: Path, until: str) -> dict[str, Any]:
    """The command has a loop of its own: it runs in a thread beside the test's."""
    with ThreadPoolExecutor(1) as pool:
        return dict(pool.submit(make, folder, until).result())


if log := shared("data", "ticket-logs", "servicenow-incidents.jsonl.gz"):

    def test_a_real_log_without_ratings_says_what_it_does_not_know(tmp_path: Path) -> None:
        policy, file = tmp_path / "desk.yaml", tmp_path / "march.html"
        policy.write_text(SERVICENOW, encoding="utf-8")
        made = run("statement", "--log", log[0], "--policy", policy, "--month", "2016-03", "--out", file)
        assert made.exit_code == 0, made.output
        text = file.read_text(encoding="utf-8")
        for said in (
            "Nobody rated in the 90 days up to the end of the statement: PX is not known.",
            "No ticket has any message",
            "its clocks are not known",
            "6525 tickets were open or finished in it",
        ):
            assert said in text
        assert run("verify", file).exit_code == 0
        file.write_text(text.replace("6525 tickets", "6526 tickets", 1), encoding="utf-8")
        assert run("verify", file).exit_code == 1
