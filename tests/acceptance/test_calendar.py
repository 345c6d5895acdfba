"""`calendar` as a service manager meets it: list, copy one, paste it, check it; and what can be wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from connector.clients import load_policy
from tests.acceptance.kit import Psa, cli, psa
from tests.kit import client_file, write_client, write_settings

CLIENT = """client: Acme Dental
match: {{connection: main, companies: [Acme Dental]}}
{block}targets:
  "*": {{response: 1h}}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Psa]:
    with psa(tmp_path_factory.mktemp("psa"), tickets=0) as found:
        yield found


@pytest.fixture
def config(tmp_path: Path, site: Psa) -> Iterator[Path]:
    write_client(tmp_path, client_file("Globex"))
    write_settings(tmp_path, 8765, {"main": (site.url, site.credentials)})
    yield tmp_path
    site.faults(forbidden="", auth="")


def test_the_list_shows_what_there_is(config: Path) -> None:
    done = cli("calendar", "--config", config)
    assert done.returncode == 0, done.stderr
    [head, *rows] = done.stdout.splitlines()
    assert head.split() == ["id", "name", "zone", "hours", "days", "off"]
    assert [row.split()[0] for row in rows] == ["1", "2", "3", "4"]
    assert "Extended Hours" in rows[1]
    assert "mon-fri 07:00-22:00; sat 09:00-13:00" in rows[1]
    assert rows[1].split()[-1] == "17"
    assert "24x7" in rows[3]
    assert "no time zone: Europe/London is that of its server" in done.stderr


def test_json_is_one_document_with_the_block_of_each(config: Path) -> None:
    done = cli("calendar", "main", "--config", config, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    [line] = done.stdout.splitlines()
    rows = json.loads(line)["calendars"]
    assert [row["name"] for row in rows] == [
        "Standard Calendar",
        "Extended Hours",
        "Night Desk",
        "Round the Clock",
    ]
    one = cli("calendar", "main", "3", "--config", config, "--json")
    assert json.loads(one.stdout) == {"connection": "main", **rows[2]}


@pytest.mark.parametrize("name", ["standard calendar", "2", "Night Desk", "4"])
def test_a_pasted_block_is_accepted_and_answers_like_the_psas(config: Path, name: str) -> None:
    done = cli("calendar", "main", name, "--config", config)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith('# "')
    assert "px-connector calendar main " in done.stdout, "how it was made"
    path = write_client(config, CLIENT.format(block=done.stdout), "acme")
    checked = cli("check", "--config", config)
    assert checked.returncode == 0, checked.stderr
    assert "2 clients read: Acme Dental, Globex" in checked.stdout
    as_json = json.loads(cli("calendar", "main", name, "--config", config, "--json").stdout)
    other = write_client(config, {**client_file("Other"), "calendar": as_json["calendar"]}, "other")
    assert load_policy(path).calendar == load_policy(other).calendar


def test_another_zone_also_by_its_windows_name(config: Path) -> None:
    zone = "W. Europe Standard Time"
    done = cli("calendar", "main", "1", "--timezone", zone, "--config", config)
    assert yaml.safe_load(done.stdout)["calendar"]["timezone"] == "Europe/Berlin"
    assert "--timezone Europe/Berlin" in done.stdout
    assert "server" not in done.stdout
    wrong = cli("calendar", "--timezone", "Mars/Olympus", "--config", config)
    assert wrong.returncode == 2
    assert "unknown time zone 'Mars/Olympus'" in wrong.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mian"], "no connection 'mian' in connector.yaml; known: main"),
        (["main", "Standrd"], "no calendar 'Standrd'; there are: 1 Standard Calendar, 2 Extended Hours"),
    ],
)
def test_a_wrong_name_is_told_with_the_right_ones(config: Path, words: list[str], said: str) -> None:
    done = cli("calendar", *words, "--config", config)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr


def test_with_two_psas_one_must_be_named(config: Path, site: Psa) -> None:
    write_settings(config, 8765, dict.fromkeys(("main", "second"), (site.url, site.credentials)))
    done = cli("calendar", "--config", config)
    assert (done.returncode, done.stdout) == (1, "")
    assert "name one of them: main, second" in done.stderr
    assert cli("calendar", "second", "--config", config).returncode == 0


def test_missing_rights_name_the_right(config: Path, site: Psa) -> None:
    site.faults(forbidden="/schedule/holidayLists/2")
    some = cli("calendar", "--config", config)
    assert some.returncode == 1
    assert "mon-fri 08:00-18:00" in some.stdout
    assert "cannot be used" in some.stdout
    assert "3 Night Desk: its holidays may not be read: give the API member's role" in some.stderr
    one = cli("calendar", "main", "Night Desk", "--config", config)
    assert (one.returncode, one.stdout) == (1, "")
    assert "its holidays may not be read" in one.stderr
    site.faults(forbidden="/schedule")
    none = cli("calendar", "--config", config, "--json")
    assert (none.returncode, none.stdout) == (1, "")
    assert "calendars may not be read: give the API member's role System › Table Setup" in none.stderr
    assert "Traceback" not in some.stderr + one.stderr + none.stderr


def test_wrong_keys_and_no_secret_in_the_message(config: Path, site: Psa) -> None:
    site.faults(auth="401")
    done = cli("calendar", "--config", config)
    assert (done.returncode, done.stdout) == (1, "")
    assert "401" in done.stderr
    assert "Traceback" not in done.stderr
    assert not any(secret in done.stderr for secret in site.secrets())
