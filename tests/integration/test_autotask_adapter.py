"""The Autotask adapter against a pretend MSP over real HTTP, held against the vendor's specification.

What every adapter must do is in tests/contract/psa; here is what only Autotask asks of one.
"""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from functools import partial

import pytest

from connector.errors import AuthFailed, Rejected, Throttled
from connector.model import Appointment, Close, Message, Rating, StatusChange
from connector.psa.autotask.picklists import Picklists
from connector.psa.autotask.pool import WATCH_S
from connector.simulator import make_world
from tests.integration.autotask_kit import CAPTIONS, START, connected, drain, everything, told
from tests.openapi_autotask import AutotaskTap
from tests.shared import shared


@pytest.fixture
def tap():
    found = shared("specs", "autotask.openapi.json")
    if not found:
        yield None
        return
    held = AutotaskTap(found[0])
    yield held
    assert held.violations == []


@pytest.fixture
def world():
    return make_world(seed=7, tickets=60, start=START)


async def test_one_ticket_tells_its_whole_story(world, tap):
    async with connected(world, tap) as (psa, sim):
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
        world.rate(ticket, 5, thermometer=True)
        batch = await psa.observe([str(ticket)])
        (snapshot,) = batch.snapshots
        events = sorted(told([batch], ticket), key=lambda e: e.at)
        said = {m.text: (m.actor.kind, m.direction, m.channel) for m in events if isinstance(m, Message)}
        assert said == {
            "It smokes": ("contact", "in", "email"),
            "We have received your request": ("automation", "out", "note"),
            "Automatic triage": ("automation", "out", "note"),
            "Please unplug it": ("staff", "out", "note"),
            "He always does that": ("staff", "internal", "note"),
            "Spoke to Ann": ("staff", "out", "phone"),
            "Thanks": ("contact", "in", "email"),
        }
        assert {type(e) for e in events} == {Message, Appointment, Close, Rating}
        (rating,) = [e for e in events if isinstance(e, Rating)]
        assert (rating.score, rating.scale, rating.source) == (3.0, 3.0, "service thermometer")
        assert (snapshot.ticket.status, snapshot.ticket.closed) == ("Complete", True)
        assert snapshot.ticket.url.startswith(sim.url)


async def test_all_of_its_traffic_is_as_specified(world, tap):
    async with connected(world, tap) as (psa, _):
        ticket = str(world.open_ticket("Acme Dental", "Printer", text="It smokes"))
        await everything(psa, {}, world.now())
        await psa.write(ticket, {"at_risk": "Yes", "zone": "orange", "felt_response": "42"})
        await psa.read_flags([ticket])
        await psa.ensure_webhook("http://127.0.0.1:9/hooks/main")
        await psa.ensure_webhook("http://127.0.0.1:9/hooks/main")
        assert any(calendar.hours for calendar in await psa.calendars("Europe/London"))


async def test_the_psas_own_verdict_is_read_for_many_tickets_in_one_request(world, tap):
    results = ("POST", "/ServiceLevelAgreementResults/query")
    async with connected(world, tap) as (psa, _):
        cursors = {}
        await everything(psa, cursors, world.now())
        kept, late, new = (world.open_ticket("Acme Dental", f"Printer {n}", text="It smokes") for n in "abc")
        before = world.requests[results]
        await psa.observe([str(new)])
        assert world.requests[results] == before, "nothing has happened that could be judged"
        world.set_status(kept, "Resolved", by="jreed")
        world.advance(timedelta(days=20))
        world.set_status(late, "Resolved", by="jreed")
        shown = {s.ticket.id: s.ticket.psa for s in (await psa.observe([str(kept), str(late)])).snapshots}
        assert [shown[str(i)].sla_met for i in (kept, late)] == [True, False]
        assert world.requests[results] == before + 1
        batches = await everything(psa, cursors, world.now())
        polled = {s.ticket.id: s.ticket.psa for b in batches for s in b.snapshots}
        assert [polled[str(i)].sla_met for i in (kept, late, new)] == [True, False, None]
        assert world.requests[results] == before + 2


async def test_without_the_right_to_its_verdict_the_rest_is_told(world):
    async with connected(world, start=False, forbidden="/ServiceLevelAgreementResults") as (psa, _):
        notes = (await psa.start(CAPTIONS)).notes
        assert any(note.startswith("SLA results is off") for note in notes)
        ticket = world.open_ticket("Acme Dental", "Printer", text="It smokes")
        world.set_status(ticket, "Resolved", by="jreed")
        (shown,) = (await psa.observe([str(ticket)])).snapshots
        assert shown.ticket.psa.resolved_at is not None
        assert shown.ticket.psa.sla_met is None


async def test_two_thousand_changed_tickets_cost_a_twentieth_of_a_request_each_at_most():
    """At most 0.05 are allowed, at 200 tickets a turn and with the notes that they had before."""
    world = make_world(seed=7, tickets=2000, start=START)
    async with connected(world) as (psa, _):
        cursors = {}
        await everything(psa, cursors, world.now())
        world.advance(timedelta(minutes=10))
        ids = sorted(world.tickets.by_id)
        for ticket in ids:
            world.post(ticket, "jreed", "first")
            world.post(ticket, "contact", "second")
            world.log_time(ticket, "mbauer", 6, "third", work_type="Phone Call")
        before = world.requests.total()
        batches = await everything(psa, cursors, world.now())
        spent = world.requests.total() - before
        said = {(number, e.text) for b in batches for number, e in b.events if isinstance(e, Message)}
        assert said >= {(str(i), word) for i in ids for word in ("first", "second", "third")}
        print(f"autotask: {spent} requests for {len(ids)} changed tickets, {spent / len(ids):.4f} each")
        assert spent / len(ids) <= 0.05


async def test_a_back_fill_costs_a_request_for_many_tickets_and_history_for_open_ones():
    world = make_world(seed=7, tickets=2000, start=START)
    async with connected(world, change={"backfill_days": 3650}) as (psa, _):
        before = world.requests.copy()
        batches = await everything(psa, {}, world.now(), limit=500)
        world.requests.subtract(before)
        snapshots = {s.ticket.id: s.ticket for b in batches for s in b.snapshots}
        history = world.requests.pop(("POST", "/TicketHistory/query"), 0)
        spent = world.requests.total()
        print(f"autotask: {spent} requests and {history} of history for {len(snapshots)} tickets")
        assert len(snapshots) == 2000
        assert spent <= 40
        assert history == sum(1 for ticket in snapshots.values() if not ticket.closed)


async def test_history_is_asked_for_after_a_gap_and_only_then():
    world = make_world(seed=7, tickets=20, start=START)
    async with connected(world) as (psa, _):
        cursors = {}
        await everything(psa, cursors, world.now())
        asked = world.requests[("POST", "/TicketHistory/query")]

        async def later(**away):
            world.advance(timedelta(minutes=30))
            world.set_status(ticket, "Waiting Customer", by="jreed")
            world.advance(timedelta(minutes=30))
            world.set_status(ticket, "In Progress", by="dmoore")
            world.advance(timedelta(**away))
            batches = await everything(psa, cursors, world.now())
            return [(e.to, e.actor.kind) for e in told(batches, ticket) if isinstance(e, StatusChange)]

        ticket = world.open_ticket("Acme Dental", "Printer", text="It smokes")
        assert await later(minutes=1) == []
        assert world.requests[("POST", "/TicketHistory/query")] == asked
        told_after = await later(hours=8)
        assert told_after[-2:] == [("Waiting Customer", "staff"), ("In Progress", "staff")]
        assert world.requests[("POST", "/TicketHistory/query")] == asked + 1


async def test_who_may_not_see_what_all_use_keeps_to_his_share_and_says_so(world):
    async with connected(world, start=False, forbidden="/ThresholdInformation") as (psa, _):
        notes = (await psa.start(CAPTIONS)).notes
        assert any(note.startswith("watching what all integrations use is off") for note in notes)
        assert (await psa.poll("tickets", None, now=world.now(), limit=5)).snapshots
        assert psa.quota().limit_per_minute == pytest.approx(4000 / 60)


async def test_a_wrong_secret_never_locks_the_user(world):
    async with connected(world, start=False, change={"secret": "wrong"}) as (psa, sim):
        for _ in range(10):
            with pytest.raises(AuthFailed, match=r"^Autotask refuses our login: check user, secret, and"):
                await psa.start(CAPTIONS)
            with pytest.raises(AuthFailed):
                await psa.poll("tickets", None, now=world.now(), limit=5)
        assert max(sim.dialect.locks.wrong.values()) == 1


async def test_a_database_that_moves_while_we_read_is_followed(world):
    async with connected(world) as (psa, sim):
        first = await psa.poll("tickets", None, now=world.now(), limit=5)
        sim.faults.codebase = "moved/"
        rest, _ = await drain(psa, "tickets", first.cursor, world.now(), limit=5)
        assert sum(len(b.snapshots) for b in rest) > 5
        assert not sim.dialect.locks.wrong.total()


async def test_never_more_than_two_calls_at_once_to_one_endpoint(world):
    ids = sorted(map(str, world.tickets.by_id))
    async with connected(world, change={"concurrency": 32}, latency=20) as (psa, sim):
        await asyncio.gather(*(psa.observe([i]) for i in ids[:12]))
        assert sim.dialect.threads.most <= 2
        assert sim.world.responses[429] == 0


async def test_we_give_way_to_others_before_the_database_is_slow(world, monkeypatch):
    clock = time.monotonic
    async with connected(world) as (psa, sim):
        calm = psa.quota().limit_per_minute
        assert calm == pytest.approx(4000 / 60)
        sim.faults.quota_used = 3_500
        await psa.poll("tickets", None, now=world.now(), limit=5)
        assert psa.quota().limit_per_minute == calm, "looked at a moment ago"
        monkeypatch.setattr("connector.psa.autotask.api.time.monotonic", lambda: clock() + WATCH_S)
        await psa.poll("tickets", None, now=world.now(), limit=5)
        assert psa.quota().limit_per_minute == pytest.approx(1000 / 60, abs=1)
        sim.faults.quota_used = 9_700
        monkeypatch.setattr("connector.psa.autotask.api.time.monotonic", lambda: clock() + 2 * WATCH_S)
        sim.dialect.pool.delays = (0.0, 0.0)
        with pytest.raises(Throttled):
            await psa.poll("tickets", None, now=world.now(), limit=5)


async def test_a_deleted_ticket_is_told_by_the_log(world, tap):
    async with connected(world, tap) as (psa, _):
        _, cursor = await drain(psa, "deletions", None, world.now())
        world.advance(timedelta(minutes=3))
        lost = min(world.tickets.by_id)
        world.delete_ticket(lost, by="jreed")
        batches, cursor = await drain(psa, "deletions", cursor, world.now())
        assert [b.gone for b in batches] == [frozenset({str(lost)})]
        again, _ = await drain(psa, "deletions", cursor, world.now())
        assert [b.gone for b in again] == [frozenset()]


async def test_a_deleted_note_or_time_entry_is_told_by_its_ticket_and_missing_from_it(world, tap):
    async with connected(world, tap) as (psa, _):
        ticket = world.open_ticket("Acme Dental", "Printer", text="It smokes")
        world.post(ticket, "jreed", "It stays")
        note = world.post(ticket, "jreed", "Sent to the wrong customer")
        work = world.log_time(ticket, "mbauer", 6, "Spoke to Ann", work_type="Phone Call")
        cursors = {}
        said = {e.text for e in told(await everything(psa, cursors, world.now()), ticket)}
        assert {"It stays", "Sent to the wrong customer", "Spoke to Ann"} <= said
        world.advance(timedelta(minutes=10))
        await everything(psa, cursors, world.now())
        for delete in (partial(world.delete_post, ticket, note), partial(world.delete_log, work)):
            world.advance(timedelta(minutes=10))
            delete(by="jreed")
            batches = await everything(psa, cursors, world.now())
            assert {i for b in batches for i in b.touched} == {str(ticket)}
            assert not told(batches, ticket), "nothing but the log shows it"
        batch = await psa.observe([str(ticket)])
        assert {e.text for e in told([batch], ticket)} == {"It smokes", "It stays"}
        assert batch.complete == {str(ticket)}
        assert set(batch.replaces) == {"note:", "time:", "appointment:", "description"}


async def test_a_merged_ticket_says_so_when_it_is_polled(world):
    async with connected(world) as (psa, _):
        cursors = {}
        await everything(psa, cursors, world.now())
        one, other = (world.open_ticket("Acme Dental", f"Printer {n}", text="It smokes") for n in "ab")
        world.advance(timedelta(minutes=5))
        world.merge(one, other, by="jreed")
        batches = await everything(psa, cursors, world.now())
        last = {s.ticket.id: s.ticket.merged_into for b in batches for s in b.snapshots}
        assert (last[str(one)], last[str(other)]) == (str(other), "")


async def test_a_role_that_sees_nothing_is_noticed(world):
    async with connected(world, start=False, unseen="/Companies,/Resources") as (psa, _):
        notes = " ".join((await psa.start(CAPTIONS)).notes)
        assert "no company can be read" in notes
        assert "no resource can be read" in notes


async def test_a_value_that_the_field_refuses_is_for_good(world):
    async with connected(world) as (psa, _):
        ticket = str(world.open_ticket("Acme Dental", "Printer", text="It smokes"))
        with pytest.raises(Rejected, match="numbers"):
            await psa.write(ticket, {"felt_response": "soon"})
        assert world.writes == []


async def test_labels_and_names_that_are_new_are_learnt_while_it_runs(world, monkeypatch):
    async with connected(world) as (psa, _):
        ticket = str(world.open_ticket("Acme Dental", "Printer", text="It smokes"))
        session = psa._session
        session.labels = Picklists(dict.fromkeys(session.labels.lists, ()))
        session.companies = {}
        (before,) = (await psa.observe([ticket])).snapshots
        assert (before.ticket.status, before.ticket.client) == ("1", "Acme Dental")
        clock = time.monotonic
        monkeypatch.setattr("connector.psa.autotask.session.time.monotonic", lambda: clock() + 601)
        (after,) = (await psa.observe([ticket])).snapshots
        assert after.ticket.status == "New"
