"""`doctor --canary` as a person types it: shown first, asked, carried out, and then `run` may write."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from connector.cli import app
from connector.cli import canary as command
from connector.psa.vendors import build_psa
from connector.settings import load_settings
from tests.kit import Office, office, write_client, write_settings


async def invoke(o: Office, *arguments: str, text: str = "") -> Result:
    runner = CliRunner(env={"COLUMNS": "160", "NO_COLOR": "1"})
    given = ["doctor", "--config", str(o.folder), "--connection", "main", "--watch", "30", *arguments]
    return await asyncio.to_thread(runner.invoke, app, given, text)


async def prepared(o: Office, patch: pytest.MonkeyPatch) -> int:
    """connector.yaml with writes on and no canary, a test ticket, and seconds that are none."""

    async def nap(_seconds: float) -> None:
        await asyncio.sleep(0.05)

    patch.setattr(command, "sleep", nap)
    sites = {"main": (o.sim.url, o.sim.credentials)}
    write_settings(o.folder, o.port, sites, **{"canary": None, **o.settings})
    return o.world.open_ticket("Acme Dental", "A test ticket", text="[bold]Please[/bold] ignore \x1b[31m")


async def test_shown_first_and_asked_and_run_may_write_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, clients=("Acme Dental",), canary=None) as o:
        ticket = await prepared(o, monkeypatch)
        monkeypatch.setattr(command, "_can_ask", lambda: True)
        no = await invoke(o, "--canary", str(ticket), text="n\n")
        assert (no.exit_code, o.world.writes) == (1, [])
        assert "A test ticket" in no.stderr
        assert "is this a test ticket? the customer wrote on it" in no.stderr
        assert "for 30 s it will show 'px-connector canary" in no.stderr
        assert "Nothing was written." in no.stderr
        yes = await invoke(o, "--canary", str(ticket), text="y\n")
        assert (yes.exit_code, len(o.world.writes)) == (0, 2), yes.output
        assert "The canary of main has passed" in yes.stdout
        await o.start()
        assert (o.health.state, o.health.watches, o.health.waived) == ("ok", False, "")


async def test_our_own_webhooks_are_heard_though_no_daemon_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, clients=("Acme Dental",), canary=None) as o:
        ticket = await prepared(o, monkeypatch)
        settings = load_settings(tmp_path)
        psa = build_psa("main", settings.connections["main"])
        await psa.start({})
        await psa.ensure_webhook(settings.hook_url("main"))
        await psa.close()
        o.sim.faults.workflow = "note"
        done = await invoke(o, "--canary", str(ticket), "--yes", "--json")
        (row,) = [json.loads(done.stdout)["canary"]]
        assert (done.exit_code, row["passed"]) == (1, False)
        (heard,) = [one["found"] for one in row["findings"] if "webhooks about this ticket" in one["found"]]
        assert "0 (none" not in heard


async def test_a_customer_who_was_written_to_is_said_loudly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, clients=("Acme Dental",), canary=None, callbacks=False) as o:
        ticket = await prepared(o, monkeypatch)
        o.sim.faults.workflow = "mail"
        write_client(tmp_path, "client: Globex\ntargets: 7\n", "globex")
        done = await invoke(o, "--canary", str(ticket), "--yes")
        assert done.exit_code == 1
        assert "THE CANARY HAS FAILED: A CUSTOMER WAS WRITTEN TO" in done.stdout
        assert "Your ticket was updated." in done.stdout
        assert o.world.field(ticket, "PX Why") is None
        assert "globex.yaml" in done.stderr
        assert "this file's fields are left out" in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--canary", "1"), 2, "nobody can be asked here"),
        (("--canary", "1", "--json"), 2, "nobody can be asked here"),
        (("--canary", "999999", "--yes"), 1, "the PSA has no ticket 999999"),
        (("--canary", "<script>", "--yes"), 1, "has no ticket <script>"),
    ],
)
async def test_what_cannot_be_done_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, words: str
) -> None:
    async with office(tmp_path, clients=("Acme Dental",), canary=None) as o:
        await prepared(o, monkeypatch)
        done = await invoke(o, *arguments)
        assert (done.exit_code, o.world.writes) == (code, [])
        assert words in " ".join(re.sub("[│╭╮╰╯─]", "", done.stderr).split())


async def test_ctrl_c_puts_the_former_value_back_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, clients=("Acme Dental",), canary=None, callbacks=False) as o:
        ticket = await prepared(o, monkeypatch)
        o.world.set_field(ticket, "PX Why", "as it was", "dmoore")
        given = ["--config", str(tmp_path), "--canary", str(ticket), "--yes", "--watch", "60"]
        flight = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "connector", "doctor", *given),
            stderr=asyncio.subprocess.PIPE,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a background job ignores it
        )
        await o.until(lambda: bool(o.world.writes))
        flight.send_signal(signal.SIGINT)
        _, told = await flight.communicate()
        assert (flight.returncode, o.world.field(ticket, "PX Why")) == (1, "as it was")
        assert "broken off; the field has its former value again" in told.decode()
        assert "Traceback" not in told.decode()
