"""Writes wait for a canary: at the start by a refusal, while it runs by only watching."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connector.cli import app
from connector.clients import load_clients
from connector.clients.captions import of_connection
from connector.errors import CanaryNeeded
from connector.history.canary.setup import Setup
from connector.settings import load_settings
from connector.store import audit, canaries
from connector.store.canaries import Canary, State
from connector.store.store import Store
from tests.kit import Office, client_file, office, write_client

UNWAIVED: dict[str, Any] = {"canary": None}


async def keep(o: Office, state: State = "passed", **change: Any) -> None:
    """A canary as `doctor --canary` would have kept it for the settings and files of now."""
    settings, store = load_settings(o.folder), await Store.open(f"sqlite:///{o.folder / 'px.db'}")
    one = settings.connections["main"].model_copy(update=change)
    whole = Setup.of(one).whole(of_connection(load_clients(o.folder), "main"))
    canary = Canary(
        **{"conn": "main", "ticket_id": "7", "flag": "why", "was": "", "wrote": "x", "by": "ann"},
        at=datetime(2026, 11, 20, 8, tzinfo=UTC),
        setup=whole,
        doc={},
    )
    async with store.begin() as tx:
        number = await canaries.begin(tx, canary)
        if state != "open":
            await canaries.end(tx, number, state=state, at=canary.at, doc={})
    await store.close()


async def refused(o: Office) -> str:
    with pytest.raises(CanaryNeeded) as caught:
        await o.start()
    return str(caught.value)


async def test_no_write_before_a_canary_and_the_refusal_says_what_to_do(tmp_path: Path) -> None:
    async with office(tmp_path, **UNWAIVED) as o:
        said = await refused(o)
        assert "connections.main: write_back is true, and no canary has been tried yet" in said
        assert f"px-connector doctor --config {tmp_path} --connection main --canary TICKET" in said
        assert "write_back: false" in said
        assert 'canary: {waived: "reason"}' in said
        done = await asyncio.to_thread(CliRunner().invoke, app, ["run", "--config", str(tmp_path)])
        assert (done.exit_code, done.stdout) == (2, "")
        assert "no canary has been tried yet" in " ".join(done.stderr.split())
        assert o.world.requests.total() == 0, "nothing is asked either"


@pytest.mark.parametrize(
    ("state", "change", "words"),
    [
        ("failed", {}, "on ticket 7 failed"),
        ("open", {}, "was broken off"),
        ("passed", {"company": "other"}, "was for something else: `company` has another value"),
        ("passed", {"fields": {"PX Why": 17}}, "`fields` has another value"),
    ],
)
async def test_a_canary_that_stands_for_nothing(
    tmp_path: Path, state: State, change: dict[str, Any], words: str
) -> None:
    async with office(tmp_path, **UNWAIVED) as o:
        await refused(o)
        await keep(o, state, **change)
        assert words in await refused(o)


async def test_one_that_was_broken_off_and_put_back_takes_no_earlier_one_away(tmp_path: Path) -> None:
    async with office(tmp_path, **UNWAIVED) as o:
        await refused(o)
        await keep(o)
        await keep(o, "undone")
        await o.start()
        assert o.health.state == "ok"


async def test_another_field_while_it_runs_holds_writes_back_until_its_own_canary(tmp_path: Path) -> None:
    async with office(tmp_path, clients=("Acme Dental",), **UNWAIVED) as o:
        await refused(o)
        await keep(o)
        await o.start()
        ticket = o.world.open_ticket("Acme Dental", "Printer", text="It smokes")
        await o.poll()
        await o.assert_right(ticket)
        write_client(tmp_path, client_file("Acme Dental", flags={"why": "Change Approval"}))
        await o.connector.rules.reload()
        before = len(o.world.writes)
        o.world.set_field(ticket, "SLA Zone", "", "dmoore")
        await o.later(minutes=2)
        assert len(o.world.writes) == before, "it only watches"
        (error,) = o.connector.health.errors()
        assert "the field of 'why: Change Approval' is new" in error
        assert (o.health.state, o.health.watches) == ("ok", True)
        await keep(o)
        await o.later(minutes=2)
        assert len(o.world.writes) > before, "no restart is needed"
        assert (o.connector.health.errors(), o.health.watches) == ((), False)


async def test_fewer_fields_ask_for_no_new_canary(tmp_path: Path) -> None:
    async with office(tmp_path, clients=("Acme Dental",), **UNWAIVED) as o:
        await refused(o)
        await keep(o)
        write_client(tmp_path, client_file("Acme Dental", flags={"why": None}))
        await o.start()
        assert o.connector.health.errors() == ()


async def test_a_first_run_only_watches_and_says_what_it_would_have_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with office(tmp_path, tickets=20, write_back=False, **UNWAIVED) as o:
        o.world.open_ticket("Acme Dental", "Printer", text="It smokes")
        await o.start()
        assert (o.world.writes, o.health.watches) == ([], True)
        told = capsys.readouterr()
        lines = [line for line in (told.out + told.err).splitlines() if "only watches" in line]
        assert "write_back is false, so nothing is written to the PSA" in lines[0]
        assert "tickets_it_would_write_to=" in lines[1]
        assert "tickets_it_would_write_to=0" not in lines[1]
        assert len(lines) == 2, "said once a day"


async def test_a_waiver_is_logged_shown_and_kept_once_as_an_act(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with office(tmp_path, canary={"waived": "the sandbox"}) as o:
        await o.start()
        assert o.health.waived == "the sandbox"
        told = capsys.readouterr()
        assert "writes without a canary" in told.out + told.err
        await o.restart()
        o.settings["canary"], o.settings["write_back"] = None, False
        await o.restart()
        assert (o.health.waived, o.health.watches) == ("", True)
        async with o.connector.store.read() as tx:
            deeds = await audit.latest(tx)
        assert [(deed.what, deed.by.name, deed.by.why) for deed in reversed(deeds)] == [
            ("canary waived", "connector.yaml", "the sandbox"),
            ("canary no longer waived", "connector.yaml", "the sandbox"),
        ]
