"""The Halo adapter against a pretend MSP over real HTTP: what is Halo's own and no other PSA's."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connector.errors import AuthFailed, ContractViolation, NotFound, Rejected
from connector.model import Message, PriorityChange, Rating, StatusChange
from connector.psa.halo.adapter import Halo
from connector.psa.halo.config import HaloConfig
from connector.psa.port import Psa
from connector.simulator import Faults, Simulator, make_world
from connector.simulator.web import Reply
from tests.contract.psa.stage import Receiver

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
CAPTIONS = {
    "at_risk": frozenset({"PX At Risk"}),
    "zone": frozenset({"SLA Zone"}),
    "felt_response": frozenset({"Felt Response (min)"}),
}
FLAGS = {"at_risk": "Yes", "zone": "orange", "felt_response": "42"}
SECRET = "shared-with-the-webhook"


@pytest.fixture
def world():
    return make_world(seed=7, tickets=60, start=START)


def config(sim, **change):
    known = {
        "site": sim.url,
        "client_id": sim.credentials.client_id,
        "client_secret": sim.credentials.client_secret,
        "hook_secret": SECRET,
        "timeout_s": 5,
        "concurrency": 8,
        "requests_per_5_minutes": 500_000,
    }
    return HaloConfig(**(known | change))


@asynccontextmanager
async def connected(world, start=True, change=None, tap=None, **faults):
    """A started adapter and its simulator."""
    async with Simulator(world, vendor="halo", port=0, faults=Faults(**faults), tap=tap) as sim:
        psa = Halo("main", config(sim, **(change or {})))
        try:
            if start:
                await psa.start(CAPTIONS)
            yield psa, sim
        finally:
            await psa.close()


async def drain(psa, stream, cursor, now, limit=100):
    """All batches of a stream until it says it is done."""
    batches = []
    while True:
        batch = await psa.poll(stream, cursor, now=now, limit=limit)
        batches.append(batch)
        cursor = batch.cursor
        if batch.done:
            return batches, cursor
        assert len(batches) < 200


def shown(batches):
    return [s.ticket.id for batch in batches for s in batch.snapshots]


def asked(world, verb, path):
    return world.requests[(verb, path)]


async def test_many_waiting_for_a_token_cause_one_request_for_it(world):
    async with connected(world, start=False) as (psa, _):
        assert isinstance(psa, Psa)
        await asyncio.gather(*(psa.read_flags([str(i)]) for i in list(world.tickets.by_id)[:8]))
        assert asked(world, "POST", "/auth/token") == 1
        assert asked(world, "GET", "/AuthInfo") == 1


async def test_a_token_that_ends_between_pages_is_renewed_once_and_no_page_is_lost(world):
    async with connected(world) as (psa, sim):
        before = asked(world, "POST", "/auth/token")
        sim.faults.token_ends_in = 3
        batches, _ = await drain(psa, "tickets", None, world.now(), limit=5)
        since = START - timedelta(days=30)
        wanted = {str(t.id) for t in world.tickets.by_id.values() if not t.closed_at or t.updated_at > since}
        assert set(shown(batches)) == wanted
        assert asked(world, "POST", "/auth/token") - before == 1


async def test_where_401_means_not_permitted_the_feature_is_off_and_tokens_are_not_renewed_for_ever(world):
    async with connected(world, start=False, forbidden="/feedback,/appointment") as (psa, _):
        facts = await psa.start(CAPTIONS)
        for feature in ("appointments", "feedback"):
            assert [note for note in facts.notes if note.startswith(f"{feature} is off")], "said at the start"
        cursor = None
        for _ in range(3):
            world.advance(timedelta(hours=1))
            batch = await psa.poll("feedback", cursor, now=world.now(), limit=100)
            cursor = batch.cursor
            assert batch.done
        assert asked(world, "GET", "/Feedback") == 2, "once, and once more with a new token"
        assert asked(world, "POST", "/auth/token") <= 3
        batch = await psa.observe([str(next(iter(world.tickets.by_id)))])
        assert batch.complete
        assert "action:" in batch.replaces
        assert "appointment:" not in batch.replaces, "they may be there although we do not see them"


async def test_where_actions_may_not_be_read_it_is_said_at_once_and_tickets_are_read(world):
    async with connected(world, start=False, forbidden="/actions") as (psa, _):
        facts = await psa.start(CAPTIONS)
        assert any(note.startswith("actions is off") for note in facts.notes)
        ticket = str(next(iter(world.tickets.by_id)))
        batch = await psa.observe([ticket])
        assert [s.ticket.id for s in batch.snapshots] == [ticket]
        assert not batch.complete, "what is not seen is not deleted"


async def test_a_site_without_tickets_for_us_stops_the_connection(world):
    async with connected(world, start=False, forbidden="/tickets") as (psa, _):
        with pytest.raises(AuthFailed, match=r"shows no tickets.*scopes"):
            await psa.start(CAPTIONS)


async def test_a_wrong_secret_is_told_as_such_and_asked_for_once(world):
    async with connected(world, start=False, change={"client_secret": "hunter2hunter2"}) as (psa, sim):
        with pytest.raises(AuthFailed, match="check tenant, client_id, client_secret") as caught:
            await psa.start(CAPTIONS)
        assert "hunter2" not in str(caught.value) + repr(config(sim, client_secret="hunter2hunter2"))
        assert asked(world, "POST", "/auth/token") == 1


async def test_more_tickets_than_a_page_holds_are_all_read_whatever_size_the_server_gives():
    world = make_world(seed=3, tickets=230, start=START)
    for cap in (100, 40):
        async with connected(world, page_cap=cap, change={"backfill_days": 3650}) as (psa, _):
            batches, _ = await drain(psa, "tickets", None, world.now())
            assert set(shown(batches)) == set(map(str, world.tickets.by_id))


async def test_a_list_that_sends_its_first_page_for_ever_is_left(world):
    async with connected(world, ignores_paging="/tickets") as (psa, _):
        batches, _ = await drain(psa, "tickets", None, world.now(), limit=5)
        assert len(batches) <= 4
        assert len(shown(batches)) == len(set(shown(batches)))


async def test_a_ticket_closed_between_pages_hides_no_other_one(world):
    async with connected(world) as (psa, _):
        open_ones = sorted(t.id for t in world.tickets.by_id.values() if not t.closed_at)
        first = await psa.poll("tickets", None, now=world.now(), limit=5)
        for ticket in open_ones[:3]:
            world.set_status(ticket, ">Closed", by="jreed")
        rest, _ = await drain(psa, "tickets", first.cursor, world.now(), limit=5)
        assert set(map(str, open_ones)) <= set(shown([first, *rest]))


async def test_each_changed_ticket_costs_one_request_and_a_little_for_the_list(halo_tap):
    world = make_world(seed=5, tickets=300, start=START)
    async with connected(world, tap=halo_tap) as (psa, _):
        first, cursor = await drain(psa, "tickets", None, world.now())
        await psa.complete([s for batch in first for s in batch.snapshots])
        world.advance(timedelta(hours=1))
        for ticket in list(world.tickets.by_id)[:200]:
            for words in ("one", "two", "three"):
                world.post(ticket, "jreed", words)
        world.requests.clear()
        batches, _ = await drain(psa, "tickets", cursor, world.now())
        tickets = [s for batch in batches for s in batch.snapshots]
        found = await psa.complete(tickets)
        assert len(tickets) == len(found.complete) == 200
        assert (
            sum(e.text in ("one", "two", "three") for _, e in found.events if isinstance(e, Message)) == 600
        )
        assert world.requests.total() / len(tickets) <= 1.1


async def test_ids_of_actions_repeat_from_ticket_to_ticket_and_their_keys_do_not(world):
    async with connected(world) as (psa, _):
        one, other = (world.open_ticket("Acme Dental", "Printer", text="Help") for _ in range(2))
        batch = await psa.observe([str(one), str(other)])
        keys = [e.key for _, e in batch.events]
        assert keys == [f"action:{one}:1", f"action:{other}:1"]


async def test_a_change_of_status_names_both_and_who_made_it(world, halo_tap):
    async with connected(world, tap=halo_tap) as (psa, _):
        ticket = world.open_ticket("Acme Dental", "Printer", text="Help")
        world.advance(timedelta(minutes=3))
        world.set_status(ticket, "Waiting Customer", by="jreed")
        world.set_status(ticket, "In Progress")
        batch = await psa.observe([str(ticket)])
        told = [(e.from_, e.to, e.actor.kind) for _, e in batch.events if isinstance(e, StatusChange)]
        assert told == [
            ("New", "Waiting Customer", "staff"),
            ("Waiting Customer", "In Progress", "automation"),
        ]


async def test_changes_of_priority_are_told_by_whom_and_when_wherever_the_ticket_is_read(world, halo_tap):
    async with connected(world, tap=halo_tap) as (psa, _):
        ticket = world.open_ticket("Acme Dental", "Printer", text="Help", priority="P3 Medium")
        world.advance(timedelta(minutes=3))
        world.set_priority(ticket, "P1 Critical", by="jreed")
        up = world.now()
        world.advance(timedelta(minutes=3))
        world.set_priority(ticket, "P2 High", by="Rewst")
        world.advance(timedelta(minutes=1))
        world.post(ticket, "jreed", "Please unplug it")
        wanted = [
            (up, "P3 Medium", "P1 Critical", "staff"),
            (up + timedelta(minutes=3), "P1 Critical", "P2 High", "automation"),
        ]
        observed = await psa.observe([str(ticket)])
        assert priorities(observed) == wanted
        assert "audit:" in observed.replaces
        other = Halo("main", psa._session.config)
        await other.start(CAPTIONS)
        batches, _ = await drain(other, "tickets", None, world.now())
        (shown_now,) = [s for batch in batches for s in batch.snapshots if s.ticket.id == str(ticket)]
        polled = await other.complete([shown_now])
        assert priorities(polled) == wanted
        assert {e.key for _, e in polled.events} == {e.key for _, e in observed.events}
        await other.close()


def priorities(batch):
    found = [e for _, e in batch.events if isinstance(e, PriorityChange)]
    return [(e.at, e.from_, e.to, e.actor.kind) for e in found]


async def test_the_audit_is_asked_for_only_where_something_happened_that_no_action_tells(world):
    async with connected(world) as (psa, _):
        ids = [world.open_ticket("Acme Dental", "Printer", text="Help") for _ in range(4)]
        cursor = None

        async def read():
            nonlocal cursor
            world.advance(timedelta(minutes=6))
            batches, cursor = await drain(psa, "tickets", cursor, world.now())
            found = [s for b in batches for s in b.snapshots if int(s.ticket.id) in ids]
            world.requests.clear()
            batch = await psa.complete(found)
            return batch, asked(world, "GET", "/Tickets/{id}")

        assert (await read())[1] == 0, "nothing can have happened to a ticket just opened"
        for ticket in ids:
            world.post(ticket, "jreed", "Please unplug it")
            world.set_status(ticket, "In Progress", by="jreed")
        assert (await read())[1] == 0, "actions tell all that"
        world.set_priority(ids[1], "P1 Critical", by="dmoore")
        batch, requests = await read()
        assert requests == 1
        assert [to for _, _, to, _ in priorities(batch)] == ["P1 Critical"]
        assert (await read())[1] == 0
        world.advance(timedelta(hours=3))
        late = world.open_ticket("Acme Dental", "Mouse", text="Help")
        ids.append(late)
        world.advance(timedelta(minutes=5))
        world.set_priority(late, "P1 Critical", by="dmoore")
        assert (await read())[1] == 1, "nobody has looked for hours: what is new may have a past"


async def test_where_actions_may_not_be_read_the_audit_tells_what_it_can(world):
    async with connected(world, start=False, forbidden="/actions") as (psa, _):
        await psa.start(CAPTIONS)
        ticket = world.open_ticket("Acme Dental", "Printer", text="Help", priority="P3 Medium")
        _, cursor = await drain(psa, "tickets", None, world.now())
        world.advance(timedelta(minutes=6))
        world.set_status(ticket, "Waiting Customer", by="jreed")
        world.set_priority(ticket, "P1 Critical", by="dmoore")
        batches, _ = await drain(psa, "tickets", cursor, world.now())
        found = await psa.complete([s for b in batches for s in b.snapshots if s.ticket.id == str(ticket)])
        assert [to for _, _, to, _ in priorities(found)] == ["P1 Critical"]
        told = [(e.from_, e.to, e.actor.kind) for _, e in found.events if isinstance(e, StatusChange)]
        assert told == [("New", "Waiting Customer", "staff")]
        assert not found.complete


async def test_one_ticket_that_may_not_be_read_keeps_no_other_from_its_flags(world):
    async with connected(world) as (psa, sim):
        hidden, good = (str(world.open_ticket("Acme Dental", "Printer", text="Help")) for _ in range(2))
        sim.faults.forbidden = f"/tickets/{hidden}"
        before = await psa.read_flags([hidden, good])
        assert before.keys() == {hidden, good}
        assert before[hidden].flags == {}
        with pytest.raises(Rejected, match="not permitted"):
            await psa.write(hidden, FLAGS)
        await psa.write(good, FLAGS)
        assert world.field(int(good), "SLA Zone") == "orange"


async def test_where_halo_shows_no_audit_it_is_soon_asked_for_no_more(world):
    async with connected(world) as (psa, sim):
        real = sim.dialect._shapes.audit
        sim.dialect._shapes.audit = lambda _ticket: None
        ids = [world.open_ticket("Acme Dental", "Printer", text="Help") for _ in range(5)]
        world.advance(timedelta(minutes=5))
        for ticket in ids:
            world.set_priority(ticket, "P1 Critical", by="dmoore")
        batches, _ = await drain(psa, "tickets", None, world.now())
        found = [s for b in batches for s in b.snapshots if int(s.ticket.id) in ids]
        for one in found:
            await psa.complete([one])
        assert asked(world, "GET", "/Tickets/{id}") == 3
        assert "the audit of tickets" in psa._session.off
        sim.dialect._shapes.audit = real
        assert priorities(await psa.observe([str(ids[0])])), "it costs nothing there"


async def test_an_answer_that_is_no_ticket_is_set_aside_and_nothing_is_gone(world):
    async with connected(world) as (psa, sim):
        odd, good = (world.open_ticket("Acme Dental", "Printer", text="Help") for _ in range(2))
        sim.faults.malformed = {odd: "not-an-object"}
        batch = await psa.observe([str(odd), str(good), "9999999999"])
        assert batch.gone == {"9999999999"}
        assert [m.ticket_id for m in batch.malformed] == [str(odd)]
        assert [s.ticket.id for s in batch.snapshots] == [str(good)]


async def test_writes_are_quiet_one_at_a_time_and_never_open_a_ticket(world, halo_tap):
    async with connected(world, tap=halo_tap, rules=True) as (psa, sim):
        ids = sorted(world.tickets.by_id)[:6]
        tickets = len(world.tickets)
        await asyncio.gather(*(psa.write(str(i), FLAGS) for i in ids))
        for nobody in ("0", "-1", "", "12x", "99999999"):
            with pytest.raises(NotFound):
                await psa.write(nobody, FLAGS)
        assert {write.ticket for write in world.writes} == set(ids)
        assert len(world.tickets) == tickets
        assert all(p.rules_off and p.automations_off and not p.created for p in sim.dialect.posted)
        assert sim.dialect.limits.writes_at_once == 1


async def test_fields_of_others_survive_a_server_that_wants_the_whole_array(world):
    async with connected(world, whole_array_customfields=True) as (psa, _):
        for ticket in sorted(world.tickets.by_id)[:2]:
            world.set_field(ticket, "Change Approval", "CAB-17", by="jreed")
            await psa.write(str(ticket), FLAGS)
            await psa.write(str(ticket), {"zone": "red"})
            assert world.field(ticket, "Change Approval") == "CAB-17"
            assert world.field(ticket, "SLA Zone") == "red"
            assert world.field(ticket, "Felt Response (min)") == 42


async def test_our_own_edit_is_known_by_its_mark_and_its_echo_is_dropped(world):
    async with connected(world) as (psa, _):
        ticket = world.open_ticket("Acme Dental", "Printer", text="Help")
        world.advance(timedelta(minutes=1))
        await psa.write(str(ticket), FLAGS)
        (ours,) = (await psa.observe([str(ticket)])).snapshots
        assert "self" in ours.editor.marks
        echo = {"ticket": {"id": ticket, "last_update": f"{world.now():%Y-%m-%dT%H:%M:%S}"}}
        assert await psa.verify(*delivery(echo), {}) == []
        world.advance(timedelta(minutes=1))
        world.post(ticket, "jreed", "Please unplug it")
        (theirs,) = (await psa.observe([str(ticket)])).snapshots
        assert theirs.editor.kind == "staff"
        later = {"ticket": {"id": ticket, "last_update": f"{world.now():%Y-%m-%dT%H:%M:%S}"}}
        assert [hint.ticket_id for hint in await psa.verify(*delivery(later), {})] == [str(ticket)]


def delivery(found):
    body = json.dumps(found).encode()
    return body, {"token": SECRET, "content-type": "application/json"}


async def test_the_best_face_is_the_best_score_and_other_scales_can_be_set(world):
    happy, angry = sorted(world.tickets.by_id)[:2]
    world.rate(happy, 5, "great")
    world.rate(angry, 1)
    for faults, change in (({}, {}), ({"feedback_high": True}, {"best_score": 5, "worst_score": 1})):
        async with connected(world, change=change, **faults) as (psa, _):
            batch = await psa.poll("feedback", None, now=world.now(), limit=100)
            told = {i: e for i, e in batch.events if isinstance(e, Rating)}
            assert (told[str(happy)].score, told[str(angry)].score) == (5, 1)
            assert told[str(happy)].scale == 5


async def test_a_comment_that_comes_later_is_read_under_the_same_key(world, halo_tap):
    ticket = sorted(world.tickets.by_id)[0]
    answer = world.rate(ticket, 2)
    async with connected(world, tap=halo_tap) as (psa, _):
        first = await psa.poll("feedback", None, now=world.now(), limit=100)
        again = await psa.poll("feedback", first.cursor, now=world.now(), limit=100)
        assert not again.events, "a quarter of an hour is not over"
        world.answers.by_id[answer].comment = "too slow"
        world.advance(timedelta(minutes=20))
        late = await psa.poll("feedback", again.cursor, now=world.now(), limit=100)
        key = f"feedback:{answer}"
        assert [e.comment for _, e in first.events if e.key == key] == [""]
        assert [e.comment for _, e in late.events if e.key == key] == ["too slow"]


async def test_deleted_tickets_are_found_by_polling_and_each_is_looked_at(world, halo_tap):
    async with connected(world, tap=halo_tap) as (psa, _):
        before, *lost, kept = (world.open_ticket("Acme Dental", "Printer", text="Help") for _ in range(7))
        world.delete_ticket(before, by="jreed")
        world.advance(timedelta(hours=1))
        first = await psa.poll("deletions", None, now=world.now(), limit=100)
        for ticket in lost:
            world.delete_ticket(ticket, by="jreed")
        world.advance(timedelta(minutes=1))
        again = await psa.poll("deletions", first.cursor, now=world.now(), limit=100)
        assert (again.gone, again.cursor) == (frozenset(), first.cursor), "it is asked every five minutes"
        world.advance(timedelta(minutes=5))
        world.post(kept, "jreed", "Please unplug it")
        batch = await psa.poll("deletions", again.cursor, now=world.now(), limit=100)
        assert first.gone == frozenset()
        assert batch.gone == {str(ticket) for ticket in lost}
        last = await psa.poll("deletions", batch.cursor, now=world.now() + timedelta(minutes=30), limit=100)
        assert last.gone == frozenset()


async def test_a_list_of_deleted_tickets_that_are_there_is_not_believed(world):
    async with connected(world) as (psa, sim):
        first = await psa.poll("deletions", None, now=world.now(), limit=100)
        world.advance(timedelta(minutes=6))
        for _ in range(9):
            world.open_ticket("Acme Dental", "Printer", text="Help")
        real = sim.dialect.answer

        def deaf(ask):
            ask.query.pop("deleted", None)
            return real(ask)

        sim.dialect.answer = deaf
        world.requests.clear()
        batch = await psa.poll("deletions", first.cursor, now=world.now(), limit=100)
        assert batch.gone == frozenset()
        assert asked(world, "GET", "/Tickets/{id}") == 3
        assert "which is there" in psa._session.off["deletions"]


async def test_half_a_webhook_is_made_whole(world, halo_tap):
    async with connected(world, tap=halo_tap) as (psa, sim):
        url = "https://px.example/hooks/main"
        assert await psa.ensure_webhook(url) == "created"
        assert await psa.ensure_webhook(url + "?x=1") == "alive"
        (known,) = sim.dialect._webhooks._known.values()
        known.notifications.clear()
        assert await psa.ensure_webhook(url) == "re-enabled"
        assert {row["eventno"] for row in known.notifications.values()} >= {3, 61}
        assert await psa.ensure_webhook(url) == "alive"


@pytest.mark.parametrize("record_shows_them", [True, False])
async def test_notifications_that_halo_does_not_list_are_not_made_again_and_again(world, record_shows_them):
    async with connected(world) as (psa, sim):
        url, hooks = "https://px.example/hooks/main", sim.dialect._webhooks
        sim.dialect.routes.add("GET", "/Notification", lambda _ask: Reply.of([]))
        if not record_shows_them:
            sim.dialect.routes.add("GET", "/Webhook/{key}", lambda _ask: Reply.of({"id": "x"}))
        assert await psa.ensure_webhook(url) == "created"
        for _ in range(3):
            assert await psa.ensure_webhook(url) == "alive"
        (known,) = hooks._known.values()
        assert len(known.notifications) == 4


async def test_a_right_that_was_taken_away_is_said_once_and_not_every_quarter_of_an_hour(world, monkeypatch):
    monkeypatch.setattr("connector.psa.halo.hooks.LOOK_AGAIN_S", 0.0)
    async with connected(world) as (psa, sim):
        await psa.ensure_webhook("https://px.example/hooks/main")
        sim.faults.forbidden = "/webhook"
        cursor = None
        for _ in range(3):
            _, cursor = await drain(psa, "tickets", cursor, world.now())
        looked = asked(world, "GET", "/Webhook")
        await drain(psa, "tickets", cursor, world.now())
        assert asked(world, "GET", "/Webhook") == looked


async def test_a_webhook_that_was_switched_off_is_noticed_and_revived_while_polling(world, monkeypatch):
    async with connected(world) as (psa, _):
        await psa.ensure_webhook("https://px.example/hooks/main")
        (hook,) = world.hooks.values()
        hook.inactive = True
        _, cursor = await drain(psa, "tickets", None, world.now())
        assert hook.inactive, "it was looked at a moment ago"
        monkeypatch.setattr("connector.psa.halo.hooks.LOOK_AGAIN_S", 0.0)
        await drain(psa, "tickets", cursor, world.now())
        assert not hook.inactive
        assert len(world.hooks) == 1


@pytest.mark.parametrize(
    "proof",
    [
        {"authentication_type": 1, "basic_username": "halo", "basic_password": SECRET},
        {"authentication_type": 2, "authentication_header": "Token", "basic_password": SECRET},
        {"authentication_type": 3, "authentication_header": "Token", "basic_password": SECRET},
    ],
)
async def test_a_webhook_made_by_hand_is_believed_in_each_way_it_can_prove_itself(world, proof):
    async with connected(world) as (psa, sim), Receiver() as receiver:
        post = psa._session.api.post
        made = await post("Webhook", [{"name": "by hand", "url": receiver.url, "active": True, **proof}])
        hook = made[0] if isinstance(made, list) else made
        await post("Notification", [{"webhook_id": hook["id"], "eventno": 3}])
        ticket = world.open_ticket("Acme Dental", "Printer", text="Help")
        await sim.drain()
        ((body, headers, query),) = receiver.got
        assert [hint.ticket_id for hint in await psa.verify(body, headers, query)] == [str(ticket)]
        sim.faults.bad_signatures = 1.0
        world.open_ticket("Acme Dental", "Printer", text="Help")
        await sim.drain()
        with pytest.raises(Rejected):
            await psa.verify(*receiver.got[-1])


async def test_our_share_is_250_requests_in_five_minutes_unless_it_is_set(world):
    async with Simulator(world, vendor="halo") as sim:
        keys = config(sim)
        for change, a_minute in (({"requests_per_5_minutes": 250.0}, 50), ({}, 100_000)):
            psa = Halo("main", replace(keys, **change))
            assert psa.quota().limit_per_minute == a_minute
            await psa.close()
    assert HaloConfig(site="x", client_id="x", client_secret="x").requests_per_5_minutes == 250


async def test_without_a_secret_no_webhook_is_made_or_believed(world):
    async with connected(world, change={"hook_secret": ""}) as (psa, _):
        with pytest.raises(Rejected, match="set the webhook secret"):
            await psa.ensure_webhook("https://px.example/hooks/main")
        with pytest.raises(Rejected):
            await psa.verify(b"{}", {"token": ""}, {})


async def test_a_field_of_a_type_that_cannot_hold_text_is_named(world):
    async with connected(world, start=False, missing_field="SLA Zone") as (psa, _):
        facts = await psa.start(CAPTIONS)
        assert facts.missing_fields == ("SLA Zone",)
        assert facts.fields["PX At Risk"] == "161"


async def test_a_list_that_was_cut_short_is_asked_for_again(world):
    async with connected(world, start=False) as (psa, _):
        ann = next(iter(world.contacts.values()))
        world.contacts.update({n: replace(ann, id=n) for n in range(9000, 9080)})
        assert len(world.contacts) > 80
        assert len(await psa._session.api.whole("Users")) == len(world.contacts)
        assert asked(world, "GET", "/Users") == 2


async def test_the_least_permissions_of_the_guide_are_enough_for_all_but_webhooks(world):
    scope = "read:tickets edit:tickets read:customers read:calendar"
    async with connected(world, start=False, change={"scope": scope}) as (psa, _):
        facts = await psa.start(CAPTIONS)
        assert not facts.missing_fields
        assert not [note for note in facts.notes if " is off" in note]
        ticket = world.open_ticket("Acme Dental", "Printer", text="Help")
        world.rate(ticket, 5)
        await psa.write(str(ticket), FLAGS)
        assert (await psa.observe([str(ticket)])).complete == {str(ticket)}
        for stream in psa.streams:
            await drain(psa, stream, None, world.now())
        assert psa._session.off == {}
        with pytest.raises(Rejected, match="admin"):
            await psa.ensure_webhook("https://px.example/hooks/main")


async def test_a_wrong_tenant_is_told_as_such(world):
    async with connected(world, start=False, change={"tenant": "somebody-else"}) as (psa, _):
        with pytest.raises(AuthFailed, match=r"check tenant.*invalid_tenant"):
            await psa.start(CAPTIONS)


async def test_workdays_are_read_with_their_holidays(world, halo_tap):
    async with connected(world, tap=halo_tap, start=False) as (psa, _):
        found = await psa.calendars()
        assert found
        assert all(one.hours or one.problem for one in found)
        london = await psa.calendars("Europe/London")
        assert {one.hours.timezone for one in london if one.hours} == {"Europe/London"}


async def test_an_answer_for_another_ticket_says_that_one_was_made(world):
    async with connected(world) as (psa, _):
        ticket = sorted(world.tickets.by_id)[0]
        await psa.write(str(ticket), FLAGS)
        real = psa._session.api.post

        async def other(path, items):
            found = await real(path, items)
            row = found[0] if isinstance(found, list) else found
            return {**row, "id": ticket + 1}

        psa._session.api.post = other
        with pytest.raises(ContractViolation, match="answered with ticket"):
            await psa.write(str(ticket), {"zone": "red"})


async def test_where_tokens_come_from_is_asked_again_when_it_has_moved(world):
    async with connected(world) as (psa, sim):
        sim.faults.codebase = "identity"
        sim.dialect.access.invalidate()
        batches, _ = await drain(psa, "tickets", None, world.now())
        assert shown(batches)
        assert asked(world, "GET", "/AuthInfo") == 2


async def test_a_web_page_instead_of_an_answer_is_waited_out(world, monkeypatch):
    monkeypatch.setattr("connector.psa.transport.PATIENCE_429_S", 0.0)
    async with connected(world, html_429=True) as (psa, sim):
        sim.faults.throttle_next = 2
        batches, _ = await drain(psa, "tickets", None, world.now())
        assert shown(batches)
        assert psa.quota().throttled_total == 2


async def test_a_body_that_is_an_array_names_all_its_tickets(world):
    async with connected(world) as (psa, _):
        found = [{"ticket": {"id": 1001}}, {"ticket": {"id": 1002}}]
        assert [hint.ticket_id for hint in await psa.verify(*delivery(found), {})] == ["1001", "1002"]


async def test_a_status_that_is_made_later_is_learnt_and_not_asked_for_again_and_again(world, monkeypatch):
    async with connected(world) as (psa, _):
        ticket = world.open_ticket("Acme Dental", "Printer", text="Help")
        world.set_status(ticket, "Waiting Customer", by="jreed")
        psa._session.lookups.statuses.clear()
        monkeypatch.setattr("connector.psa.halo.session.AGENTS_AGAIN_S", 0.0)
        world.requests.clear()
        (found,) = (await psa.observe([str(ticket)])).snapshots
        assert found.ticket.status == "Waiting Customer"
        assert asked(world, "GET", "/Status") == 1
        monkeypatch.setattr("connector.psa.halo.session.AGENTS_AGAIN_S", 600.0)
        psa._session.lookups.statuses.clear()
        await psa.observe([str(ticket)])
        assert asked(world, "GET", "/Status") == 1


async def test_an_hour_of_short_tokens_and_cut_pages_loses_no_change(world):
    async with connected(world, token_lifetime=120, page_cap=7) as (psa, sim):
        cursor, seen = None, set()
        for minute in range(60):
            world.advance(timedelta(minutes=1))
            ticket = sorted(world.tickets.by_id)[minute % 20]
            world.post(ticket, "jreed", f"minute {minute}")
            if minute % 7 == 3:
                sim.dialect.access.invalidate()
            batches, cursor = await drain(psa, "tickets", cursor, world.now())
            seen |= {(s.ticket.id, s.version) for batch in batches for s in batch.snapshots}
        last = {str(t): t for t in sorted(world.tickets.by_id)[:20]}
        for ticket_id, number in last.items():
            stamped = world.ticket(number).updated_at.isoformat(timespec="milliseconds")
            assert (ticket_id, stamped) in seen
