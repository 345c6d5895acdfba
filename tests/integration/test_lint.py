"""`lint` finds each fault planted in a PSA's set-up, on every PSA that has it, and none in an honest one."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from connector.cli import app
from connector.psa.vendors import build_psa
from connector.simulator.plants import PLANTS, plant
from connector.simulator.slasetup import set_stage
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
    """`plant`: its name in the simulator, or what connector.yaml says wrongly of an Autotask status.

    `code`: what `lint` must call it. Faults of one `kind` are in each other's way.
    """

    plant: str
    vendors: tuple[str, ...]
    code: str
    kind: str

    def put(self, b: Bench) -> None:
        status, says, event = self.plant.partition(" means ")
        if says:
            b.keys["sla_events"] = {**HONEST, status: event}
            b.write()
        else:
            plant(b.world, self.plant)


FAULTS = (
    Fault("in-progress-answers", CW, "status-is-response", "status"),
    Fault("assigned-answers", CW, "status-is-response", "status"),
    Fault("Assigned means first_response", AT, "status-is-response", "status"),
    Fault("reply-answers", CW, "reply-is-response", "status"),
    Fault("Customer Responded means first_response", AT, "reply-is-response", "status"),
    Fault("new-answers", CW, "opens-responded", "status"),
    Fault("new-waits", CW, "opens-paused", "status"),
    Fault("waiting-counts", CW, "no-pause-status", "status"),
    Fault("Waiting Customer means none", AT, "no-pause-status", "status"),
    Fault("on-hold-counts", CW, "pause-counted", "status"),
    Fault("scheduled-waits", CW, "pause-only-there", "status"),
    Fault("every-hour", TELLING, "hours-24x7", "sla"),
    Fault("other-calendar", TELLING, "hours-differ", "sla"),
    Fault("longer-hours", TELLING, "hours-differ", "sla"),
    Fault("longer-hours", AT, "hours-nowhere", "sla"),
    Fault("works-on-holidays", TELLING, "days-off-differ", "sla"),
    Fault("no-default-sla", TELLING, "no-default-sla", "sla"),
    Fault("no-default-sla", AT, "tickets-without-sla", "sla"),
    Fault("p2-otherwise", TELLING, "target-differs", "sla"),
    Fault("p4-nothing", TELLING, "priority-without-target", "sla"),
    Fault("own-sla", TELLING, "agreed-sla-differs", "sla"),
    Fault("hooks-off", ALL, "dead-webhook", "hooks"),
    Fault("foreign-hook-off", CW, "dead-webhook", "hooks"),
    Fault("reply-unheard", CW, "reply-stays-closed", "reopening"),
    Fault("reopened-closed", HALO, "reply-stays-closed", "reopening"),
    Fault("reopened-waits", CW, "reopened-stands-still", "reopening"),
    Fault("reopened-resolved", CW, "reopened-stands-still", "reopening"),
    Fault("logging-answers", HALO, "responds-by-itself", "logging"),
    Fault("waiting-closes", HALO, "closes-by-itself", "closing"),
)


def rounds(vendor: str) -> list[list[Fault]]:
    """The faults of a vendor, as many at a time as there are kinds: each look costs a third of a second."""
    found: list[list[Fault]] = []
    for fault in FAULTS:
        if vendor in fault.vendors:
            free = [some for some in found if fault.kind not in {one.kind for one in some}]
            (free[0] if free else found.append([]) or found[-1]).append(fault)
    return found


def test_there_are_enough_of_them() -> None:
    assert len({fault.code for fault in FAULTS}) >= 13
    assert {vendor for fault in FAULTS for vendor in fault.vendors} == set(TONGUES)
    assert PLANTS.keys() - {fault.plant for fault in FAULTS} == {"honest"}, "every plant is looked for"


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
        for faults in rounds(vendor):
            with b.lifted():
                for fault in faults:
                    fault.put(b)
                assert await b.codes() == {fault.code for fault in faults}, faults
        assert await b.codes() == set(), "all faults are lifted"
        assert (b.world.writes, b.world.company_writes) == ([], [])


async def test_the_default_set_up_of_a_psa_is_not_honest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the simulator plays out of the box, and what most desks have."""
    async with bench(tmp_path, "connectwise", monkeypatch) as b:
        plant(b.world, "assigned-answers")
        set_stage(b.world, "In Progress", "planned")
        found = await b.found()
        assert [one.code for one in found] == ["status-is-response"] * 2
        assert "'Assigned' counts as a response on Service Desk, Alerts" in found[0].found
        assert "response and plan" in found[1].found
        assert found[0].where.startswith("System › Setup Tables › Service Board")


async def test_a_difference_is_told_with_both_sides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with bench(tmp_path, "connectwise", monkeypatch) as b:
        with b.lifted():
            plant(b.world, "p2-otherwise")
            (one,) = await b.found()
            assert one.evidence == ("P2 High response: 45 min there, 30 min here",)
        with b.lifted():
            plant(b.world, "longer-hours")
            (one,) = await b.found()
            assert one.evidence == ("there: mon-fri 07:00-22:00", "here: mon-fri 08:00-18:00")
        with b.lifted():
            plant(b.world, "works-on-holidays")
            (one,) = await b.found()
            assert one.evidence[0].startswith("off here only: 2026-12-24, 2026-12-28, 2027-01-01")


async def test_one_difference_of_many_files_is_one_finding_and_of_one_client_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, "connectwise", monkeypatch) as b:
        b.write(agreeing(), agreeing("Globex"), agreeing("Initech"))
        with b.lifted():
            plant(b.world, "every-hour")
            (one,) = await b.found()
            assert "clients/acme.yaml, clients/globex.yaml, clients/initech.yaml" in one.found
        with b.lifted():
            plant(b.world, "own-sla")
            (one,) = await b.found()
            assert "'Gold SLA', agreed for this client," in one.found
            assert "globex" not in one.found


async def test_a_secret_in_a_webhooks_address_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, "connectwise", monkeypatch) as b:
        plant(b.world, "foreign-hook-off")
        (one,) = await b.found()
        assert "'Rewst' to hooks.rewst.example" in one.found
        assert "s3cret" not in json.dumps(one.as_json())


async def test_what_may_not_be_read_is_said_and_the_rest_is_judged(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, vendor, monkeypatch) as b:
        paths = {"connectwise": "/service/SLAs", "autotask": "/TicketWebhooks", "halo": "/SLA"}
        b.sim.faults.forbidden = paths[vendor]
        plant(b.world, "hooks-off")
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


async def test_an_adapter_that_tells_nothing_of_its_sla_is_said_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Silent:
        def __init__(self, *named: Any) -> None:
            self.psa = build_psa(*named)

        def __getattr__(self, name: str) -> Any:
            if name == "sla_setup":
                raise AttributeError(name)
            return getattr(self.psa, name)

    async with bench(tmp_path, "connectwise", monkeypatch) as b:
        monkeypatch.setattr("connector.history.lint.ask.build_psa", Silent)
        report = await b.report()
        assert report.not_made["set-up of the PSA"] == "the adapter of this vendor cannot tell"


async def test_a_plant_is_planted_from_another_process_and_a_wrong_name_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, "connectwise", monkeypatch) as b, httpx.AsyncClient() as client:
        url = f"{b.sim.url}/_sim/plant"
        assert (await client.post(url, json={"name": "every-hour"})).status_code == 200
        assert await b.codes() == {"hours-24x7"}
        wrong = await client.post(url, json={"name": "weeds"})
        assert wrong.status_code == 400
        assert "there are: honest, in-progress-answers" in wrong.json()["error"]


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
        plant(b.world, "assigned-answers")
        code, said = await invoke()
        assert (code, "1 warning" in said, "fix: let 'Assigned' count as nothing" in said) == (1, True, True)
        code, said = await invoke("--json")
        (report,) = json.loads(said)["connections"]
        assert (code, report["findings"][0]["code"]) == (1, "status-is-response")
        code, said = await invoke("--connection", "mian")
        assert (code, "known: main" in said) == (2, True)
