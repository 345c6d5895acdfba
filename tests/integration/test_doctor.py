"""`doctor` on every PSA there is an adapter for, over real HTTP: a clean one, and each fault by its name."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from connector.psa.vendors import build_psa
from connector.simulator.autotask.limits import Pool
from connector.store import canaries
from connector.store.canaries import Canary
from connector.store.store import Store
from tests.contract.psa.tongues import TONGUES
from tests.integration.doctor_kit import OFFICE, clean, clinic
from tests.kit import write_client

CHECKS = {
    *("credentials", "rights", "fields", "webhook", "requests", "clock"),
    *("time zones", "statuses", "priorities", "days off", "clients", "canary"),
}
MOST_REQUESTS = 30


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
        (clients,) = [one["found"] for one in report["findings"] if one["check"] == "clients"]
        assert clients == "clients with a file: 1, all there; companies without one: Globex, Initech"
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


async def test_what_a_killed_canary_left_is_told_and_put_back_only_with_fix(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with clinic(tmp_path, vendor, monkeypatch) as c:
        ticket = c.world.open_ticket("Acme Dental", "A test")
        c.world.set_field(ticket, "PX Why", "px-connector canary", "PxConnector")
        row = {"conn": "main", "flag": "why", "was": "", "wrote": "px-connector canary", "by": "ann"}
        left = Canary(ticket_id=str(ticket), at=datetime.now(UTC), setup={}, doc={}, **row)
        store = await Store.open(f"sqlite:///{tmp_path / 'px.db'}")
        async with store.begin() as tx:
            await canaries.begin(tx, left)
        await store.close()
        one = await c.only("canary", "error", f"on ticket {ticket} was broken off")
        assert "'px-connector canary'" in one["why"]
        assert c.world.field(ticket, "PX Why") == "px-connector canary"
        assert await c.found("--fix") == []
        assert c.world.field(ticket, "PX Why") in ("", None)
        assert await c.found() == []


async def test_a_waived_canary_is_a_note_and_one_that_is_missing_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with clinic(tmp_path, "connectwise", monkeypatch) as c:
        c.write(write_back=True, canary={"waived": "the sandbox"})
        (note,) = await c.examined()
        assert (note.code, note.severity, note.found) == (
            *("canary-waived", "note"),
            "no canary is asked for: the sandbox",
        )
        c.write(write_back=True)
        (error,) = await c.examined()
        assert (error.code, error.severity) == ("canary-missing", "error")
        assert not (tmp_path / "px.db").exists(), "looking makes no store"
