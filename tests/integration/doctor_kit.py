"""A pretend MSP to be looked at by `doctor`: set up right, until a test plants something."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from connector.cli import app
from connector.clients import load_clients
from connector.clients.captions import of_connection
from connector.history.doctor import Finding, examine
from connector.settings import load_settings
from connector.simulator import Simulator, World, make_world
from connector.store.store import Store, is_there
from tests.contract.psa.stage import SHARED
from tests.contract.psa.tongues import TONGUES
from tests.kit import client_file, hooked, write_client

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
    patch: pytest.MonkeyPatch

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

    async def examined(self, *, fix: bool = False) -> list[Finding]:
        """The same without the command around it, which is quicker."""
        settings = load_settings(self.folder)
        store = await Store.open(settings.store) if is_there(settings.store) else None
        report = await examine(
            "main",
            settings.connections["main"],
            of_connection(load_clients(self.folder), "main"),
            hook_url=settings.hook_url("main"),
            today=datetime.now(UTC).date(),
            fix=fix,
            tell=lambda _doing: None,
            store=store,
        )
        if store is not None:
            await store.close()
        return [one for one in report.findings if one.severity != "ok"]

    async def only(self, check: str, severity: str = "warning", words: str = "") -> dict[str, Any]:
        """The one finding there is."""
        (one,) = await self.found()
        assert (one["check"], one["severity"]) == (check, severity), one
        assert words in one["found"]
        return one

    def write(self, *clients: dict[str, Any], public_url: str | None = HOOK, **keys: Any) -> None:
        tongue = TONGUES[self.vendor]
        main = {"vendor": self.vendor, **SHARED, **tongue.keys(self.sim), **keys}
        web = {"public_url": public_url}
        settings = {"store": "sqlite:///px.db", "web": web, "connections": {"main": main}}
        (self.folder / "connector.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        for client in clients:
            write_client(self.folder, client)

    async def hooked(self) -> None:
        """As the daemon leaves it: our webhook is there."""
        await hooked(self.folder)
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
        one = Clinic(folder, vendor, world, sim, patch)
        one.write(*(clients or (clean(vendor),)), **keys)
        await one.hooked()
        yield one
