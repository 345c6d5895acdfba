"""`lint` finds each fault planted in a PSA's set-up, on every PSA that has it, and none in an honest one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connector.cli import app
from connector.simulator.records import Board, Hook, Stage, Status
from connector.simulator.slasetup import Terms, set_stage
from tests.contract.psa.tongues import TONGUES
from tests.integration.lint_kit import HONEST, Bench, agreeing, bench

ALL = ("connectwise", "autotask", "halo")
CW, HALO = ("connectwise",), ("halo",)
TELLING = ("connectwise", "halo")
"""Those whose API tells what an SLA promises, and when."""
AT = ("autotask",)
MOST_REQUESTS = 40


@dataclass(frozen=True)
class Fault:
    """`plant` breaks the set-up, `code` is what `lint` must call it."""

    name: str
    vendors: tuple[str, ...]
    plant: Callable[[Bench], None]
    code: str


def staged(status: str, stage: Stage) -> Callable[[Bench], None]:
    return lambda b: set_stage(b.world, status, stage)


def means(**events: str) -> Callable[[Bench], None]:
    """What connector.yaml says of Autotask's statuses."""

    def plant(b: Bench) -> None:
        b.keys["sla_events"] = {**HONEST, **{name.replace("_", " "): event for name, event in events.items()}}
        b.write()

    return plant


def terms(**change: Any) -> Callable[[Bench], None]:
    """The standard SLA, otherwise."""

    def plant(b: Bench) -> None:
        b.world.set_up.slas = (replace(b.world.set_up.slas[0], **change), *b.world.set_up.slas[1:])

    return plant


def promises(b: Bench, **change: tuple[int, int, int] | None) -> dict[int, tuple[int, int, int]]:
    found = dict(b.world.set_up.slas[0].promises)
    for name, promised in change.items():
        if promised is None:
            del found[int(name[1:])]
        else:
            found[int(name[1:])] = promised
    return found


def another_sla(b: Bench) -> None:
    gold = Terms(3, "Gold SLA", default=False, promises=promises(b, p1=(5, 30, 120)))
    b.world.set_up.slas += (gold,)
    b.world.set_up.sla_of[250] = 3


def new_status(b: Bench) -> None:
    """On Hold, which the rules pause in, and in which the PSA counts on."""
    board: Board = b.world.boards[1]
    new = Status(99, 1, "On Hold", "open")
    b.world.boards[1] = replace(board, statuses=(*board.statuses, new))
    b.world.statuses[99] = new


def without_days_off(b: Bench) -> None:
    b.world.calendars[1] = replace(b.world.calendars[1], days_off=2)


def longer_hours(b: Bench) -> None:
    b.world.calendars[1] = replace(b.world.calendars[1], hours=dict.fromkeys(range(5), ("07:00", "22:00")))


def our_hook_off(b: Bench) -> None:
    for hook in b.world.hooks.values():
        hook.inactive = True


def foreign_hook_off(b: Bench) -> None:
    number = max(b.world.hooks) + 1
    url = "https://hooks.rewst.example/s3cret?key=s3cret"
    b.world.hooks[number] = Hook(
        number, url, "ticket", "owner", 1, 151, "g", description="Rewst", inactive=True
    )


def habit(name: str, value: object) -> Callable[[Bench], None]:
    return lambda b: setattr(b.world.set_up, name, value)


def reopened_into_waiting(b: Bench) -> None:
    b.world.set_up.reopened = "Waiting Customer"


FAULTS = (
    Fault("a click on In Progress answers", CW, staged("In Progress", "responded"), "status-is-response"),
    Fault("dispatching answers", CW, staged("Assigned", "responded"), "status-is-response"),
    Fault("the same on Autotask", AT, means(Assigned="first_response"), "status-is-response"),
    Fault("a customer answers himself", CW, staged("Customer Responded", "planned"), "reply-is-response"),
    Fault("the same on Autotask", AT, means(Customer_Responded="first_response"), "reply-is-response"),
    Fault("new tickets are answered", CW, staged("New", "responded"), "opens-responded"),
    Fault("new tickets stand still", CW, staged("New", "waiting"), "opens-paused"),
    Fault("waiting is counted", CW, staged("Waiting Customer", "open"), "no-pause-status"),
    Fault("waiting is counted", AT, means(Waiting_Customer="none"), "no-pause-status"),
    Fault("one of two pauses is counted", CW, new_status, "pause-counted"),
    Fault("the PSA pauses where we do not", CW, staged("Scheduled", "waiting"), "pause-only-there"),
    Fault("every hour counts", TELLING, terms(calendar=None), "hours-24x7"),
    Fault("another calendar", TELLING, terms(calendar=2), "hours-differ"),
    Fault("its calendar was changed", TELLING, longer_hours, "hours-differ"),
    Fault("no calendar fits", AT, longer_hours, "hours-nowhere"),
    Fault("holidays are worked", TELLING, without_days_off, "days-off-differ"),
    Fault("no default", TELLING, terms(default=False), "no-default-sla"),
    Fault("tickets without an SLA", AT, terms(default=False), "tickets-without-sla"),
    Fault("P2 is promised otherwise", TELLING,
          lambda b: terms(promises=promises(b, p2=(45, 120, 480)))(b), "target-differs"),
    Fault("P4 is promised nothing", TELLING,
          lambda b: terms(promises=promises(b, p4=None))(b), "priority-without-target"),
    Fault("an SLA of its own", TELLING, another_sla, "agreed-sla-differs"),
    Fault("our webhook is dead", ALL, our_hook_off, "dead-webhook"),
    Fault("another's webhook is dead", CW, foreign_hook_off, "dead-webhook"),
    Fault("a reply does not reopen", CW, habit("reopens", False), "reply-stays-closed"),
    Fault("a reopened one is closed", HALO, habit("reopened", ">Closed"), "reply-stays-closed"),
    Fault("a reopened one stands", CW, reopened_into_waiting, "reopened-stands-still"),
    Fault("a reopened one is resolved", CW, habit("reopened", "Resolved"), "reopened-stands-still"),
    Fault("logging it answers it", HALO, habit("contacted", True), "responds-by-itself"),
    Fault("Resolved closes by itself", HALO, habit("closes", ("Waiting Customer",)), "closes-by-itself"),
)  # fmt: skip


def test_there_are_enough_of_them() -> None:
    assert len({fault.code for fault in FAULTS}) >= 13
    assert {vendor for fault in FAULTS for vendor in fault.vendors} == set(TONGUES)


@pytest.fixture(params=ALL)
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_every_planted_fault_is_found_by_its_name_and_nothing_in_an_honest_psa(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, vendor, monkeypatch) as b:
        report = await b.report()
        assert report.findings == ()
        assert 15 <= report.requests <= MOST_REQUESTS
        wrong = {}
        for fault in FAULTS:
            if vendor in fault.vendors:
                with b.lifted():
                    fault.plant(b)
                    codes = await b.codes()
                if codes != {fault.code}:
                    wrong[fault.name] = codes
        assert wrong == {}
        assert await b.codes() == set(), "all faults are lifted"
        assert (b.world.writes, b.world.company_writes) == ([], [])


async def test_the_default_set_up_of_a_psa_is_not_honest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the simulator plays out of the box, and what most desks have."""
    async with bench(tmp_path, "connectwise", monkeypatch) as b:
        set_stage(b.world, "Assigned", "responded")
        set_stage(b.world, "In Progress", "planned")
        found = await b.found()
        assert [one.code for one in found] == ["status-is-response"] * 2
        assert "'Assigned' counts as a response on Service Desk, Alerts" in found[0].found
        assert "response and plan" in found[1].found
        assert found[0].where.startswith("System › Setup Tables › Service Board")


async def test_a_difference_is_told_with_both_sides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with bench(tmp_path, "connectwise", monkeypatch) as b:
        with b.lifted():
            terms(promises=promises(b, p2=(45, 120, 600)))(b)
            (one,) = await b.found()
            assert one.evidence == (
                "P2 High response: 45 min there, 30 min here",
                "P2 High resolution: 10 h there, 8 h here",
            )
        with b.lifted():
            longer_hours(b)
            (one,) = await b.found()
            assert one.evidence == ("there: mon-fri 07:00-22:00", "here: mon-fri 08:00-18:00")
        with b.lifted():
            without_days_off(b)
            (one,) = await b.found()
            assert one.evidence[0].startswith("off here only: 2026-12-24, 2026-12-28, 2027-01-01")


async def test_one_difference_of_many_files_is_one_finding_and_of_one_client_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, "connectwise", monkeypatch) as b:
        b.write(agreeing(), agreeing("Globex"), agreeing("Initech"))
        with b.lifted():
            terms(calendar=None)(b)
            (one,) = await b.found()
            assert "clients/acme.yaml, clients/globex.yaml, clients/initech.yaml" in one.found
        with b.lifted():
            another_sla(b)
            (one,) = await b.found()
            assert "'Gold SLA', agreed for this client," in one.found
            assert "globex" not in one.found


async def test_a_secret_in_a_webhooks_address_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, "connectwise", monkeypatch) as b:
        foreign_hook_off(b)
        (one,) = await b.found()
        assert "'Rewst' to hooks.rewst.example" in one.found
        assert "s3cret" not in json.dumps(one.as_json())


async def test_what_may_not_be_read_is_said_and_the_rest_is_judged(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, vendor, monkeypatch) as b:
        paths = {"connectwise": "/service/SLAs", "autotask": "/TicketWebhooks", "halo": "/SLA"}
        b.sim.faults.forbidden = paths[vendor]
        our_hook_off(b)
        report = await b.report()
        topic = "webhooks of the PSA" if vendor == "autotask" else "SLA of the PSA"
        assert topic in report.not_made
        assert {one.code for one in report.findings} == {"dead-webhook"}


async def test_without_psa_and_store_nothing_is_called_fine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, "connectwise", monkeypatch) as b:
        monkeypatch.setenv("PX_CONTRACT_PRIVATE", "wrong")
        report = await b.report()
        assert [one.code for one in report.findings] == ["nothing-to-see"]
        assert set(report.not_made) == {"set-up of the PSA", "history"}
        assert not (tmp_path / "var").exists(), "no store was made"


async def test_the_command_says_it_in_words_and_in_json_and_by_its_exit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = CliRunner(env={"COLUMNS": "160", "NO_COLOR": "1"})
    async with bench(tmp_path, "connectwise", monkeypatch) as b:
        monkeypatch.setattr("connector.cli.lint.now", b.world.now)

        async def invoke(*arguments: str) -> tuple[int, str]:
            done = await asyncio.to_thread(
                runner.invoke, app, ["lint", "--config", str(tmp_path), *arguments]
            )
            return done.exit_code, done.stdout + (done.stderr if done.exit_code == 2 else "")

        assert await invoke("--json", "--connection", "main") == (0, (await invoke("--json"))[1])
        code, said = await invoke()
        assert (code, "Nothing was found." in said, "not looked at: history" in said) == (0, True, True)
        set_stage(b.world, "Assigned", "responded")
        code, said = await invoke()
        assert (code, "1 warning" in said, "fix: let 'Assigned' count as nothing" in said) == (1, True, True)
        code, said = await invoke("--json")
        (report,) = json.loads(said)["connections"]
        assert (code, report["findings"][0]["code"]) == (1, "status-is-response")
        code, said = await invoke("--connection", "mian")
        assert (code, "known: main" in said) == (2, True)
