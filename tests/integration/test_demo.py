"""The demo says so when a flag did not arrive: which PSA, which ticket, and it ends with 1."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import typer

from connector.app import Connector
from connector.cli import demo as command
from connector.cli.demo import desks, play
from connector.cli.demo.desks import Desk, Site

_open_site, _play = desks.open_site, play.play


def a_short_day(desk: Desk, **given: Any) -> Site:
    """Two steps at each desk: enough for a ticket with flags on every PSA."""
    site = _open_site(desk, **given)
    return replace(site, steps=site.steps[:2])


async def spoiled(connector: Connector, sites: Sequence[Site]) -> None:
    """After the day somebody spoils what was written, and the daemon is not told."""
    await _play(connector, sites)
    for site in sites:
        site.sim.faults.drop_callbacks = 1.0
    london, berlin, leeds = sites
    london.world.set_field(london.steps[0].ticket, "SLA Zone", "blue", "jreed")
    berlin.world.set_field(berlin.steps[0].ticket, "PX Why", "none of your business", "jreed")
    leeds.world.delete_ticket(leeds.steps[0].ticket, "jreed")


@pytest.fixture(autouse=True)
def _short_and_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desks, "open_site", a_short_day)
    monkeypatch.setattr(os, "environ", os.environ.copy())
    monkeypatch.setattr("connector.logs.configure_logging", lambda *_arguments: None)


def test_a_flag_that_did_not_arrive_is_named_with_its_psa_and_ticket(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(play, "play", spoiled)
    with pytest.raises(typer.Exit) as ended:
        command.demo(once=True, port=0, seed=7, tickets=2)
    said = capsys.readouterr()
    assert ended.value.exit_code == 1
    assert "ConnectWise, ticket 1003 (Acme Dental): zone should be 'red', the PSA shows 'blue'" in said.err
    assert "Autotask, ticket 1003 (Globex): why should be '" in said.err
    assert "the PSA shows 'none of your business'" in said.err
    assert "HaloPSA, ticket 1003 (Initech): the PSA shows no flag at all" in said.err
    assert "every one reads back" not in said.out


def test_a_psa_without_its_fields_is_not_passed_over(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def without_fields(desk: Desk, **given: Any) -> Site:
        site = a_short_day(desk, **given)
        if desk.vendor == "autotask":
            site.world.fields.clear()
        return site

    monkeypatch.setattr(desks, "open_site", without_fields)
    with pytest.raises(typer.Exit):
        command.demo(once=True, port=0, seed=7, tickets=2)
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error:")]
    assert errors == [
        "error: Autotask, ticket 1003 (Globex): the PSA shows no flag at all",
        "error: the flags did not arrive",
    ]
