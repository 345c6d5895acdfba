"""The canary on every PSA there is an adapter for: a quiet one passes, whatever answers a write is seen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.clients import load_clients
from connector.clients.captions import of_connection
from connector.errors import Conflict, NotFound, Rejected
from connector.history.canary.course import Course
from connector.history.canary.ready import made_ready
from connector.history.canary.report import Outcome
from connector.history.canary.setup import Setup
from connector.history.canary.undo import clear_up
from connector.history.doctor import bad
from connector.model import FLAGS
from connector.psa.port import Hint
from connector.psa.vendors import build_psa
from connector.settings.vendors import keys_of
from connector.simulator import Simulator, World, make_world
from connector.store import audit, canaries, inbox
from connector.store.store import Store
from tests.contract.psa.stage import SHARED
from tests.contract.psa.tongues import TONGUES
from tests.kit import client_file, write_client

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


@dataclass(slots=True)
class Cage:
    """A pretend MSP with one test ticket, and the store of a connector that is not running."""

    folder: Path
    vendor: str
    world: World
    sim: Simulator
    store: Store
    ticket: int = 0
    seconds: float = 0.0
    told: list[str] = field(default_factory=list)
    meanwhile: Callable[[float], None] = lambda _seconds: None

    def renew(self) -> None:
        """Another test ticket, on which somebody else's field has a value."""
        self.ticket = self.world.open_ticket("Acme Dental", "Test of px-connector", text="Please ignore")
        self.world.set_field(self.ticket, "Change Approval", "granted", "dmoore")

    async def sleep(self, seconds: float) -> None:
        """Time passes at once; whatever the PSA does by itself has been done then."""
        self.seconds += seconds
        self.world.advance(timedelta(seconds=seconds))
        self.meanwhile(self.seconds)
        await self.sim.drain()
        await asyncio.sleep(0)

    def settings(self) -> Any:
        keys = {"vendor": self.vendor, **SHARED, **TONGUES[self.vendor].keys(self.sim), "write_back": True}
        return keys_of(self.vendor).model_validate(keys)

    async def fly(self, *, calls: bool = False, watch: float = 30) -> Outcome:
        settings, policies = self.settings(), of_connection(load_clients(self.folder), "main")
        ready = made_ready(
            "main",
            settings,
            policies,
            self.store,
            str(self.ticket),
            now=self.world.now,
            tell=self.told.append,
        )
        async with ready as one:
            course = Course(
                name="main",
                psa=one.psa,
                store=self.store,
                by="ann",
                setup=Setup.of(settings).whole(policies),
                watch=timedelta(seconds=watch),
                calls=calls,
                now=self.world.now,
                tell=self.told.append,
                sleep=self.sleep,
            )
            return await course.fly(one.aim, one.sight)

    async def codes(self, **options: Any) -> set[str]:
        """Codes of the findings that are bad; the value is put back and the outcome kept, whatever came."""
        outcome = await self.fly(**options)
        assert self.field() in ("", None)
        kept = await self.last()
        assert kept.state == ("passed" if outcome.passed else "failed")
        assert kept.doc == json.loads(json.dumps(outcome.as_json()))
        assert all(one.why and one.fix for one in outcome.findings if one.severity != "ok")
        return {one.code for one in outcome.findings if bad([one])}

    def field(self, caption: str = "PX Why") -> Any:
        return self.world.field(self.ticket, caption)

    async def leave_behind(self, shows: str) -> None:
        """As a process leaves it that is killed between the write and the undoing."""
        row = {"flag": "why", "was": "as it was", "wrote": "px-connector canary 08:00:00", "by": "ann"}
        at = self.world.now()
        canary = canaries.Canary(
            conn="main", ticket_id=str(self.ticket), at=at, setup={"keys": {}}, doc={}, **row
        )
        async with self.store.begin() as tx:
            await canaries.begin(tx, canary)
        self.world.set_field(self.ticket, "PX Why", shows, "PxConnector")

    async def last(self) -> canaries.Canary:
        async with self.store.read() as tx:
            found = await canaries.last(tx, "main")
        assert found is not None
        return found


@asynccontextmanager
async def cage(folder: Path, vendor: str, patch: pytest.MonkeyPatch) -> AsyncIterator[Cage]:
    world = make_world(seed=7, tickets=5, start=START)
    write_client(folder, client_file("Acme Dental"))
    patch.setattr("connector.psa.retry.wait_s", lambda _error, _attempt: 0.0)
    async with Simulator(world, vendor=vendor) as sim:
        for name, value in TONGUES[vendor].secrets(sim).items():
            patch.setenv(name, value)
        store = await Store.open(f"sqlite:///{folder / 'px.db'}")
        try:
            one = Cage(folder, vendor, world, sim, store)
            one.renew()
            yield one
        finally:
            await store.close()


@pytest.fixture(params=TONGUES)
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_a_quiet_psa_passes_and_shows_the_former_value_again(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with cage(tmp_path, vendor, monkeypatch) as c:
        c.world.set_field(c.ticket, "PX Why", "as it was", "dmoore")
        outcome = await c.fly()
        assert (outcome.passed, outcome.flag, outcome.was) == (True, "why", "as it was")
        said = " | ".join(one.found for one in outcome.findings)
        assert {one.severity for one in outcome.findings} == {"ok"}, said
        assert "nothing else moved" in said
        assert "our edits are known as ours" in said
        ours = [(w.field, w.old, w.new) for w in c.world.writes]
        assert ours == [("PX Why", "as it was", outcome.wrote), ("PX Why", outcome.wrote, "as it was")]
        assert c.field("Change Approval") == "granted"
        assert c.seconds == 50, "a look before, thirty seconds, a look after"
        kept = await c.last()
        assert (kept.state, kept.by, kept.ticket_id) == ("passed", "ann", str(c.ticket))
        assert "why: PX Why" in kept.setup["captions"]
        assert any("20 s to go" in line for line in c.told)
        for secret in TONGUES[vendor].secrets(c.sim).values():
            assert secret not in str(kept)
        async with c.store.read() as tx:
            (deed,) = await audit.latest(tx)
        assert (deed.what, deed.by.name, deed.by.why, deed.subject) == (
            *("canary", "ann", "passed"),
            str(c.ticket),
        )


PLANTED: dict[str, str] = {
    "mail": "canary-customer",
    "note": "canary-note",
    "status": "canary-status",
    "priority": "canary-field",
    "owner": "canary-field",
    "field": "canary-field",
    "overwrite": "canary-not-kept",
    "reply": "canary-wrote",
}
"""A workflow of the PSA that answers our write -> what must be found of it."""
BESIDE = {"canary-editor", "canary-field"}
"""What may be found beside: who changed it last, and what a status or a mail moves in turn."""


async def test_whatever_answers_a_write_is_seen(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with cage(tmp_path, vendor, monkeypatch) as c:
        for workflow, code in PLANTED.items():
            c.renew()
            c.sim.faults.set("workflow", workflow)
            found = await c.codes(watch=10)
            assert code in found, workflow
            assert found - {code} <= BESIDE, workflow


async def test_another_writer_is_seen_even_where_the_psa_does_not_name_it(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def touch(seconds: float) -> None:
        if seconds == 20:
            c.world.touch(c.world.ticket(c.ticket), "zAdmin")

    async with cage(tmp_path, vendor, monkeypatch) as c:
        c.meanwhile = touch
        assert await c.codes(watch=20) == {"canary-editor"}


async def test_a_write_that_is_refused(tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with cage(tmp_path, vendor, monkeypatch) as c:
        c.sim.faults.forbidden = {
            "connectwise": "PATCH /service/tickets",
            "autotask": "PATCH /Tickets",
            "halo": "POST /Tickets",
        }[vendor]
        assert await c.codes() == {"canary-refused"}
        assert c.world.writes == []


async def test_broken_off_it_is_undone_at_once_and_says_nothing(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with cage(tmp_path, vendor, monkeypatch) as c:
        c.world.set_field(c.ticket, "PX Why", "as it was", "dmoore")
        flight = asyncio.create_task(c.fly())
        c.meanwhile = lambda seconds: seconds > 20 and flight.cancel()  # as Ctrl-C does
        with pytest.raises(asyncio.CancelledError):
            await flight
        assert [w.new for w in c.world.writes][-1] == c.field() == "as it was"
        async with c.store.read() as tx:
            assert (await canaries.left(tx, "main"), await canaries.last(tx, "main")) == ([], None)


async def test_what_a_killed_one_left_is_put_back_at_the_next_call(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with cage(tmp_path, vendor, monkeypatch) as c:
        await c.leave_behind(shows="px-connector canary 08:00:00")
        former = c.ticket
        c.renew()
        assert (await c.fly()).passed
        assert c.world.field(former, "PX Why") == "as it was"
        c.ticket = former
        await c.leave_behind(shows="what a person wrote since")
        c.renew()
        await c.fly()
        assert c.world.field(former, "PX Why") == "what a person wrote since", "it is not ours any more"
        async with c.store.read() as tx:
            assert await canaries.left(tx, "main") == []


async def test_one_that_cannot_be_put_back_stays_open_and_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shut(seconds: float) -> None:
        if seconds == 20:
            c.sim.faults.forbidden = "PATCH /service/tickets"

    async with cage(tmp_path, "connectwise", monkeypatch) as c:
        c.meanwhile = shut
        outcome = await c.fly()
        assert [one.code for one in outcome.findings if bad([one])] == ["canary-not-undone"]
        assert (await c.last()).state == "open"
        assert c.field() == outcome.wrote
        c.sim.faults.forbidden = ""
        psa = build_psa("main", c.settings())
        await psa.start({"why": frozenset({"PX Why"})})
        assert [problem for _, problem in await clear_up("main", psa, c.store, c.world.now)] == [""]
        await psa.close()
        assert c.field() is None


async def test_a_psa_that_does_not_answer_for_a_while_leaves_a_gap_and_no_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(seconds: float) -> None:
        c.sim.faults.errors = 1.0 if seconds == 20 else 0.0

    async with cage(tmp_path, "connectwise", monkeypatch) as c:
        c.meanwhile = down
        assert await c.codes() == {"canary-lost"}


async def test_a_ticket_on_which_somebody_works_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with cage(tmp_path, "connectwise", monkeypatch) as c:
        c.meanwhile = lambda _seconds: c.world.post(c.ticket, "dmoore", "I am on it")
        with pytest.raises(Conflict, match="take one on which nobody works"):
            await c.fly()
        c.ticket, c.meanwhile = 999_999, lambda _seconds: None
        with pytest.raises(NotFound, match="no ticket 999999"):
            await c.fly()
        assert c.world.writes == []


async def test_without_any_field_of_ours_there_is_nothing_to_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with cage(tmp_path, "connectwise", monkeypatch) as c:
        write_client(tmp_path, client_file("Acme Dental", flags=dict.fromkeys(FLAGS)))
        with pytest.raises(Rejected, match="make the fields first"):
            await c.fly()


async def test_webhooks_about_it_are_counted_and_too_many_are_a_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def deliver(number: int) -> None:
        async with c.store.begin() as tx:
            hints = [Hint(ticket_id=str(c.ticket), deliver_id=f"{c.seconds} {n}") for n in range(number)]
            await inbox.put(tx, "main", hints, c.world.now())

    async with cage(tmp_path, "connectwise", monkeypatch) as c:
        await deliver(20)
        c.world.advance(timedelta(seconds=1))
        said = [one.found for one in (await c.fly(calls=True)).findings]
        assert any("webhooks about this ticket: 0 (none" in text for text in said), (
            "earlier ones are not ours"
        )
        monkeypatch.setattr(c.sim, "drain", lambda: deliver(5))
        assert await c.codes(calls=True) == {"canary-loop"}


async def test_an_adapter_that_shows_less_is_enough_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bare(*named: Any) -> Any:
        psa = build_psa(*named)
        del psa.checkup
        return psa

    async with cage(tmp_path, "connectwise", monkeypatch) as c:
        monkeypatch.setattr("connector.history.canary.ready.build_psa", bare)
        outcome = await c.fly()
        assert outcome.passed
        assert [one.code for one in outcome.findings if one.severity == "note"] == ["canary-half-seen"]
        c.renew()
        c.sim.faults.workflow = "status"
        assert "canary-status" in await c.codes()


@pytest.mark.parametrize(
    ("flags", "caption"),
    [
        ({"why": None, "px": None, "watermelon": None, "loop": None}, "SLA Zone"),
        (
            {"why": None, "px": None, "watermelon": None, "loop": None, "zone": None, "felt_response": None},
            "PX At Risk",
        ),
    ],
)
async def test_other_fields_serve_where_there_is_no_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: dict[str, None], caption: str
) -> None:
    async with cage(tmp_path, "connectwise", monkeypatch) as c:
        write_client(tmp_path, client_file("Acme Dental", flags=flags))
        assert (await c.fly(watch=10)).passed
        assert {w.field for w in c.world.writes} == {caption}
