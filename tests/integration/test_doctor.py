"""`doctor` on every PSA there is an adapter for, over real HTTP: a clean one, and each fault by its name."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from connector.cli import app
from connector.psa.vendors import build_psa
from connector.settings import load_settings
from connector.simulator import Simulator, World, make_world
from connector.simulator.autotask.limits import Pool
from connector.simulator.records import Status
from tests.contract.psa.stage import SHARED
from tests.contract.psa.tongues import TONGUES
from tests.kit import client_file, free_port, write_client

CHECKS = {
    *("credentials", "rights", "fields", "webhook", "requests", "clock"),
    *("time zones", "statuses", "days off", "clients"),
}
MOST_REQUESTS = 30
HOOK = "https://px.example.com"
OFFICE = {"timezone": "Europe/London", "week": {"mon-fri": ["08:00-18:00"]}}
STANDING = {"connectwise": ["Merged"]}
"""Statuses that stop the PSA's clock and that the defaults do not name."""


def clean(vendor: str, client: str = "Acme Dental", **rules: Any) -> dict[str, Any]:
    """As a careful person writes it: with days off, and a word on every status that stops the PSA's clock."""
    calendar = {**OFFICE, "holidays": {"country": "GB", "subdivision": "ENG"}}
    return client_file(
        client, **{"calendar": calendar, "exclude": {"statuses": STANDING.get(vendor, [])}, **rules}
    )


@dataclass(slots=True)
class Clinic:
    folder: Path
    vendor: str
    world: World
    sim: Simulator

    async def invoke(self, *arguments: str) -> Result:
        """In a thread of its own, as if in a process of its own; no secret in anything it says."""
        runner = CliRunner(env={"COLUMNS": "160", "NO_COLOR": "1"})
        done = await asyncio.to_thread(
            runner.invoke, app, ["doctor", "--config", str(self.folder), *arguments]
        )
        for secret in TONGUES[self.vendor].secrets(self.sim).values():
            assert secret not in done.stdout + done.stderr
        return done

    async def found(self, *arguments: str) -> list[dict[str, Any]]:
        """Every finding that is not fine; the exit says whether a person is needed."""
        done = await self.invoke("--json", *arguments)
        (report,) = json.loads(done.stdout)["connections"]
        worse = [one for one in report["findings"] if one["severity"] != "ok"]
        needed = any(one["severity"] in ("warning", "error") for one in worse)
        assert done.exit_code == (1 if needed else 0), done.output
        assert all(one["looked_at"] and one["why"] and one["fix"] for one in worse)
        return worse

    async def only(self, check: str, severity: str = "warning", words: str = "") -> dict[str, Any]:
        """The one finding there is."""
        (one,) = await self.found()
        assert (one["check"], one["severity"]) == (check, severity), one
        assert words in one["found"]
        return one

    def write(self, *clients: dict[str, Any], public_url: str | None = HOOK, **keys: Any) -> None:
        tongue = TONGUES[self.vendor]
        main = {"vendor": self.vendor, **SHARED, **tongue.keys(self.sim), **keys}
        settings = {"web": {"public_url": public_url}, "connections": {"main": main}}
        (self.folder / "connector.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        for client in clients:
            write_client(self.folder, client)

    async def hooked(self) -> None:
        """As the daemon leaves it: our webhook is there."""
        settings = load_settings(self.folder)
        psa = build_psa("main", settings.connections["main"])
        await psa.start({})
        assert await psa.ensure_webhook(settings.hook_url("main")) == "created"
        await psa.close()
        self.world.requests.clear()


@asynccontextmanager
async def clinic(
    folder: Path, vendor: str, patch: pytest.MonkeyPatch, *clients: dict[str, Any], **keys: Any
) -> AsyncIterator[Clinic]:
    """A pretend MSP with 20 tickets, set up right."""
    world = make_world(seed=7, tickets=20, start=datetime.now(UTC))
    async with Simulator(world, vendor=vendor) as sim:
        for name, value in TONGUES[vendor].secrets(sim).items():
            patch.setenv(name, value)
        one = Clinic(folder, vendor, world, sim)
        one.write(*(clients or (clean(vendor),)), **keys)
        await one.hooked()
        yield one


@pytest.fixture(params=TONGUES)
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_nothing_is_wrong_with_a_clean_one_and_little_is_asked(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with clinic(tmp_path, vendor, monkeypatch) as c:
        hooks = dict(c.world.hooks)
        done = await c.invoke("--json")
        (report,) = json.loads(done.stdout)["connections"]
        assert (done.exit_code, {one["severity"] for one in report["findings"]}) == (0, {"ok"})
        assert {one["check"] for one in report["findings"]} == CHECKS
        assert 15 <= report["requests"] <= MOST_REQUESTS
        assert abs(report["requests"] - c.world.requests.total()) <= 2, "all but the search for the address"
        assert (c.world.writes, c.world.hooks) == ([], hooks)
        said = await c.invoke()
        assert (said.exit_code, said.stdout.count("warning")) == (0, 0)
        assert "Everything is as it should be." in said.stdout


async def test_a_wrong_secret_is_said_once_and_nothing_more_is_asked(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with clinic(tmp_path, vendor, monkeypatch) as c:
        wrong = {"connectwise": "PX_CONTRACT_PRIVATE"}.get(vendor, "PX_CONTRACT_SECRET")
        monkeypatch.setenv(wrong, "an-old-password-9")
        one = await c.only("credentials", "error")
        assert "API user" in one["fix"]
        assert c.world.requests.total() <= 2, "the login is tried once"
        said = await c.invoke()
        assert "an-old-password-9" not in said.stdout + said.stderr
        assert (said.exit_code, "credentials" in said.stdout, "1 error" in said.stdout) == (1, True, True)


async def test_a_secret_that_cannot_be_read_is_named_by_its_place(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with clinic(tmp_path, vendor, monkeypatch) as c:
        name = {"connectwise": "PX_CONTRACT_PRIVATE"}.get(vendor, "PX_CONTRACT_SECRET")
        monkeypatch.delenv(name)
        await c.only("credentials", "error", name)
        assert c.world.requests.total() == 0


async def test_a_missing_right_is_named(tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with clinic(tmp_path, vendor, monkeypatch) as c:
        c.sim.faults.forbidden = {
            "connectwise": "/schedule/entries",
            "autotask": "/ServiceCalls",
            "halo": "/Appointment",
        }[vendor]
        words = {"connectwise": "schedule", "autotask": "appointments", "halo": "appointments"}[vendor]
        await c.only("rights", "warning", words)


async def test_what_only_doctor_reads_may_lack(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with clinic(tmp_path, vendor, monkeypatch) as c:
        c.sim.faults.forbidden = {
            "connectwise": "/schedule/calendars",
            "autotask": "/InternalLocationWithBusinessHours",
            "halo": "/Workday",
        }[vendor]
        found = await c.found()
        assert [(one["check"], one["severity"]) for one in found] == [
            ("time zones", "note"),
            ("days off", "note"),
        ]


@pytest.mark.parametrize(
    ("caption", "where"), [("SLA Zone", "tickets have no field"), ("Release Right", "company field")]
)
async def test_a_missing_field_of_tickets_or_companies(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch, caption: str, where: str
) -> None:
    async with clinic(tmp_path, vendor, monkeypatch) as c:
        c.sim.faults.missing_field = caption
        one = await c.only("fields", "warning", where)
        assert caption in one["found"]


async def test_a_field_nobody_uses_yet_is_not_missed(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with clinic(tmp_path, vendor, monkeypatch) as c:
        c.sim.faults.missing_field = "PX Survey Link"
        assert await c.found() == []


async def test_a_webhook_that_is_off_is_switched_on_only_with_fix(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with clinic(tmp_path, vendor, monkeypatch) as c:
        for hook in c.world.hooks.values():
            hook.inactive = True
        await c.only("webhook", "warning", "switched off")
        assert all(hook.inactive for hook in c.world.hooks.values())
        assert await c.found("--fix") == []
        assert not any(hook.inactive for hook in c.world.hooks.values())
        assert await c.found() == []
        assert c.world.writes == []


async def test_a_webhook_that_is_not_there_is_made_only_with_fix(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with clinic(tmp_path, vendor, monkeypatch) as c:
        before = len(c.world.hooks)
        c.write(clean(vendor), public_url="https://elsewhere.example.com")
        await c.only("webhook", "warning", "not there")
        assert len(c.world.hooks) == before
        assert await c.found("--fix") == []
        assert len(c.world.hooks) == 2 * before
        assert await c.found() == []


async def test_webhooks_that_may_not_be_looked_at(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with clinic(tmp_path, vendor, monkeypatch) as c:
        c.sim.faults.forbidden = {
            "connectwise": "/system/callbacks",
            "autotask": "/TicketWebhooks",
            "halo": "/Webhook",
        }[vendor]
        one = await c.only("webhook", "warning")
        assert "let the API user see and make webhooks" in one["fix"]
        assert [again["check"] for again in await c.found("--fix")] == ["webhook"]


async def test_without_an_address_polling_is_said_to_be_all(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with clinic(tmp_path, vendor, monkeypatch) as c:
        c.write(clean(vendor), public_url=None)
        await c.only("webhook", "note", "no webhook")


async def test_a_clock_ten_minutes_off(tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with clinic(tmp_path, vendor, monkeypatch) as c:
        c.sim.faults.clock_ahead = 600
        await c.only("clock", "warning", "10 min ahead of")
        c.sim.faults.clock_ahead, c.sim.faults.clock_behind = 0, 600
        await c.only("clock", "warning", "10 min behind")


async def test_a_psa_that_is_out_of_patience(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with clinic(tmp_path, vendor, monkeypatch) as c:
        monkeypatch.setattr("connector.psa.transport.PATIENCE_429_S", 0.0)  # Halo does not say how long
        c.sim.faults.retry_after, c.sim.faults.throttle_next = 0, 1
        await c.only("requests", "warning", "told us to wait")


async def test_requests_that_others_have_used_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with clinic(tmp_path, "autotask", monkeypatch) as c:
        monkeypatch.setattr(Pool, "delay", lambda _pool: 0.0)  # the vendor's answers get slow from half on
        c.sim.faults.quota_used = 6_000
        await c.only("requests", "note", "of 10,000 requests used")
        c.sim.faults.quota_used = 8_000
        await c.only("requests", "warning", "of 10,000 requests used")
        c.sim.faults.quota_used = 9_700
        one = await c.only("requests", "error", "patience")
        assert "wait" in one["fix"]


async def test_a_status_that_a_file_misspells(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = clean(vendor, resplan={"statuses": ["Scheduld"]})
    async with clinic(tmp_path, vendor, monkeypatch, file) as c:
        one = await c.only("statuses", "warning", "no status 'Scheduld'; did you mean 'Scheduled'?")
        assert "(named by clients/acme.yaml)" in one["found"]


async def test_a_status_that_stops_the_psas_clock_and_no_file_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with clinic(tmp_path, "connectwise", monkeypatch) as c:
        board = c.world.boards[1]
        new = Status(99, 1, "Waiting Parts", "waiting")
        c.world.boards[1] = replace(board, statuses=(*board.statuses, new))
        c.world.statuses[99] = new
        await c.only("statuses", "warning", "'Waiting Parts', which stops the clock in the PSA")


async def test_the_same_of_a_psa_whose_statuses_a_person_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with clinic(tmp_path, "autotask", monkeypatch) as c:
        c.write(clean("autotask"), sla_events={"*": "none", "In Progress": "waiting_customer"})
        await c.only("statuses", "warning", "'In Progress', which stops the clock")


async def test_a_calendar_of_the_psa_without_days_off(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with clinic(tmp_path, vendor, monkeypatch) as c:
        c.world.calendars[2] = replace(c.world.calendars[2], days_off=None)
        await c.only("days off", "warning", "'Extended Hours'")


async def test_a_file_without_days_off(tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with clinic(tmp_path, vendor, monkeypatch, clean(vendor, calendar=OFFICE)) as c:
        await c.only("days off", "warning", "no day off in clients/acme.yaml")


async def test_a_client_in_a_zone_of_its_own(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calendar = {**OFFICE, "timezone": "Asia/Tokyo", "holidays": {"country": "JP"}}
    async with clinic(tmp_path, vendor, monkeypatch, clean(vendor, calendar=calendar)) as c:
        await c.only("time zones", "note", "Asia/Tokyo")


async def test_a_client_that_matches_nothing(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = clean(vendor, match={"connection": "main", "companies": ["Acme Dentel"]})
    async with clinic(tmp_path, vendor, monkeypatch, file) as c:
        one = await c.only("clients", "warning", "no company 'acme dentel'; did you mean 'acme dental'?")
        assert one["why"] == "no ticket of Acme Dental is judged"
        number = next(n for n, company in c.world.companies.items() if company.name == "Globex")
        c.write(clean(vendor, match={"connection": "main", "companies": ["Acme Dental", number]}))
        assert await c.found() == [], "an id is as good as a name"


async def test_no_file_at_all(tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with clinic(tmp_path, vendor, monkeypatch) as c:
        (tmp_path / "clients" / "acme.yaml").unlink()
        await c.only("clients", "warning", "no client's file names this connection")


async def test_files_that_are_wrong_are_told_beside_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with clinic(tmp_path, "connectwise", monkeypatch) as c:
        write_client(tmp_path, "client: Globex\ntargets: 7\n", "globex")
        done = await c.invoke("--json")
        whole = json.loads(done.stdout)
        assert done.exit_code == 1
        assert {one["severity"] for one in whole["files"]} == {"error"}
        assert any("globex.yaml" in one["found"] for one in whole["files"])
        assert {one["severity"] for one in whole["connections"][0]["findings"]} == {"ok"}


async def test_a_server_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with clinic(tmp_path, "connectwise", monkeypatch) as c:
        c.write(clean("connectwise"), site=f"http://127.0.0.1:{free_port()}")
        monkeypatch.setattr("connector.psa.retry.FIRST_WAIT_S", 0.0)
        one = await c.only("credentials", "error", "no connection")
        assert "address" in one["fix"]


async def test_two_psas_are_told_apart_and_one_may_be_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with clinic(tmp_path, "connectwise", monkeypatch) as c:
        path = tmp_path / "connector.yaml"
        settings = yaml.safe_load(path.read_text(encoding="utf-8"))
        settings["connections"]["other"] = settings["connections"]["main"]
        path.write_text(yaml.safe_dump(settings), encoding="utf-8")
        both = await c.invoke()
        assert both.exit_code == 1, "nobody's tickets are judged on the other"
        assert both.stdout.index("main · ConnectWise") < both.stdout.index("other · ConnectWise")
        assert "why: no ticket is judged" in both.stdout
        assert (await c.invoke("--connection", "main")).exit_code == 0
        wrong = await c.invoke("--connection", "mian")
        assert (wrong.exit_code, "known: main, other" in wrong.stderr) == (2, True)


async def test_an_adapter_without_a_checkup_is_looked_at_less_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bare(*named: Any) -> Any:
        psa = build_psa(*named)
        del psa.checkup
        return psa

    async with clinic(tmp_path, "connectwise", monkeypatch) as c:
        monkeypatch.setattr("connector.history.doctor.ask.build_psa", bare)
        told = [(one["check"], one["severity"]) for one in await c.found()]
        assert told == [("webhook", "note"), ("clients", "note")]


async def test_one_mistake_in_many_files_is_one_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with clinic(tmp_path, "connectwise", monkeypatch) as c:
        for name in ("Globex", "Initech"):
            write_client(
                tmp_path, clean("connectwise", name, calendar=OFFICE, pause={"statuses": ["Parked"]})
            )
        found = await c.found()
        assert [one["check"] for one in found] == ["statuses", "days off"]
        assert all("clients/globex.yaml, clients/initech.yaml" in one["found"] for one in found)
