"""Simulator and daemon as two processes: flags arrive and are explained; it ends when told; secrets stay."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.acceptance.kit import Psa, cli, configure, psa, running, until
from tests.kit import CAPTIONS, client_file, write_client
from tests.shared import ROOT

pytestmark = pytest.mark.xdist_group("processes")

TOKEN = "t0ken-of-the-board-4711"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Psa]:
    with psa(tmp_path, tickets=60) as made:
        yield made


def zone(site: Psa, ticket: int) -> object:
    return site.ticket(ticket)["fields"][CAPTIONS["zone"]]


def settled(port: int) -> bool:
    """The daemon answers and every connection has turned."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=2).status_code == 200
    except httpx.TransportError:
        return False


def test_flags_arrive_and_can_be_explained_and_no_secret_is_told(tmp_path: Path, site: Psa) -> None:
    config, port = configure(tmp_path, site)
    token = tmp_path / "token"
    token.write_text(TOKEN, encoding="utf-8")
    token.chmod(0o600)
    settings = (config / "connector.yaml").read_text("utf-8")
    settings = settings.replace("web:\n", f"web:\n  token: {{file: {token}}}\n")
    (config / "connector.yaml").write_text(settings + "log: {level: debug}\n", encoding="utf-8")
    said = []
    with running(tmp_path / "run.log", "run", "--config", config, fresh=True) as daemon:
        until(lambda: settled(port), "the daemon")
        ticket = site.do(
            "open_ticket", client="Acme Dental", summary="Printer down", text="It prints nothing."
        )
        until(lambda: zone(site, ticket), "the flag of a new ticket", 20)
        said += [_explained(ticket, config, site), cli("check", "--config", config)]
        board = httpx.get(f"http://127.0.0.1:{port}/")
        assert board.status_code in (401, 303, 403)
        signed_in = httpx.get(f"http://127.0.0.1:{port}/", headers={"authorization": f"Bearer {TOKEN}"})
        assert signed_in.status_code == 200
        assert "Printer down" in signed_in.text
        forged = httpx.post(f"http://127.0.0.1:{port}/hooks/main?recordId=1", content=b"{}")
        assert forged.status_code == 401
        site.faults(auth="401")
        until(lambda: "stopped" in daemon.said() or _poke(site, ticket), "the refusal", 30)
        code, seconds = daemon.stop()
        assert (code, seconds < 3) == (0, True)
        told = daemon.said() + board.text + signed_in.text
    told += "".join(done.stdout + done.stderr for done in said)
    with contextlib.closing(sqlite3.connect(config / "px.db")) as db:
        told += "\n".join(db.iterdump())
    for secret in (*site.secrets(), TOKEN):
        assert secret not in told
    assert "Traceback" not in told


def _poke(site: Psa, ticket: int) -> bool:
    """Something happens, so that the daemon asks again and is refused."""
    site.do("post", ticket=ticket, author="contact", text="Any news?")
    return False


def _explained(ticket: int, config: Path, site: Psa):  # type: ignore[no-untyped-def]
    shown = site.ticket(ticket)["fields"]
    plain = cli("explain", str(ticket), "--config", config)
    assert plain.returncode == 0, plain.stderr
    for words in ("Printer down", "PSA says", "customer felt", "not answered", "response", "SLA Zone"):
        assert words.casefold() in plain.stdout.casefold(), words
    parsed = cli("explain", str(ticket), "--config", config, "--json")
    assert parsed.returncode == 0
    found = json.loads(parsed.stdout)
    assert found["connection"] == "main"
    assert found["ticket"]["id"] == str(ticket)
    assert found["assessment"]["flags"]["zone"] == found["observed"]["zone"] == shown[CAPTIONS["zone"]]
    assert [line["what"] for line in found["story"]]
    written = {change["flag"]: change for change in found["history"]}
    assert written["zone"]["new"] == "green"
    assert written["zone"]["reason"]
    unknown = cli("explain", "999999", "--config", config)
    assert unknown.returncode == 1
    assert "999999" in unknown.stderr
    return plain


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_within_three_seconds_of_being_told_in_the_middle_of_work(
    tmp_path: Path, site: Psa, number: int
) -> None:
    config, _ = configure(tmp_path, site)
    site.faults(latency=200)
    with running(tmp_path / "run.log", "run", "--config", config) as daemon:
        until(lambda: site.state()["requests_total"] > 12, "the back-fill to begin")
        code, seconds = daemon.stop(number)
        assert code == 0
        assert seconds < 3
        assert "Traceback" not in daemon.said()


def test_it_ends_with_a_board_open_in_a_browser(tmp_path: Path, site: Psa) -> None:
    config, port = configure(tmp_path, site)
    with running(tmp_path / "run.log", "run", "--config", config) as daemon:
        until(lambda: settled(port), "the daemon")
        with httpx.stream("GET", f"http://127.0.0.1:{port}/events", timeout=10) as events:
            assert events.status_code == 200
            code, seconds = daemon.stop()
        assert (code, seconds < 3) == (0, True)


def test_an_edited_client_file_is_read_while_it_runs(tmp_path: Path, site: Psa) -> None:
    config, port = configure(tmp_path, site)
    with running(tmp_path / "run.log", "run", "--config", config) as daemon:
        until(lambda: settled(port), "the daemon")
        ticket = site.do("open_ticket", client="Globex", summary="Printer down", text="It prints nothing.")
        due = until(lambda: site.ticket(ticket)["fields"][CAPTIONS["due"]], "its flags", 20)
        quick = {"*": {"response": "10m", "resplan": "4h", "update": "8h", "resolution": "16h"}}
        always = {"timezone": "Europe/London", "week": {"mon-sun": ["00:00-24:00"]}}
        write_client(config, client_file("Globex", targets=quick, calendar=always))
        until(lambda: site.ticket(ticket)["fields"][CAPTIONS["due"]] != due, "the new promise", 20)
        write_client(config, "client: Globex\ntargets: [", "globex")
        until(lambda: "globex.yaml:" in daemon.said(), "the complaint", 20)
        assert daemon.stop()[0] == 0


def test_keys_that_are_refused_are_told_once_and_never(tmp_path: Path, site: Psa) -> None:
    """Told that they are refused; not what they are."""
    config, port = configure(tmp_path, site)
    (config / "main-private_key").write_text("wrong-key-0815", encoding="utf-8")
    with running(tmp_path / "run.log", "run", "--config", config) as daemon:
        until(lambda: '"stopped"' in daemon.said(), "the refusal")
        assert httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
        assert daemon.stop()[0] == 0
        assert daemon.said().count('"state": "stopped"') == 1
        assert "wrong-key-0815" not in daemon.said()


def test_two_daemons_on_one_port_and_a_store_that_is_none(tmp_path: Path, site: Psa) -> None:
    config, port = configure(tmp_path, site)
    with running(tmp_path / "run.log", "run", "--config", config) as daemon:
        until(lambda: settled(port), "the daemon")
        second = cli("run", "--config", config)
        assert second.returncode == 1
        assert str(port) in second.stderr
        assert "Traceback" not in second.stderr
        assert daemon.stop()[0] == 0
    (config / "px.db").write_bytes(b"this is no database, it is a love letter " * 100)
    for file in config.glob("px.db-*"):
        file.unlink()
    third = cli("run", "--config", config)
    assert third.returncode == 1
    assert "px.db" in third.stderr
    assert "Traceback" not in third.stderr


def test_the_simulator_ends_when_told(tmp_path: Path) -> None:
    with psa(tmp_path, tickets=5) as site:
        assert site.state()["tickets"] == 5
    with running(tmp_path / "again.log", "simulate", "connectwise", "--port", "0") as process:
        until(lambda: "answers on" in process.said(), "the simulator")
        code, seconds = process.stop()
        assert (code, seconds < 3) == (0, True)


def test_the_demo_plays_its_day_on_three_psas_and_shows_what_arrived() -> None:
    done = cli("demo", "--once", "--port", "0", COLUMNS="600")
    assert done.returncode == 0, done.stderr[-2000:]
    for words in (
        *("PSA says", "customer felt", "flags now on the ticket"),
        *("3 h 12 min", "AT RISK", "closed automatically", "every one reads back"),
        *("4 in ConnectWise", "4 in Autotask", "5 in HaloPSA"),
    ):
        assert words in done.stdout
    assert "Traceback" not in done.stderr
    played, told = _rows_played(done.stdout), _rows_told()
    assert len(played) == 13
    assert len(told) >= 4
    assert [row for row in told if row not in played] == [], "README shows what a run prints"


def _rows_played(said: str) -> list[list[str]]:
    """The rows of the demo's table, each cell as one line of words."""
    rows: list[list[str]] = []
    for line in said.splitlines():
        if line.startswith("│"):
            cells = [cell.split() for cell in line.strip("│").split("│")]
            rows[-1] = [before + more for before, more in zip(rows[-1], cells, strict=True)]
        elif line.startswith(("┡", "├")):
            rows.append([[]] * 5)
    return [[" ".join(cell) for cell in row] for row in rows]


def _rows_told() -> list[list[str]]:
    """The same rows as README has them."""
    table = (ROOT / "README.md").read_text("utf-8").partition("| desk, PSA |")[2].partition("\n\n")[0]
    rows = [line.strip("|").replace(" · ", " ").split(" | ") for line in table.splitlines()[2:]]
    return [[cell.strip() for cell in row] for row in rows]


def test_the_demo_can_be_left_with_ctrl_c(tmp_path: Path) -> None:
    with running(tmp_path / "demo.log", "demo", "--port", "0", "--tickets", "10") as demo:
        until(lambda: "The board stays up at" in demo.said(), "the end of the day", 60)
        [address] = re.findall(r"The board stays up at (http://\S+)", demo.said())
        board = httpx.get(address)
        assert board.status_code == 200
        for desk in ("london", "berlin", "leeds"):
            card = httpx.get(f"{address}ticket", params={"connection": desk, "id": "1011"})
            assert (card.status_code, "Promises" in card.text) == (200, True)
            assert f"ticket?connection={desk}&amp;id=" in board.text
        code, seconds = demo.stop(signal.SIGINT)
        assert (code, seconds < 4) == (0, True)
