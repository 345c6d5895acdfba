"""Secrets are hashed slowly, and once: a worker with the very same ones takes the hashes over, no other."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from connector.clients import load_clients
from connector.clients.captions import of_connection
from connector.history.canary import setup
from connector.settings.canary import stands_for
from connector.store import canaries
from connector.store.canaries import Canary
from tests.fleet.kit import Place, place
from tests.fleet.test_turns import caught_up


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The companies whose secrets were hashed, each time."""
    found: list[str] = []

    def counted(settings):  # type: ignore[no-untyped-def]
        found.append(settings.company)
        return stands_for(settings)

    monkeypatch.setattr(setup, "stands_for", counted)
    return found


async def passed(here: Place, name: str = "main") -> None:
    """Keep a canary of this connection as it is now."""
    whole = setup.Setup.of(here.settings.connections[name]).whole(
        of_connection(load_clients(here.folder), name)
    )
    canary = Canary(
        **{"conn": name, "ticket_id": "7", "flag": "why", "was": "", "wrote": "x", "by": "ann"},
        at=datetime(2026, 11, 20, 8, tzinfo=UTC),
        setup=whole,
        doc={},
    )
    async with here.store() as store, store.begin() as tx:
        await canaries.end(tx, await canaries.begin(tx, canary), state="passed", at=canary.at, doc={})


async def turned_elsewhere(here: Place) -> None:
    here.later(seconds=61)
    async with here.resting() as other:
        await other.turner.turn("main", "fast")


async def test_the_next_worker_takes_them_over_and_writes(
    tmp_path: Path, postgres_url: str, hashed: list[str]
) -> None:
    async with place(tmp_path, postgres_url, canary=None) as here:
        await passed(here)
        hashed.clear()
        async with here.resting() as one:
            await caught_up(one, here)
        ticket = here.open_ticket()
        await turned_elsewhere(here)
        await turned_elsewhere(here)
        assert len(hashed) == 1
        assert here.worlds["main"].field(ticket, "SLA Zone") == "green"


async def test_with_other_secrets_they_are_hashed_anew(
    tmp_path: Path, postgres_url: str, hashed: list[str]
) -> None:
    async with place(tmp_path, postgres_url, ("main", "other"), canary=None) as here:
        await passed(here)
        async with here.resting() as one:
            await caught_up(one, here)
        hashed.clear()
        here.secret("private_key", "another", "other")
        await turned_elsewhere(here)
        assert len(hashed) == 1


async def test_a_key_that_was_changed_holds_writes_back(
    tmp_path: Path, postgres_url: str, hashed: list[str]
) -> None:
    async with place(tmp_path, postgres_url, canary=None) as here:
        await passed(here)
        async with here.resting() as one:
            await caught_up(one, here)
        assert not (await here.health())["held"]
        file = here.folder / "connector.yaml"
        written = yaml.safe_load(file.read_text())
        written["connections"]["main"]["fields"] = {"PX Why": 17}
        file.write_text(yaml.safe_dump(written))
        await turned_elsewhere(here)
        assert "`fields` has another value" in (await here.health())["held"]


async def test_a_secret_that_cannot_be_read_stops_its_own_connection_only(
    tmp_path: Path, postgres_url: str, hashed: list[str]
) -> None:
    async with place(tmp_path, postgres_url, ("main", "other"), canary=None) as here:
        await passed(here)
        (here.folder / "other-client_id").unlink()
        ticket = here.open_ticket()
        async with here.resting() as one:
            await caught_up(one, here)
        assert here.worlds["main"].field(ticket, "SLA Zone") == "green"
