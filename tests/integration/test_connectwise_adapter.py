"""The ConnectWise adapter against a pretend MSP over real HTTP, held against the vendor's specification."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from connector.errors import AuthFailed, ContractViolation, NotFound, Rejected, Unavailable
from connector.model import Appointment, Close, Message, Rating
from connector.psa.connectwise import session
from connector.psa.connectwise.adapter import ConnectWise
from connector.psa.connectwise.config import ConnectWiseConfig
from connector.psa.port import Psa
from connector.simulator import Faults, Simulator, make_world

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
CAPTIONS = {
    "at_risk": frozenset({"PX At Risk"}),
    "zone": frozenset({"SLA Zone"}),
    "due": frozenset({"SLA Due"}),
    "felt_response": frozenset({"Felt Response (min)"}),
    "why": frozenset({"PX Why"}),
}
FLAGS = {"at_risk": "Yes", "zone": "orange", "felt_response": "42"}


@asynccontextmanager
async def connected(world, tap=None, start=True, **faults):
    """A started adapter and its simulator."""
    async with Simulator(world, vendor="connectwise", port=0, faults=Faults(**faults), tap=tap) as sim:
        psa = ConnectWise("main", config(sim))
        try:
            if start:
                await psa.start(CAPTIONS)
            yield psa, sim
        finally:
            await psa.close()


def config(sim, **change):
    c = sim.credentials
    known = {
        "site": sim.url,
        "company": c.company,
        "public_key": c.public_key,
        "private_key": c.private_key,
        "client_id": c.client_id,
        "timeout_s": 5,
    }
    return ConnectWiseConfig(**(known | change))


@pytest.fixture
def world():
    return make_world(seed=7, tickets=60, start=START)


async def drain(psa, stream, cursor, now, limit=7):
    """All batches of a stream until it says it is done."""
    batches = []
    while True:
        batch = await psa.poll(stream, cursor, now=now, limit=limit)
        batches.append(batch)
        cursor = batch.cursor
        if batch.done:
            return batches, cursor


async def test_it_is_a_psa_and_finds_out_how_this_one_is_set_up(world, openapi_tap):
    async with connected(world, openapi_tap, start=False) as (psa, sim):
        assert isinstance(psa, Psa)
        facts = await psa.start(CAPTIONS | {"px": frozenset({"No Such Field"})})
        assert facts.statuses["Waiting Customer"] == "NoEscalation"
        assert facts.statuses["New"] == "NotResponded"
        assert facts.priorities[0] == "P1 Critical"
        assert facts.fields["SLA Zone"] == "12"
        assert facts.missing_fields == ("No Such Field",)
        secrets = (sim.credentials.private_key, sim.credentials.client_id)
        assert not any(secret in repr(config(sim)) + repr(facts) for secret in secrets)


async def test_a_backfill_brings_every_open_and_every_recent_ticket_once(world, openapi_tap):
    async with connected(world, openapi_tap) as (psa, _):
        batches, cursor = await drain(psa, "tickets", None, world.now())
        ids = [s.ticket.id for batch in batches for s in batch.snapshots]
        since = START - timedelta(days=30)
        wanted = {str(t.id) for t in world.tickets.by_id.values() if not t.closed_at or t.updated_at > since}
        assert sorted(ids) == sorted(wanted)
        assert len(batches) > 2
        assert cursor is not None
        assert datetime.fromisoformat(cursor["since"]) <= START - timedelta(minutes=5)


async def test_a_backfill_goes_on_after_a_restart_where_it_stopped(world):
    async with connected(world) as (psa, sim):
        first = await psa.poll("tickets", None, now=world.now(), limit=7)
        assert not first.done
        again = ConnectWise("main", config(sim))
        await again.start(CAPTIONS)
        rest, _ = await drain(again, "tickets", first.cursor, world.now() + timedelta(hours=1))
        await again.close()
        whole, _ = await drain(psa, "tickets", None, world.now())
        ids = {s.ticket.id for batch in (first, *rest) for s in batch.snapshots}
        assert ids == {s.ticket.id for batch in whole for s in batch.snapshots}


async def test_only_what_changed_is_polled_and_nothing_is_lost_while_it_moves(world, openapi_tap):
    async with connected(world, openapi_tap) as (psa, _):
        _, cursor = await drain(psa, "tickets", None, world.now())
        ids = sorted(world.tickets.by_id)
        world.advance(timedelta(hours=1))
        for ticket_id in ids[:20]:
            world.set_status(ticket_id, "In Progress", by="jreed")
        first = await psa.poll("tickets", cursor, now=world.now(), limit=7)
        world.advance(timedelta(minutes=2))
        world.set_status(ids[0], "Assigned", by="jreed")
        rest, cursor = await drain(psa, "tickets", first.cursor, world.now())
        following, _ = await drain(psa, "tickets", cursor, world.now())
        seen = {s.ticket.id: s for batch in (first, *rest, *following) for s in batch.snapshots}
        assert set(seen) == {str(i) for i in ids[:20]}
        assert seen[str(ids[0])].ticket.status == "Assigned"


async def test_one_ticket_tells_its_whole_story(world, openapi_tap):
    async with connected(world, openapi_tap) as (psa, _):
        ticket = world.open_ticket("Acme Dental", "Printer", text="It smokes")
        world.advance(timedelta(minutes=1))
        world.post(ticket, "workflow", "We have received your request")
        world.post(ticket, "Rewst", "Automatic triage")
        world.advance(timedelta(minutes=10))
        world.post(ticket, "jreed", "Please unplug it")
        world.post(ticket, "jreed", "He always does that", visible=False)
        world.log_time(ticket, "mbauer", 6, "Spoke to Ann", work_type="Phone Call", internal="rude")
        world.book(ticket, "mbauer", world.now() + timedelta(days=1), 60, by="dmoore")
        world.post(ticket, "contact", "Thanks")
        world.set_status(ticket, ">Closed", by="jreed")
        world.rate(ticket, 2, "too slow")
        batch = await psa.observe([str(ticket)])
        facts = sorted((e for i, e in batch.events if i == str(ticket)), key=lambda e: (e.at, e.key))
        said = [(e.actor.kind, e.direction, e.channel, e.text) for e in facts if isinstance(e, Message)]
        assert said[0] == ("contact", "in", "email", "It smokes")
        assert set(said[1:]) == {
            ("automation", "out", "note", "We have received your request"),
            ("automation", "out", "note", "Automatic triage"),
            ("staff", "out", "note", "Please unplug it"),
            ("staff", "internal", "note", "He always does that"),
            ("staff", "out", "phone", "Spoke to Ann"),
            ("contact", "in", "email", "Thanks"),
        }
        (visit,) = [e for e in facts if isinstance(e, Appointment)]
        assert (visit.who, visit.actor.id) == ("mbauer", "dmoore")
        (close,) = [e for e in facts if isinstance(e, Close)]
        assert close.actor.id == "jreed"
        assert batch.complete == {str(ticket)}
        assert {"note:", "time:", "appointment:"} == set(batch.replaces)
        ratings = await psa.poll("surveys", None, now=world.now(), limit=500)
        (mine,) = [e for i, e in ratings.events if i == str(ticket)]
        assert isinstance(mine, Rating)
        assert (mine.score, mine.scale, mine.comment) == (2, 5, "too slow")


async def test_time_entries_are_found_even_if_they_do_not_touch_the_ticket(world, openapi_tap):
    async with connected(world, openapi_tap, notes_dont_touch=True) as (psa, _):
        ticket = world.open_ticket("Acme Dental", "Printer", text="It smokes")
        world.advance(timedelta(minutes=10))
        _, tickets = await drain(psa, "tickets", None, world.now())
        _, cursor = await drain(psa, "time_entries", None, world.now(), limit=100)
        world.advance(timedelta(hours=1))
        world.log_time(ticket, "mbauer", 6, "Spoke", work_type="Phone Call")
        quiet, _ = await drain(psa, "tickets", tickets, world.now())
        assert quiet[0].snapshots == ()
        batches, _ = await drain(psa, "time_entries", cursor, world.now(), limit=100)
        assert [(i, e.channel) for b in batches for i, e in b.events] == [(str(ticket), "phone")]


async def test_what_the_streams_do_not_carry_is_completed_for_old_tickets(world):
    async with connected(world) as (psa, _):
        batch = await psa.poll("tickets", None, now=world.now(), limit=1000)
        done = await psa.complete(batch.snapshots)
        assert done.complete == {s.ticket.id for s in batch.snapshots}
        assert done.replaces == ("note:",)
        old = [s.ticket.id for s in batch.snapshots if s.ticket.opened_at < START - timedelta(days=30)]
        whole = await psa.observe(old)
        entries = {(i, e.key) for i, e in whole.events if e.key.startswith("time:")}
        assert entries
        assert entries <= {(i, e.key) for i, e in done.events}


async def test_observing_many_takes_few_requests_beside_the_notes(world):
    async with connected(world) as (psa, _):
        ids = [str(i) for i in sorted(world.tickets.by_id)][:50]
        world.requests.clear()
        batch = await psa.observe(ids)
        assert {s.ticket.id for s in batch.snapshots} == set(ids)
        assert world.requests["GET", "/service/tickets/{id}/notes"] == 50
        assert sum(world.requests.values()) == 53


async def test_a_deleted_ticket_is_gone_and_a_lagging_list_does_not_make_one_gone(world):
    async with connected(world) as (psa, sim):
        kept, deleted, *_ = sorted(world.tickets.by_id)
        world.delete_ticket(deleted, by="jreed")
        batch = await psa.observe([str(kept), str(deleted), "nonsense"])
        assert batch.gone == {str(deleted), "nonsense"}
        sim.faults.stale_lists = 60
        new = world.open_ticket("Acme Dental", "Fresh", text="x")
        batch = await psa.observe([str(new)])
        assert [s.ticket.id for s in batch.snapshots] == [str(new)]
        assert batch.gone == frozenset()


@pytest.mark.parametrize("kind", ["dates", "no-id", "no-status", "not-an-object"])
async def test_one_malformed_ticket_does_not_stop_the_others(world, kind):
    bad = sorted(world.tickets.by_id)[-1]
    async with connected(world, malformed={bad: kind}) as (psa, _):
        batches, _ = await drain(psa, "tickets", None, world.now(), limit=1000)
        fine = {s.ticket.id for s in batches[0].snapshots} - {str(bad)}
        assert len(fine) > 5
        if kind != "no-status":
            assert len(batches[0].malformed) == 1
        batch = await psa.observe([str(bad), *sorted(fine)[:3]])
        assert {s.ticket.id for s in batch.snapshots} >= set(sorted(fine)[:3])
        if kind != "no-status":
            assert [m.ticket_id for m in batch.malformed] == [str(bad)]
        assert batch.gone == frozenset()


@pytest.mark.parametrize("whole_array", [False, True])
async def test_flags_are_written_in_one_request_and_other_peoples_fields_survive(
    world, openapi_tap, whole_array
):
    async with connected(world, openapi_tap, whole_array_customfields=whole_array) as (psa, _):
        ticket = world.open_ticket("Acme Dental", "Printer", text="It smokes")
        world.set_field(ticket, "Change Approval", "CAB-17", by="jreed")
        world.requests.clear()
        await psa.write(str(ticket), FLAGS)
        assert world.requests["PATCH", "/service/tickets/{id}"] == 1
        shown = (await psa.read_flags([str(ticket)]))[str(ticket)]
        assert {k: v for k, v in shown.flags.items() if v} == FLAGS
        assert dict(psa.shown(FLAGS)) == FLAGS
        assert world.field(ticket, "Change Approval") == "CAB-17"
        assert world.field(ticket, "PX At Risk") is True
        observed = (await psa.observe([str(ticket)])).snapshots[0]
        assert (observed.version, dict(observed.flags)) == (shown.version, dict(shown.flags))
        assert "self" in observed.editor.marks, "our own edit is recognised"


async def test_a_cleared_flag_is_empty(world):
    async with connected(world) as (psa, _):
        ticket = str(world.open_ticket("Acme Dental", "Printer", text="x"))
        await psa.write(ticket, FLAGS)
        await psa.write(ticket, dict.fromkeys(FLAGS, ""))
        assert set((await psa.read_flags([ticket]))[ticket].flags.values()) == {""}


@pytest.mark.parametrize(("whole_array", "reads"), [(False, 0), (True, 1)])
async def test_the_first_write_finds_out_what_a_partial_write_does(world, whole_array, reads):
    """Where own fields alone may be sent, nothing is read before a write; elsewhere the whole array is."""
    async with connected(world, whole_array_customfields=whole_array) as (psa, _):
        first, second = (world.open_ticket("Acme Dental", "Printer", text="x") for _ in range(2))
        await psa.write(str(first), FLAGS)
        assert world.field(first, "SLA Zone") == "orange"
        assert world.field(first, "Felt Response (min)") == 42
        world.set_field(second, "Change Approval", "CAB-17", by="jreed")
        world.requests.clear()
        await psa.write(str(second), FLAGS)
        assert world.requests["GET", "/service/tickets/{id}"] == reads
        assert world.field(second, "Change Approval") == "CAB-17"


async def test_what_the_look_before_a_write_has_shown_is_not_asked_for_again(world):
    """Where the whole array must be sent, the look is what it is taken from: once, and only at once."""
    async with connected(world, whole_array_customfields=True) as (psa, _):
        ticket = str(world.open_ticket("Acme Dental", "Printer", text="x"))
        world.set_field(int(ticket), "Change Approval", "CAB-17", by="jreed")
        await psa.read_flags([ticket])
        world.requests.clear()
        await psa.write(ticket, FLAGS)
        assert world.requests["GET", "/service/tickets/{id}"] == 0
        assert world.field(int(ticket), "Change Approval") == "CAB-17"
        await psa.write(ticket, {"zone": "red"})
        assert world.requests["GET", "/service/tickets/{id}"] == 1


async def test_a_ticket_observed_alone_is_a_look_before_its_write(world):
    async with connected(world, whole_array_customfields=True) as (psa, _):
        ticket = str(world.open_ticket("Acme Dental", "Printer", text="x"))
        world.set_field(int(ticket), "Change Approval", "CAB-17", by="jreed")
        (shown,) = (await psa.observe([ticket])).snapshots
        assert shown.alone
        world.requests.clear()
        await psa.write(ticket, FLAGS)
        assert world.requests["GET", "/service/tickets/{id}"] == 0
        assert world.field(int(ticket), "Change Approval") == "CAB-17"


async def test_the_whole_array_is_read_anew_where_the_look_was_a_while_ago(world, monkeypatch):
    monkeypatch.setattr(session, "JUST_S", -1.0)
    async with connected(world, whole_array_customfields=True) as (psa, _):
        ticket = str(world.open_ticket("Acme Dental", "Printer", text="x"))
        await psa.read_flags([ticket])
        world.set_field(int(ticket), "Change Approval", "CAB-17", by="jreed")
        await psa.write(ticket, FLAGS)
        assert world.field(int(ticket), "Change Approval") == "CAB-17"


async def test_the_probe_never_touches_a_ticket_with_somebody_elses_values(world):
    async with connected(world, whole_array_customfields=True) as (psa, _):
        ticket = world.open_ticket("Acme Dental", "Printer", text="x")
        world.set_field(ticket, "Change Approval", "CAB-17", by="jreed")
        world.requests.clear()
        await psa.write(str(ticket), FLAGS)
        assert world.requests["PATCH", "/service/tickets/{id}"] == 1
        assert [w.field for w in world.writes if w.field == "Change Approval"] == []


async def test_a_write_the_psa_cannot_take_is_refused_and_a_gone_ticket_is_not_found(world):
    async with connected(world) as (psa, _):
        ticket = str(sorted(world.tickets.by_id)[0])
        with pytest.raises(Rejected, match="PX At Risk"):
            await psa.write(ticket, {"at_risk": "orange"})
        with pytest.raises(Rejected, match="no field for px"):
            await psa.write(ticket, {"px": "93"})
        with pytest.raises(NotFound):
            await psa.write("999999", FLAGS)
        with pytest.raises(NotFound):
            await psa.write("../5", FLAGS)
        assert await psa.read_flags(["999999", "x"]) == {}


async def test_a_write_whose_answer_was_lost_is_not_sent_twice(world):
    async with connected(world) as (psa, sim):
        ticket = str(world.open_ticket("Acme Dental", "Printer", text="x"))
        await psa.write(ticket, FLAGS)
        world.writes.clear()
        sim.faults.hang_up_next = 1
        with pytest.raises(Unavailable):
            await psa.write(ticket, {"zone": "red"})
        assert [w.new for w in world.writes] == ["red"]
        assert (await psa.read_flags([ticket]))[ticket].flags["zone"] == "red"


@pytest.mark.parametrize("auth", ["401", "404"])
async def test_refused_credentials_stop_the_connection_and_say_what_to_check(world, auth):
    async with connected(world, start=False, auth=auth) as (psa, sim):
        with pytest.raises(AuthFailed) as caught:
            await psa.start(CAPTIONS)
        assert sim.credentials.private_key not in str(caught.value)
        assert sum(world.requests.values()) <= 2, "hammering locks accounts"


async def test_an_unknown_company_is_said_to_be_unknown(world):
    async with connected(world, start=False) as (_, sim):
        psa = ConnectWise("main", config(sim, company="nobody"))
        with pytest.raises(AuthFailed, match="does not know the company 'nobody'"):
            await psa.start(CAPTIONS)
        await psa.close()


async def test_an_upgrade_that_moves_the_codebase_is_followed(world):
    async with connected(world) as (psa, sim):
        sim.faults.codebase = "v2026_1/"
        ids = [str(i) for i in sorted(world.tickets.by_id)][:5]
        batch = await psa.observe(ids)
        assert {s.ticket.id for s in batch.snapshots} == set(ids)
        assert batch.gone == frozenset()


@pytest.mark.parametrize("html", [False, True])
async def test_a_storm_of_429s_slows_down_and_loses_nothing(world, html):
    async with connected(world, retry_after=0, html_429=html) as (psa, sim):
        sim.faults.throttle_next = 3
        batches, _ = await drain(psa, "tickets", None, world.now(), limit=1000)
        assert batches[0].snapshots
        assert psa.quota().throttled_total > 0
        assert psa.quota().limit_per_minute < 900


async def test_a_missing_field_is_reported_and_the_other_flags_are_written(world):
    async with connected(world, start=False, missing_field="SLA Zone") as (psa, _):
        facts = await psa.start(CAPTIONS)
        assert facts.missing_fields == ("SLA Zone",)
        ticket = str(sorted(world.tickets.by_id)[0])
        await psa.write(ticket, FLAGS)
        assert (await psa.read_flags([ticket]))[ticket].flags["felt_response"] == "42"
        assert "zone" not in psa.shown(FLAGS)


ANSWER = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"


class Receiver:
    """A web server of a few lines that keeps what it is sent."""

    def __init__(self):
        self.got = []

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/hooks/main"
        return self

    async def __aexit__(self, *_):
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = [line.partition(":") for line in head.split("\r\n")[1:] if line]
        headers = {name.lower(): value.strip() for name, _, value in lines}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        query = dict(p.split("=", 1) for p in head.split(" ")[1].partition("?")[2].split("&") if "=" in p)
        self.got.append((body, headers, query))
        writer.write(ANSWER)
        await writer.drain()
        writer.close()


async def test_callbacks_are_made_verified_and_ours_alone(world, openapi_tap):
    async with connected(world, openapi_tap) as (psa, sim), Receiver() as receiver:
        assert await psa.ensure_webhook(receiver.url) == "created"
        assert await psa.ensure_webhook(receiver.url) == "alive"
        ticket = world.open_ticket("Acme Dental", "Printer", text="x")
        await sim.drain()
        (body, headers, query), *_ = receiver.got
        (hint,) = await psa.verify(body, headers, query)
        assert hint.ticket_id == str(ticket)
        assert hint.deliver_id
        with pytest.raises(Rejected, match="does not fit"):
            await psa.verify(body.replace(b'"ID"', b'"Id"'), headers, query)
        with pytest.raises(Rejected, match="not signed"):
            await psa.verify(body, {}, query)
        before = len(receiver.got)
        await psa.write(str(ticket), FLAGS)
        await sim.drain()
        assert len(receiver.got) == before, "our own edits come back as nothing"


async def test_a_switched_off_callback_is_switched_on_again(world, openapi_tap):
    async with connected(world, openapi_tap) as (psa, _), Receiver() as receiver:
        await psa.ensure_webhook(receiver.url)
        entry = next(iter(await psa._session.api.rows("system/callbacks")))
        off = [{"op": "replace", "path": "inactiveFlag", "value": True}]
        await psa._session.api.patch(f"system/callbacks/{entry['id']}", off)
        assert await psa.ensure_webhook(receiver.url) == "re-enabled"
        assert await psa.ensure_webhook(receiver.url) == "alive"
        assert len(await psa._session.api.rows("system/callbacks")) == 1


async def test_who_we_are_is_learnt_from_our_own_callback(world):
    async with connected(world) as (psa, _), Receiver() as receiver:
        await psa.ensure_webhook(receiver.url)
        facts = await psa.start(CAPTIONS)
        assert facts.me == "PxConnector"


async def test_an_object_where_a_list_belongs_is_a_breach_and_the_next_poll_goes_on(world):
    async with connected(world) as (psa, _):
        with pytest.raises(ContractViolation, match="a list was expected"):
            await psa._session.api.rows("system/info")
        batches, _ = await drain(psa, "tickets", None, world.now(), limit=1000)
        assert batches[0].snapshots
