"""The daemon on every PSA there is an adapter for: the same story, the same flags on the ticket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from connector.app import Connector
from connector.settings import load_settings
from connector.simulator import Simulator, make_world
from tests.contract.psa.stage import SHARED
from tests.contract.psa.tongues import TONGUES
from tests.kit import FRIDAY, Office, Site, client_file, free_port, write_client


@asynccontextmanager
async def desk(
    folder: Path,
    vendor: str,
    patch: pytest.MonkeyPatch,
    *clients: str | dict[str, Any],
    start: datetime = FRIDAY,
    **more: Any,
) -> AsyncIterator[Office]:
    """A running connector on a pretend MSP that speaks this vendor's tongue, with files for these clients,
    by name or as they are written. `more`: further keys of the connection."""
    tongue, world = TONGUES[vendor], make_world(seed=7, tickets=20, start=start)
    async with Simulator(world, vendor=vendor) as sim:
        for name, value in tongue.secrets(sim).items():
            patch.setenv(name, value)
        port = free_port()
        writes = {"write_back": True, "canary": {"waived": "a pretend PSA"}}
        keys = {"vendor": vendor, **SHARED, **tongue.keys(sim), **writes, **more}
        web = {"port": port, "public_url": f"http://127.0.0.1:{port}"}
        settings = {"store": "sqlite:///px.db", "web": web, "connections": {"main": keys}}
        (folder / "connector.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        for client in clients or ("Acme Dental",):
            write_client(folder, client_file(client) if isinstance(client, str) else client)
        office = Office(folder, {"main": Site("main", world, sim)}, port)
        office.running = await Connector.build(load_settings(folder), folder, now=world.now)
        office._work = asyncio.create_task(office.running.serve())
        try:
            await office.until(office._caught_up)
            await office.settle()
            yield office
        finally:
            await office.stop()


@pytest.mark.parametrize("vendor", TONGUES)
async def test_a_person_has_answered_or_has_not(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(tmp_path, vendor, monkeypatch) as o:
        assert o.health.state != "stopped", o.health.detail
        ticket = o.world.open_ticket("Acme Dental", "Printer down", text="It prints nothing at all.")
        o.world.post(ticket, "workflow", "We have received your request and will be with you shortly.")
        await o.later(seconds=60)
        assert (await o.shown(ticket))["zone"] == "green"
        await o.later(50)
        assert (await o.shown(ticket))["zone"] in ("yellow", "orange")
        assert (await o.shown(ticket))["felt_response"] == "", "a machine's answer is none"
        o.world.post(ticket, "jreed", "Unplug it, wait a minute, and plug it in again, please.")
        await o.later(seconds=60)
        assert (await o.shown(ticket))["felt_response"] == "51"
        assert (await o.shown(ticket))["zone"] == "green"
        await o.assert_right(ticket)
        assert {write.member for write in o.world.writes} == {"PxConnector"}
        before = len(o.world.writes)
        await o.later(2)
        assert len(o.world.writes) == before, "what stands is not written again"


async def test_the_same_on_postgresql(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One setting: everything else is as it was, through a restart as well."""
    monkeypatch.setenv("PX_STORE", postgres_url)
    async with desk(tmp_path, "connectwise", monkeypatch) as o:
        assert not (tmp_path / "px.db").exists()
        ticket = o.world.open_ticket("Acme Dental", "Printer down", text="It prints nothing at all.")
        await o.later(50)
        assert (await o.shown(ticket))["zone"] in ("yellow", "orange")
        await o.stop()
        o.world.post(ticket, "jreed", "Unplug it, wait a minute, and plug it in again, please.")
        before = len(o.world.writes)
        await o.start()
        assert (await o.shown(ticket))["felt_response"] == "50"
        await o.assert_right(ticket)
        assert len(o.world.writes) > before
