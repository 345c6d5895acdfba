"""The whole connector on a pretend Autotask: what an administrator sees of it, and what it never does."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import timedelta

import yaml
from typer.testing import CliRunner

from connector.app import Connector
from connector.cli import app
from connector.settings import load_settings
from connector.simulator import Simulator, make_world
from tests.kit import CLIENTS, FRIDAY, Office, Site, client_file, free_port, write_client


class AutotaskOffice(Office):
    """The office's one desk is an Autotask. `secret`: what the settings say it is."""

    secret = ""

    async def start(self, *, wait=True):
        given = self.sim.credentials
        for name in ("secret", "integration_code"):
            file = self.folder / name
            file.write_text(self.secret or given.secret if name == "secret" else given.integration_code)
            file.chmod(0o600)
        connection = {
            "vendor": "autotask",
            "site": self.sim.url,
            "user": given.user_name,
            "secret": {"file": str(self.folder / "secret")},
            "integration_code": {"file": str(self.folder / "integration_code")},
            "allow_private": True,
            "write_back": True,
            "canary": {"waived": "a pretend PSA"},
            "quota_share": 100,
        }
        web = {"port": self.port, "public_url": f"http://127.0.0.1:{self.port}"}
        whole = {"store": "sqlite:///px.db", "web": web, "connections": {"main": connection | self.settings}}
        (self.folder / "connector.yaml").write_text(yaml.safe_dump(whole, sort_keys=False), encoding="utf-8")
        self.running = await Connector.build(load_settings(self.folder), self.folder, now=self.world.now)
        self._work = asyncio.create_task(self.running.serve())
        await self.until(self._caught_up)
        await self.settle()


@asynccontextmanager
async def autotask_office(folder, **settings):
    world = make_world(seed=7, start=FRIDAY, clients=CLIENTS, tickets=0)
    async with Simulator(world, vendor="autotask") as sim:
        write_client(folder, client_file("Acme Dental"))
        office = AutotaskOffice(folder, {"main": Site("main", world, sim)}, free_port(), settings)
        try:
            yield office
        finally:
            await office.stop()


async def explain(office, ticket, *more):
    words = ["explain", str(ticket), "--config", str(office.folder), *more]
    told = await asyncio.to_thread(CliRunner().invoke, app, words)
    assert told.exit_code == 0, told.stdout
    return told.stdout


async def test_explain_shows_the_map_of_statuses_in_force_and_who_says_it(tmp_path):
    written = {"on hold": "waiting_customer", "NEW": "first_response"}
    async with autotask_office(tmp_path, sla_events=written) as o:
        ticket = o.world.open_ticket("Acme Dental", "Printer", text="It smokes")
        await o.start()
        await o.stop()
        assert json.loads(await explain(o, ticket, "--json"))["sla_events"] == [
            {"status": "Waiting Customer", "event": "waiting_customer", "from": "default"},
            {"status": "Complete", "event": "resolved", "from": "default"},
            {"status": "*", "event": "first_response", "from": "default"},
            {"status": "on hold", "event": "waiting_customer", "from": "connector.yaml"},
            {"status": "NEW", "event": "first_response", "from": "connector.yaml"},
        ]
        lines = [" ".join(line.split()) for line in (await explain(o, ticket)).splitlines()]
        assert "every other status first_response default" in lines
        assert "on hold waiting_customer sla_events" in lines


async def test_a_note_that_was_deleted_no_longer_counts_as_an_answer(tmp_path):
    async with autotask_office(tmp_path) as o:
        await o.start()
        ticket = o.world.open_ticket("Acme Dental", "Printer", text="It smokes and nobody can print.")
        await o.later(minutes=10)
        answer = o.world.post(ticket, "jreed", "Unplug it, wait a minute, and plug it in again, please.")
        await o.later(minutes=2)
        assert (await o.shown(ticket))["felt_response"] == "10"
        o.world.delete_post(ticket, answer, "jreed")
        await o.later(minutes=2)
        assert (await o.shown(ticket))["felt_response"] == ""
        await o.assert_right(ticket)


async def test_a_daemon_restarted_again_and_again_does_not_lock_its_user(tmp_path):
    async with autotask_office(tmp_path) as o:
        tried = o.sim.dialect.locks.wrong
        user = o.sim.credentials.user_name
        o.secret = "expired"
        for most, held in ((1, False), (2, False), (2, True), (2, True), (2, True)):
            await o.start()
            assert tried[user] == most
            assert o.health.state == "stopped"
            assert "Autotask refuses our login" in o.health.detail
            assert ("refused 2 times in a row" in o.health.detail) == (most == 2 and held)
            await o.stop()
        o.world.advance(timedelta(minutes=61))
        for _ in range(3):
            await o.restart()
        assert tried[user] == 3, "after an hour once more, and then not for a day"
        o.world.advance(timedelta(hours=23))
        await o.restart()
        assert tried[user] == 3
        o.secret = ""
        await o.restart()
        assert o.health.state == "ok", "other credentials are tried at once"
        assert tried[user] == 0


async def test_what_was_refused_before_is_forgotten_when_we_are_let_in(tmp_path):
    async with autotask_office(tmp_path) as o:
        for _ in range(3):
            o.sim.faults.auth = "401"
            await o.start()
            assert o.health.state == "stopped"
            o.sim.faults.auth = ""
            await o.restart()
            assert o.health.state == "ok"
            await o.stop()
