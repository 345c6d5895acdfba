"""The demo's desks: every story of the day is told once, by a client whose file is found on the right PSA."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path

import time_machine

from connector.cli.demo.desks import DESKS, open_site
from connector.cli.demo.play import let_time_pass
from connector.clients import load_clients
from connector.simulator.dialects import VENDORS
from connector.simulator.texts import read_toml

MORNING = datetime(2026, 11, 20, 7, 55, tzinfo=UTC)


def test_every_story_is_told_once_and_every_psa_has_a_desk() -> None:
    told = Counter(story for desk in DESKS for story in desk.stories)
    assert told == Counter(dict.fromkeys(read_toml("day.toml")["tickets"], 1))
    assert sorted(desk.vendor for desk in DESKS) == sorted(VENDORS)


def test_every_client_has_one_file_and_it_names_its_desk(tmp_path: Path) -> None:
    files = resources.files("connector.cli.demo").joinpath("clients")
    shutil.copytree(str(files), tmp_path / "clients")
    book = load_clients(tmp_path)
    assert not book.errors
    served = {(desk.name, client) for desk in DESKS for client in desk.clients}
    assert len(list((tmp_path / "clients").iterdir())) == len(served)
    for desk, client in served:
        policy = book.for_ticket(desk, client, "")
        assert policy is not None, f"{client} has no file for {desk}"
        assert policy.client == client


def test_the_desks_have_pasts_of_their_own_and_one_clock_in_the_evening() -> None:
    sites = [open_site(desk, seed=place, tickets=5, start=MORNING) for place, desk in enumerate(DESKS)]
    pasts = {tuple(ticket.summary for ticket in site.world.tickets.by_id.values()) for site in sites}
    assert len(pasts) == len(DESKS)
    with time_machine.travel(datetime(2030, 1, 1, tzinfo=UTC), tick=False) as ours:
        let_time_pass(sites)
        ours.shift(timedelta(seconds=90))
        assert {site.world.now() for site in sites} == {MORNING + timedelta(seconds=90)}
