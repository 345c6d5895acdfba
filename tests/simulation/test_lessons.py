"""What the hours of faults have taught, each by itself, on every PSA."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.app import utcnow
from connector.model import StatusChange
from connector.psa.quota import Budgeted
from connector.store import events
from tests.contract.psa.tongues import TONGUES
from tests.simulation import clockwork
from tests.simulation.hour import CLIENT, START, Hour, desk

every_vendor = pytest.mark.parametrize("vendor", TONGUES)
ANSWER = "Unplug it, wait a minute, and plug it in again, please."


def opened(o: Hour) -> int:
    return o.world.open_ticket(CLIENT, "Printer down", text="It prints nothing at all.")


async def used_to_it(o: Hour) -> None:
    """The first write of a connection has been made: it is tried with it what a partial write does."""
    await o.rest(1.3)
    opened(o)
    await o.rest(1)
    o.line.idle_writes.clear()


@every_vendor
def test_a_flag_that_a_lagging_list_does_not_show_yet_is_not_written_again(
    tmp_path: Path, vendor: str
) -> None:
    async def main() -> None:
        async with desk(tmp_path, vendor) as o:
            await used_to_it(o)
            o.sim.faults.stale_lists = 90.0
            tickets = [opened(o) for _ in range(3)]
            await o.rest(5)
            assert [o.shown(ticket)["zone"] for ticket in tickets] == ["green"] * 3
            assert o.line.idle_writes == []
            o.sim.faults.stale_lists = 0.0
            await o.rest(2)
            assert o.wrong() == {}

    clockwork.run(START, 7, main)


@every_vendor
def test_a_timer_does_not_write_over_what_nobody_has_told_us_yet(tmp_path: Path, vendor: str) -> None:
    """Answered and resolved five seconds before the ticket turns yellow, and no webhook comes."""

    async def main() -> None:
        async with desk(tmp_path, vendor) as o:
            await used_to_it(o)
            ticket = opened(o)
            await o.rest(29.9)
            assert o.shown(ticket)["zone"] == "green"
            o.sim.faults.drop_callbacks = 1.0
            o.world.post(ticket, "jreed", ANSWER)
            o.world.set_status(ticket, "Resolved", "jreed")
            await o.rest(2)
            zones = [w.new for w in o.world.writes if (w.ticket, w.field) == (ticket, "SLA Zone")]
            assert zones == ["green"], "it was never yellow"
            assert o.wrong() == {}

    clockwork.run(START, 7, main)


@every_vendor
def test_a_change_made_while_a_turn_waits_is_dated_by_when_it_was_made(tmp_path: Path, vendor: str) -> None:
    async def main() -> None:
        async with desk(tmp_path, vendor) as o:
            await used_to_it(o)
            ticket = opened(o)
            await o.rest(1)
            o.world.post(ticket, "jreed", ANSWER)
            o.world.set_status(ticket, "Waiting Customer", "jreed")
            await o.rest(1)
            o.sim.faults.update({"throttle_next": 1, "retry_after": 40, "drop_callbacks": 1.0})
            await o.rest(1)
            o.world.set_status(ticket, "In Progress", "jreed")
            await o.rest(3)
            assert o.wrong() == {}

    clockwork.run(START, 7, main)


def as_the_next_write_comes_in(o: Hour, change: Callable[[], Any]) -> None:
    """`change` happens before that write is carried out, and no webhook tells of it or of anything after."""
    enters = o.sim.dialect.enters

    def entering(ask: Any) -> float:
        path = ask.path.casefold()
        if ask.method != "GET" and "/tickets" in path and "query" not in path:
            o.sim.dialect.enters = enters  # type: ignore[method-assign]
            o.sim.faults.drop_callbacks = 1.0
            change()
        return float(enters(ask))

    o.sim.dialect.enters = entering  # type: ignore[method-assign]


@every_vendor
def test_a_note_written_while_we_read_a_ticket_and_wrote_to_it_is_found_by_the_next_poll(
    tmp_path: Path, vendor: str
) -> None:
    """All within the second that the PSA stamps it with, so the mark of our write hides it."""

    async def main() -> None:
        async with desk(tmp_path, vendor) as o:
            await used_to_it(o)
            as_the_next_write_comes_in(o, lambda: o.world.post(ticket, "jreed", ANSWER))
            ticket = opened(o)
            await o.rest(3)
            assert o.sim.faults.drop_callbacks
            assert o.wrong() == {}

    clockwork.run(START, 7, main)


@every_vendor
def test_a_status_set_between_our_look_and_our_write_is_found_by_the_next_poll(
    tmp_path: Path, vendor: str
) -> None:
    async def main() -> None:
        async with desk(tmp_path, vendor) as o:
            await used_to_it(o)
            ticket = opened(o)
            await o.rest(28.5)
            o.world.post(ticket, "jreed", "Nobody has called back.", visible=False)  # or the sweep would look
            await o.rest(1)  # the ticket before is yellow by now, this one is to be soon
            assert o.shown(ticket)["zone"] == "green"
            as_the_next_write_comes_in(o, lambda: o.world.set_status(ticket, "Resolved", "jreed"))
            await o.rest(2)
            assert "yellow" in [w.new for w in o.world.writes if w.ticket == ticket]
            assert o.sim.faults.drop_callbacks
            assert o.wrong() == {}

    clockwork.run(START, 7, main)


async def resolved_now_and_dated_so(o: Hour, tickets: list[int]) -> None:
    """Those not written to yet are resolved by a person, and it is found out when that was."""
    waiting = [ticket for ticket in tickets if o.shown(ticket)["zone"] == "green"]
    assert waiting
    for ticket in waiting:
        o.world.post(ticket, "jreed", ANSWER)
        o.world.set_status(ticket, "Resolved", "jreed")
    made = utcnow()
    await o.rest(5)
    async with o.connector.store.read() as tx:
        found = await events.timelines(tx, "main", map(str, waiting))
    changes = [e for one in found.values() for e in one if isinstance(e, StatusChange)]
    resolved = [e.at for e in changes if e.to == "Resolved"]
    assert len(resolved) == len(waiting)
    assert all(abs(made - at) < timedelta(seconds=1) for at in resolved), resolved
    assert o.wrong() == {}


def use_up_our_share(o: Hour, *, but: int, for_s: float) -> None:
    """So many requests may still be sent, and more only when that time is over."""
    psa = o.connection.psa
    assert isinstance(psa, Budgeted)
    quota, now = psa.quota(), utcnow()
    at = now.timestamp() - quota.window_s + for_s
    psa.budget.take_over({**psa.budget.handed_on(now), "sent": [[at, quota.limit - but]]}, now)


@every_vendor
def test_a_change_made_while_writes_wait_for_their_turn_is_dated_by_when_it_was_made(
    tmp_path: Path, vendor: str
) -> None:
    """Our share of requests is used up amid ten writes, and no webhook tells of what happens meanwhile."""

    async def main() -> None:
        async with desk(tmp_path, vendor) as o:
            await used_to_it(o)
            tickets = [opened(o) for _ in range(10)]
            await o.rest(29.95)
            assert {o.shown(ticket)["zone"] for ticket in tickets} == {"green"}
            use_up_our_share(o, but=8, for_s=55)
            o.sim.faults.drop_callbacks = 1.0
            await o.rest(0.5)
            await resolved_now_and_dated_so(o, tickets)

    clockwork.run(START, 7, main)


@every_vendor
def test_a_change_made_while_a_429_in_the_middle_of_writes_passes_is_dated_by_when_it_was_made(
    tmp_path: Path, vendor: str
) -> None:
    """Who has looked before the 429 does not write after it: it looks anew."""

    async def main() -> None:
        async with desk(tmp_path, vendor) as o:
            await used_to_it(o)
            tickets = [opened(o) for _ in range(10)]
            await o.rest(29.95)
            assert {o.shown(ticket)["zone"] for ticket in tickets} == {"green"}
            o.sim.faults.retry_after = 20
            as_the_next_write_comes_in(o, lambda: setattr(o.sim.faults, "throttle_next", 1))
            await o.rest(0.1)
            await resolved_now_and_dated_so(o, tickets)

    clockwork.run(START, 7, main)
