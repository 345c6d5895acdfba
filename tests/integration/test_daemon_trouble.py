"""A PSA in trouble: refusing, throttling, failing, slow, moved, behind. The others go on; later so do we."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs

from connector.daemon import supervisor
from connector.daemon.connection import Connection
from connector.daemon.turn import Outcome
from connector.simulator import Exchange, Simulator
from connector.store import outbox
from tests.kit import Office, Tap, client_file, office, write_client

PATCH = ("PATCH", "/service/tickets/{id}")
NOTES = ("GET", "/service/tickets/{id}/notes")


async def opened(o: Office, client: str = "Acme Dental", site: str = "") -> int:
    world = o.sites[site or o.first.name].world
    return world.open_ticket(client, "Printer down", text="It prints nothing at all.")


class AtFirstWrite:
    """A tap that sets faults the moment a flag is written; they count from that very request on."""

    def __init__(self, tap: Tap) -> None:
        self.tap = tap
        self.sim: Simulator | None = None
        self.faults: dict[str, int] = {}

    def arm(self, sim: Simulator, **faults: int) -> None:
        self.sim, self.faults = sim, faults

    def __call__(self, exchange: Exchange) -> None:
        if self.tap is not None:
            self.tap(exchange)
        if exchange.method == "PATCH" and self.sim is not None:
            self.sim.faults.update(self.faults)
            self.sim = None


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pauses between attempts are real seconds elsewhere."""
    monkeypatch.setattr("connector.psa.retry.FIRST_WAIT_S", 0.01)
    monkeypatch.setattr("connector.daemon.supervisor.wait_s", lambda failures: 0.05)


# ── credentials ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("answer", ["401", "404"])
async def test_refused_credentials_stop_one_connection_and_are_said_once(
    tmp_path: Path, openapi_tap: Tap, answer: str
) -> None:
    async with office(tmp_path, tap=openapi_tap, names=("main", "second")) as o:
        write_client(tmp_path, client_file("Globex", "second"))
        o.sim.faults.auth = answer
        with capture_logs() as logs:
            await o.start()
            refused, fine = await opened(o), await opened(o, "Globex", "second")
            await o.settle()
            asked = o.world.requests.total()
            await o.later(minutes=120)
        assert o.health.state == "stopped"
        assert "ConnectWise" in o.health.detail or "Username" in o.health.detail
        assert o.flags(refused) == {}
        assert o.flags(fine, "second")["zone"] == "red"
        assert o.world.requests.total() == asked, "whoever was refused does not knock again"
        said = [line for line in logs if line["log_level"] == "error" and line.get("connection") == "main"]
        assert [line["state"] for line in said] == ["stopped"]
        assert o.sim.credentials.private_key not in str(logs)
        await _board_is_up(o, "stopped")


async def test_credentials_that_expire_while_we_run(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap, names=("main", "second")) as o:
        write_client(tmp_path, client_file("Globex", "second"))
        await o.start()
        mine = await opened(o)
        await o.settle()
        o.sim.faults.auth = "401"
        fine = await opened(o, "Globex", "second")
        await o.poll()
        asked = o.world.requests.total()
        await o.later(minutes=45)
        assert o.health.state == "stopped"
        assert o.world.requests.total() == asked
        assert o.flags(fine, "second")["zone"] == "orange"
        assert o.flags(mine)["zone"] == "green", "what stands there stays"
        o.sim.faults.auth = ""
        await o.restart()
        await o.assert_right(mine)
        assert o.flags(mine)["zone"] == "orange"


async def _board_is_up(o: Office, word: str) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{o.port}") as browser:
        board, alive = await browser.get("/"), await browser.get("/healthz")
        ready, metrics = await browser.get("/readyz"), await browser.get("/metrics")
    assert (board.status_code, alive.status_code, metrics.status_code) == (200, 200, 200)
    assert ready.status_code == 200, "a person must act; a load balancer cannot help"
    assert word in board.text
    assert 'px_connection_up{connection="main"} 0.0' in metrics.text


# ── it pushes back ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("html", [False, True])
async def test_a_storm_of_429_is_waited_out(tmp_path: Path, openapi_tap: Tap, html: bool) -> None:
    async with office(tmp_path, tap=openapi_tap, tickets=30) as o:
        o.sim.faults.retry_after, o.sim.faults.html_429 = 0, html
        o.sim.faults.throttle_next = 60
        await o.start()
        await o.later(minutes=1)  # a write that was refused is tried again a little later
        await o.assert_right(*o.open_tickets())
        assert o.world.responses[429] == 60
        assert o.connection.psa.quota().throttled_total == 60
        assert o.health.state == "ok"


async def test_a_429_in_the_middle_of_the_writes_loses_none_and_doubles_none(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    tap = AtFirstWrite(openapi_tap)
    async with office(tmp_path, tap=tap, tickets=120) as o:
        o.sim.faults.retry_after = 0
        tap.arm(o.sim, throttle_next=12)
        await o.start()
        await o.later(minutes=1)
        await o.assert_right(*o.open_tickets())
        assert o.world.responses[429] == 12
        keys = [(w.ticket, w.field) for w in o.world.writes]
        assert len(keys) == len(set(keys))


async def test_a_patient_psa_gets_its_patience(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        o.sim.faults.throttle_next, o.sim.faults.retry_after = 1, 1
        ticket = await opened(o)
        await o.settle()
        await o.assert_right(ticket)


# ── it fails ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("impatient")
async def test_errors_of_the_server_are_retried(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        o.sim.faults.errors_next = 2
        ticket = await opened(o)
        await o.settle()
        await o.assert_right(ticket)
        assert o.world.responses[500] == 2


@pytest.mark.usefixtures("impatient")
async def test_a_psa_that_is_down_is_said_once_and_all_is_there_when_it_is_back(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        old = await opened(o)
        await o.settle()
        o.sim.faults.errors = 1.0
        with capture_logs() as logs:
            new = await opened(o)
            await o.until(lambda: o.health.state == "degraded")
            await _board_is_up(o, "degraded")
            o.world.advance(timedelta(minutes=46))
            o.sim.faults.errors = 0.0
            await o.until(lambda: o.health.state == "ok")
        await o.poll()
        assert (o.flags(old)["zone"], o.flags(new)["zone"]) == ("orange", "orange")
        said = [line["state"] for line in logs if line["event"] == "connection"]
        assert said == ["degraded", "ok"]


@pytest.mark.usefixtures("impatient")
async def test_a_write_whose_answer_never_came_is_not_made_twice(tmp_path: Path, openapi_tap: Tap) -> None:
    """The PSA did it and hung up; looked at again it shows the value, so there is nothing left to do."""
    tap = AtFirstWrite(openapi_tap)
    async with office(tmp_path, tap=tap) as o:
        await o.start()
        tap.arm(o.sim, hang_up_next=1)
        ticket = await opened(o)
        await o.settle()
        await o.later(seconds=5)
        await o.until(lambda: o.health.state == "ok")
        await o.poll()
        await o.assert_right(ticket)
        fields = [field for t, field, _ in o.written() if t == ticket]
        assert len(fields) == len(set(fields))
        async with o.connector.store.read() as tx:
            assert await outbox.counts(tx) == {}


# ── it is slow, it moves, it lags ─────────────────────────────────────────────────────────────


async def test_a_slow_psa_delays_nothing_but_itself(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap, names=("main", "second"), tickets=20) as o:
        write_client(tmp_path, client_file("Globex", "second"))
        await o.start()
        o.sim.faults.latency = 1500
        slow, quick = await opened(o), await opened(o, "Globex", "second")
        await o.until(lambda: "zone" in o.flags(quick, "second"))
        assert o.flags(slow) == {}
        o.sim.faults.latency = 0
        await o.settle()
        await o.assert_right(slow)


async def test_an_upgrade_moves_the_address_while_we_run(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        await opened(o)
        await o.settle()
        o.sim.faults.codebase = "v2026_1/"
        ticket = await opened(o)
        await o.settle()
        await o.poll()
        await o.assert_right(ticket)
        assert o.health.state == "ok"


async def test_lists_that_lag_cost_time_and_never_go_back(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        o.sim.faults.stale_lists = 45
        ticket = await opened(o)
        await o.settle()
        for what in (
            lambda: o.world.set_status(ticket, "Assigned", "dmoore"),
            lambda: o.world.post(ticket, "jreed", "I replaced the toner; a test page came out fine."),
            lambda: o.world.set_status(ticket, "Waiting Customer", "jreed"),
        ):
            o.world.advance(timedelta(seconds=20))
            what()
            await o.settle()
        for _ in range(10):
            await o.later(seconds=30)
        assert "answered in 0 min" in o.flags(ticket)["why"]
        await o.assert_right(ticket)
        o.sim.faults.stale_lists = 0
        await o.poll()
        await o.assert_right(ticket)
        zones = [v for t, f, v in o.written() if (t, f) == (ticket, "SLA Zone")]
        assert zones == ["green"]


async def test_a_defect_of_ours_is_shown_and_logged_with_its_trace_and_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    healthy, details = supervisor.take_turn, list[str]()

    async def defective(c: Connection) -> Outcome:
        details.append(c.health.connections[c.name].detail)
        if len(details) < 3:
            raise ZeroDivisionError("ours")
        return await healthy(c)

    async with office(tmp_path) as o:
        monkeypatch.setattr(supervisor, "take_turn", defective)
        monkeypatch.setattr(supervisor, "wait_s", lambda failures: 0.0)
        with capture_logs() as said:
            await o.start()
        defects = [line for line in said if line["event"] == "turn failed"]
        assert [line["exc_info"] for line in defects] == [True, True]
        assert details[1:3] == ["internal error: ZeroDivisionError"] * 2
        assert (o.health.state, o.health.detail) == ("ok", "")
