"""`calendar` where the PSA has strange ones: in this process, because a real PSA must be made to say so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import respx
from typer.testing import CliRunner, Result

from connector.cli import app
from tests.unit.psa.connectwise.kit import BASE, HOST, company_info

SETTINGS = f"""connections:
  main:
    vendor: connectwise
    site: {HOST}
    company: acme
    public_key: {{env: KEY}}
    private_key: {{env: KEY}}
    client_id: {{env: KEY}}
"""
OFFICE = {"id": 1, "name": "Office", "mondayStartTime": "08:00:00", "mondayEndTime": "17:00:00"}

Ask = Callable[..., Result]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Runs the command against a PSA with these calendars, whose server is in this zone."""
    (tmp_path / "connector.yaml").write_text(SETTINGS, encoding="utf-8")

    def run(calendars: list[Any], *words: str, zone: str = "GMT Standard Time") -> Result:
        with respx.mock(assert_all_called=False) as router:
            company_info(router)
            router.get(BASE + "system/info").respond(200, json={"serverTimeZone": zone})
            router.get(BASE + "schedule/calendars").respond(200, json=calendars, headers={"link": ""})
            runner = CliRunner(env={"KEY": "k3y-of-the-test", "COLUMNS": "200", "NO_COLOR": "1"})
            return runner.invoke(app, ["calendar", *words, "--config", str(tmp_path)])

    return run


def test_a_psa_without_calendars(ask: Ask) -> None:
    done = ask([])
    assert (done.exit_code, done.stdout) == (1, "")
    assert "main has no calendars, or shows us none" in done.stderr


def test_one_without_working_time_is_told_and_the_others_are_shown(ask: Ask) -> None:
    done = ask([OFFICE, {"id": 2, "name": "Never"}])
    assert done.exit_code == 1
    assert "mon 08:00-17:00" in done.stdout
    assert "2 Never: calendar Never: the week has no working time at all" in done.stderr
    one = ask([OFFICE, {"id": 2, "name": "Never"}], "main", "Never")
    assert (one.exit_code, one.stdout) == (1, "")
    assert "no working time at all" in one.stderr
    assert ask([OFFICE, {"id": 2, "name": "Never"}], "main", "1").exit_code == 0


def test_an_unknown_windows_zone_asks_for_the_zone(ask: Ask) -> None:
    done = ask([OFFICE], zone="Middle Earth Standard Time")
    assert done.exit_code == 1
    assert "unknown time zone 'Middle Earth Standard Time'" in done.stderr
    assert "say with --timezone" in done.stderr
    helped = ask([OFFICE], "main", "1", "--timezone", "Pacific/Auckland", zone="Middle Earth Standard Time")
    assert helped.exit_code == 0
    assert "timezone: Pacific/Auckland\n" in helped.stdout


def test_two_of_the_same_name_are_told_apart_by_id(ask: Ask) -> None:
    both = [OFFICE, {**OFFICE, "id": 2, "name": "OFFICE", "mondayEndTime": "16:00:00"}]
    done = ask(both, "main", "office")
    assert done.exit_code == 1
    assert "several calendars are called 'office'; take one by its id: 1 Office, 2 OFFICE" in done.stderr
    assert '"08:00-16:00"' in ask(both, "main", "2").stdout


def test_a_name_with_everything_in_it_harms_neither_terminal_nor_yaml(ask: Ask) -> None:
    evil = "[red]x[/]\x1b[31m\nclient: Mallory\u2028:cat: "
    done = ask([{**OFFICE, "name": evil}])
    assert done.exit_code == 0
    assert "\x1b" not in done.stdout
    assert "[red]x[/]" in done.stdout
    block = ask([{**OFFICE, "name": evil}], "main", "1").stdout
    assert next(line for line in block.splitlines() if not line.startswith("#")) == "calendar:"
    found = json.loads(ask([{**OFFICE, "name": evil}], "--json").stdout)
    assert found["calendars"][0]["name"] == evil
