"""The whole connector on a pretend Halo: read, judged, written back, and quiet afterwards."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import yaml

from connector.app import Connector
from connector.daemon.recovered import is_told, told_changes
from connector.model import Close, PriorityChange, StatusChange
from connector.psa.port import Batch
from connector.settings import load_settings
from connector.simulator import Simulator, make_world
from connector.store import events, tickets
from tests.kit import CLIENTS, FRIDAY, Office, Site, client_file, free_port, write_client

SECRETS = ("client_id", "client_secret")


class HaloOffice(Office):
    """The office's one desk is a Halo."""

    async def start(self, *, wait=True):
        connection = {"vendor": "halo", "site": self.sim.url, "allow_private": True, "write_back": True}
        connection |= {
            "requests_per_5_minutes": 100_000,
            "concurrency": 8,
            "webhook_secret": {"env": "PX_HOOK"},
            "canary": {"waived": "a pretend PSA"},
        }
        for name in SECRETS:
            file = self.folder / name
            file.write_text(getattr(self.sim.credentials, name), encoding="utf-8")
            file.chmod(0o600)
            connection[name] = {"file": str(file)}
        web = {"port": self.port, "public_url": f"http://127.0.0.1:{self.port}"}
        whole = {"store": "sqlite:///px.db", "web": web, "connections": {"main": connection | self.settings}}
        (self.folder / "connector.yaml").write_text(yaml.safe_dump(whole), encoding="utf-8")
        self.running = await Connector.build(load_settings(self.folder), self.folder, now=self.world.now)
        self._work = asyncio.create_task(self.running.serve())
        await self.until(self._caught_up)
        await self.settle()


@asynccontextmanager
async def halo_office(folder, monkeypatch, before=0, **rules):
    monkeypatch.setenv("PX_HOOK", "shared-with-the-webhook")
    world = make_world(seed=7, tickets=before, start=FRIDAY, clients=CLIENTS)
    async with Simulator(world, vendor="halo") as sim:
        write_client(folder, client_file("Acme Dental", **rules))
        office = HaloOffice(folder, {"main": Site("main", world, sim)}, free_port())
        try:
            await office.start()
            yield office
        finally:
            await office.stop()


async def timeline(office, ticket):
    async with office.connector.store.read() as tx:
        return (await events.timelines(tx, "main", [str(ticket)]))[str(ticket)]


async def test_flags_are_right_on_halo_and_our_own_writes_set_nothing_in_motion(tmp_path, monkeypatch):
    async with halo_office(tmp_path, monkeypatch) as office:
        world = office.world
        ticket = world.open_ticket("Acme Dental", "Printer", text="It smokes")
        await office.later(minutes=40)
        await office.assert_right(ticket)
        assert office.flags(ticket)["zone"] == "yellow"
        world.post(ticket, "workflow", "We have received your request")
        await office.later(minutes=21)
        assert office.flags(ticket)["at_risk"] is True, "a machine's answer is none"
        world.post(ticket, "jreed", "Please unplug it and tell me what you smell")
        await office.later(minutes=1)
        await office.assert_right(ticket)
        assert office.flags(ticket)["felt_response"] == 61
        await office.later(minutes=1)
        written = len(world.writes)
        world.requests.clear()
        await office.poll()
        assert len(world.writes) == written
        assert world.requests[("GET", "/Actions")] == 0, "our own edits are no news"
        assert all(post.rules_off and post.automations_off for post in office.sim.dialect.posted)
        assert office.sim.dialect.limits.writes_at_once == 1


@pytest.mark.parametrize(("waited", "looks"), [(0, 1), (3, 2)])
async def test_what_a_turn_has_read_by_itself_is_not_looked_at_before_the_write(
    tmp_path, monkeypatch, waited, looks
):
    """Only read back after it; where reading took a while, it is looked at once more."""
    async with halo_office(tmp_path, monkeypatch) as office:
        world, psa = office.world, office.connection.psa
        observe, read, asked = psa.observe, psa.read_flags, []

        async def observed(ids):
            batch = await observe(ids)
            world.advance(timedelta(seconds=waited))
            return batch

        async def shown(ids):
            asked.extend(ids)
            return await read(ids)

        monkeypatch.setattr(psa, "observe", observed)
        monkeypatch.setattr(psa, "read_flags", shown)
        ticket = world.open_ticket("Acme Dental", "Printer down", text="It prints nothing at all.")
        await office.settle()
        assert office.flags(ticket)["zone"] == "green"
        assert asked == [str(ticket)] * looks


async def test_a_status_that_halo_tells_itself_is_not_told_again_by_what_was_seen(tmp_path, monkeypatch):
    async with halo_office(tmp_path, monkeypatch) as office:
        world = office.world
        ticket = world.open_ticket("Acme Dental", "Printer", text="It smokes")
        await office.later(minutes=5)
        world.set_status(ticket, "Waiting Customer", by="jreed")
        world.advance(timedelta(minutes=3))
        world.set_status(ticket, ">Closed")
        await office.later(minutes=5)
        told = [e for e in await timeline(office, ticket) if isinstance(e, StatusChange)]
        assert [
            (e.to, e.actor.kind) for e in told if not e.key.startswith("seen:status") or e.to != "New"
        ] == [
            ("Waiting Customer", "staff"),
            ("Closed", "automation"),
        ]
        (close,) = [e for e in await timeline(office, ticket) if isinstance(e, Close)]
        assert close.actor.kind == "automation", "nobody's close must not look like a person's"


async def test_a_change_of_priority_is_told_once_by_whom_and_when(tmp_path, monkeypatch):
    async with halo_office(tmp_path, monkeypatch) as office:
        world = office.world
        ticket = world.open_ticket("Acme Dental", "Printer", text="It smokes", priority="P3 Medium")
        await office.later(minutes=5)
        world.set_priority(ticket, "P1 Critical", by="dmoore")
        at = world.now()
        world.advance(timedelta(seconds=30))
        world.post(ticket, "contact", "The whole floor smells of it")
        await office.later(minutes=5)
        told = [e for e in await timeline(office, ticket) if isinstance(e, PriorityChange)]
        assert [(e.at, e.from_, e.to, e.actor.kind) for e in told] == [
            (at, "P3 Medium", "P1 Critical", "staff")
        ]
        await office.assert_right(ticket)


@pytest.mark.parametrize("lost", [0.0, 1.0])
async def test_a_deleted_ticket_leaves_the_board_with_and_without_a_webhook(tmp_path, monkeypatch, lost):
    async with halo_office(tmp_path, monkeypatch) as office:
        kept, gone = (office.world.open_ticket("Acme Dental", "Printer", text="It smokes") for _ in range(2))
        await office.later(minutes=2)
        office.sim.faults.drop_callbacks = lost
        office.world.delete_ticket(gone, by="jreed")
        await office.later(minutes=6 if lost else 0.5)
        async with office.connector.store.read() as tx:
            stored = await tickets.load(tx, "main", [str(kept), str(gone)])
        assert [stored[str(ticket)].gone for ticket in (kept, gone)] == [False, True]


async def test_after_a_restart_our_own_writes_are_no_news(tmp_path, monkeypatch):
    async with halo_office(tmp_path, monkeypatch) as office:
        world = office.world
        ticket = world.open_ticket("Acme Dental", "Printer", text="It smokes")
        await office.later(minutes=40)
        assert office.flags(ticket)["zone"] == "yellow"
        written = len(world.writes)
        assert world.now() - world.ticket(ticket).updated_at < timedelta(minutes=5), "the next poll lists it"
        world.requests.clear()
        await office.restart()
        await office.poll()
        assert world.requests[("GET", "/Tickets")] > 2
        assert world.requests[("GET", "/Actions")] == 0, "what may be read is known from before"
        world.post(ticket, "jreed", "Please unplug it and tell me what you smell")
        await office.later(minutes=1)
        assert office.flags(ticket)["felt_response"] == 41, "what others do is news as ever"
        assert len(world.writes) > written


def changes(*told):
    """A ticket's history: (minute, status)."""
    events = [StatusChange(at=FRIDAY + timedelta(minutes=m), key=f"{m} {to}", to=to) for m, to in told]
    return told_changes([Batch(events=tuple(("1", event) for event in events)), Batch()])


def test_changes_of_status_are_told_in_order():
    assert changes((5, "B"), (3, "A")) == {
        ("1", StatusChange): [(FRIDAY + timedelta(minutes=3), "A"), (FRIDAY + timedelta(minutes=5), "B")]
    }


@pytest.mark.parametrize(
    ("minute", "status", "told"),
    [
        (5, "B", True),
        (9, "B", True),
        (3, "A", True),  # the ticket was read before its history, which says more already
        (4, "A", True),
        (5, "A", True),  # read in the second of B and before it, or the history will tell
        (9, "A", False),
        (2, "A", False),
    ],
)
def test_what_was_seen_is_told_if_the_history_says_so_as_of_then(minute, status, told):
    seen = StatusChange(at=FRIDAY + timedelta(minutes=minute), key="seen", to=status)
    assert is_told("1", seen, changes((3, "A"), (5, "B"))) is told


def test_within_one_stamp_the_ticket_may_show_any_of_its_changes():
    seen = StatusChange(at=FRIDAY + timedelta(minutes=3), key="seen", to="A")
    assert is_told("1", seen, changes((3, "A"), (3, "B")))


@pytest.mark.parametrize("fault", ["token_ends_in", "throttle_next", "errors_next"])
async def test_trouble_in_the_middle_is_caught_up_with(tmp_path, monkeypatch, fault):
    monkeypatch.setattr("connector.psa.transport.PATIENCE_429_S", 0.0)
    async with halo_office(tmp_path, monkeypatch) as office:
        tickets = [office.world.open_ticket("Acme Dental", "Printer", text="It smokes") for _ in range(5)]
        setattr(office.sim.faults, fault, 3)
        await office.later(minutes=61)
        await office.later(minutes=2)
        await office.assert_right(*tickets)
        assert all(office.flags(ticket)["at_risk"] is True for ticket in tickets)
