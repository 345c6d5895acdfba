"""A ticket's whole story: every message, time entry, status change and appointment, and who it was."""

from __future__ import annotations

from datetime import timedelta

from connector.model import Appointment, Close, Message, PriorityChange, Rating, StatusChange
from tests.contract.psa.stage import Stage, drain, story
from tests.contract.psa.traits import trait


async def _said(stage: Stage, ticket: int) -> list[Message]:
    return [event for event in await story(await stage.started(), ticket) if isinstance(event, Message)]


def _of(messages: list[Message], words: str) -> Message:
    """The one message with these words."""
    found = [message for message in messages if words in (message.text or "")]
    assert len(found) == 1, f"{words!r} is told {len(found)} times"
    return found[0]


@trait()
async def messages(stage: Stage) -> None:
    """Everything said is told once, with its direction, its channel and when."""
    world, ticket = stage.world, stage.ticket()
    opened = world.now()
    world.advance(timedelta(minutes=10))
    world.post(ticket, "jreed", "Please unplug it")
    world.advance(timedelta(minutes=10))
    world.post(ticket, "contact", "Thanks a lot")
    said = await _said(stage, ticket)
    mail, reply, thanks = (_of(said, words) for words in ("It smokes", "Please unplug it", "Thanks a lot"))
    assert len(said) == 3
    assert [message.direction for message in (mail, reply, thanks)] == ["in", "out", "in"]
    assert {mail.channel, thanks.channel} <= {"email", "portal"}
    assert reply.channel in ("email", "note")
    at = [message.at - opened for message in (mail, reply, thanks)]
    assert at == [timedelta(0), timedelta(minutes=10), timedelta(minutes=20)]


@trait()
async def authors(stage: Stage) -> None:
    """People of the desk, customers and machines are told apart by their records."""
    world, ticket = stage.world, stage.ticket()
    world.advance(timedelta(minutes=1))
    world.post(ticket, "workflow", "We have received your request")
    world.post(ticket, "Rewst", "Automatic triage")
    world.post(ticket, "jreed", "Please unplug it")
    world.post(ticket, "jreed", "And plug it in again")
    said = await _said(stage, ticket)
    kinds = {
        words: _of(said, words).actor.kind
        for words in ("It smokes", "We have received", "Automatic triage", "Please unplug it")
    }
    assert kinds == {
        "It smokes": "contact",
        "We have received": "automation",
        "Automatic triage": "automation",
        "Please unplug it": "staff",
    }
    first, second = (_of(said, words).actor for words in ("Please unplug it", "And plug it in again"))
    assert first.id
    assert first == second


@trait()
async def visibility(stage: Stage) -> None:
    """What a customer cannot see is internal, in notes and in time entries."""
    world, ticket = stage.world, stage.ticket()
    world.advance(timedelta(minutes=1))
    world.post(ticket, "jreed", "He always does that", visible=False)
    world.log_time(ticket, "mbauer", 6, "Spoke to Ann", work_type="Phone Call", internal="rude as ever")
    said = await _said(stage, ticket)
    assert _of(said, "He always does that").direction == "internal"
    assert _of(said, "Spoke to Ann").direction == "out"
    assert not [m for m in said if m.direction != "internal" and "rude" in (m.text or "")]


@trait()
async def time_entries(stage: Stage) -> None:
    """Work is told with its minutes, who did it, and how it reached the customer."""
    world, ticket = stage.world, stage.ticket()
    world.advance(timedelta(hours=1))
    world.log_time(ticket, "mbauer", 6, "Spoke to Ann", work_type="Phone Call")
    world.log_time(ticket, "tnovak", 30, "Swapped the fuser", work_type="On-site")
    said = await _said(stage, ticket)
    call, visit = _of(said, "Spoke to Ann"), _of(said, "Swapped the fuser")
    assert (call.channel, call.minutes, call.actor.kind) == ("phone", 6, "staff")
    assert (visit.channel, visit.minutes, visit.actor.kind) == ("visit", 30, "staff")
    assert call.actor.id != visit.actor.id


@trait()
async def present_state(stage: Stage) -> None:
    """Status, priority, owner, client and board are as they stand now, and who changed them last."""
    world, ticket = stage.world, stage.ticket()
    world.advance(timedelta(minutes=5))
    world.set_priority(ticket, "P1 Critical", by="dmoore")
    world.assign(ticket, "jreed", by="dmoore")
    world.set_status(ticket, "In Progress", by="jreed")
    psa = await stage.started()
    (snapshot,) = (await psa.observe([str(ticket)])).snapshots
    shown = snapshot.ticket
    assert (shown.status, shown.priority, shown.client) == ("In Progress", "P1 Critical", "Acme Dental")
    assert (shown.summary, shown.group, shown.type) == ("Printer", "Service Desk", "Incident")
    assert shown.owner
    assert shown.client_id == str(world.company_by_name("Acme Dental").id)
    assert (snapshot.editor.kind, snapshot.updated_at) == ("staff", world.now())
    assert shown.opened_at == world.now() - timedelta(minutes=5)
    assert not shown.closed


@trait()
async def status_history(stage: Stage) -> None:
    """The first reading tells every change of an open ticket's status there was, and who made it."""
    world, ticket = stage.world, stage.ticket()
    for status, who in (("Assigned", "dmoore"), ("In Progress", "jreed"), ("Waiting Customer", "jreed")):
        world.advance(timedelta(minutes=10))
        world.set_status(ticket, status, by=who)
    psa = await stage.started()
    batches, _ = await drain(psa, psa.streams[0], None, world.now())
    shown = [s for batch in batches for s in batch.snapshots if s.ticket.id == str(ticket)]
    batches.append(await psa.complete(shown))
    events = {e.key: e for batch in batches for i, e in batch.events if i == str(ticket)}
    told = sorted((e for e in events.values() if isinstance(e, StatusChange)), key=lambda e: e.at)
    changes = [(e.from_, e.to, e.actor.kind) for e in told]
    assert changes == [
        ("New", "Assigned", "staff"),
        ("Assigned", "In Progress", "staff"),
        ("In Progress", "Waiting Customer", "staff"),
    ]


@trait()
async def priority_history(stage: Stage) -> None:
    """The first reading tells every change of an open ticket's priority there was, when, and who made it."""
    world, ticket = stage.world, stage.ticket()
    made = []
    for priority, who in (("P1 Critical", "dmoore"), ("P2 High", "jreed")):
        world.advance(timedelta(minutes=10))
        world.set_priority(ticket, priority, by=who)
        made.append(world.now())
    psa = await stage.started()
    batches, _ = await drain(psa, psa.streams[0], None, world.now())
    shown = [s for batch in batches for s in batch.snapshots if s.ticket.id == str(ticket)]
    batches.append(await psa.complete(shown))
    events = {e.key: e for batch in batches for i, e in batch.events if i == str(ticket)}
    told = sorted((e for e in events.values() if isinstance(e, PriorityChange)), key=lambda e: e.at)
    assert [(e.at, e.to, e.actor.kind) for e in told] == [
        (made[0], "P1 Critical", "staff"),
        (made[1], "P2 High", "staff"),
    ]
    assert told[1].from_ == "P1 Critical"


@trait()
async def closing(stage: Stage) -> None:
    """A closed ticket says when it was closed and by whom."""
    world, ticket = stage.world, stage.ticket()
    world.advance(timedelta(minutes=30))
    world.set_status(ticket, ">Closed", by="jreed")
    at = world.now()
    world.advance(timedelta(hours=1))
    psa = await stage.started()
    (snapshot,) = (await psa.observe([str(ticket)])).snapshots
    (close,) = [event for event in await story(psa, ticket) if isinstance(event, Close)]
    assert snapshot.ticket.closed
    assert (snapshot.ticket.closed_at, close.at) == (at, at)
    assert close.actor.kind == "staff"


@trait()
async def appointments(stage: Stage) -> None:
    """An appointment is told: when it is, with whom, and who made it."""
    world, ticket = stage.world, stage.ticket()
    start = world.now() + timedelta(days=1)
    world.book(ticket, "mbauer", start, 60, by="dmoore")
    events = await story(await stage.started(), ticket)
    (visit,) = [event for event in events if isinstance(event, Appointment)]
    assert (visit.starts_at, visit.ends_at) == (start, start + timedelta(hours=1))
    assert visit.who
    assert visit.actor.kind == "staff"
    assert visit.at == world.now()


@trait()
async def stable_keys(stage: Stage) -> None:
    """The same fact has the same key whenever it is read, and no two facts share one."""
    world, ticket = stage.world, stage.ticket()
    world.advance(timedelta(minutes=5))
    world.post(ticket, "jreed", "Please unplug it")
    world.log_time(ticket, "jreed", 6, "Spoke", work_type="Phone Call")
    psa = await stage.started()
    first = [event.key for event in await story(psa, ticket)]
    world.post(ticket, "jreed", "One thing more")
    second = [event.key for event in await story(await stage.started(), ticket)]
    assert all(first)
    assert len(set(second)) == len(second) == len(first) + 1
    assert set(first) <= set(second)
    batch = await psa.observe([str(ticket)])
    assert all(any(key.startswith(prefix) for prefix in batch.replaces) for key in second)


@trait()
async def ratings(stage: Stage) -> None:
    """What customers say about it is read, the happy end of the scale above the unhappy one."""
    world, happy, unhappy = stage.world, stage.ticket(), stage.ticket()
    world.advance(timedelta(minutes=5))
    for ticket in (happy, unhappy):
        world.set_status(ticket, ">Closed", by="jreed")
    world.rate(happy, 5)
    world.rate(unhappy, 1)
    psa = await stage.started()
    batches = [b for s in psa.streams for b in (await drain(psa, s, None, world.now()))[0]]
    told = {
        i: e
        for b in batches
        for i, e in b.events
        if isinstance(e, Rating) and i in map(str, (happy, unhappy))
    }
    assert told.keys() == {str(happy), str(unhappy)}
    best, worst = told[str(happy)], told[str(unhappy)]
    assert best.score == best.scale == worst.scale
    assert 0 <= worst.score < worst.scale / 2


@trait()
async def watched_fields(stage: Stage) -> None:
    """A field that a survey tool writes is read with the ticket, polled or not; a missing one is said."""
    world, ticket, other = stage.world, stage.ticket(), stage.ticket()
    world.set_field(ticket, "Change Approval", "4/5", by="jreed")
    psa = stage.adapter()
    psa.watch({"change approval", "No Such Field"})
    facts = await psa.start({})
    assert [note for note in facts.notes if "'No Such Field'" in note]
    batches, _ = await drain(psa, psa.streams[0], None, world.now())
    batches.append(await psa.observe([str(ticket), str(other)]))
    for number, value in ((ticket, "4/5"), (other, "")):
        shown = [s.fields for b in batches for s in b.snapshots if s.ticket.id == str(number)]
        assert [dict(fields) for fields in shown] == [{"change approval": value}] * 2


@trait()
async def desk_addresses(stage: Stage) -> None:
    """The people of the desk are known by their mail addresses, so that none of them rates as a customer."""
    facts = await stage.adapter().start({})
    assert [one for one in facts.people if one.startswith("jreed@")]
    assert not [one for one in facts.people if one != one.casefold() or one.isdecimal()]
    assert facts.people.isdisjoint(contact.email.casefold() for contact in stage.world.contacts.values())


@trait()
async def rating_comments(stage: Stage) -> None:
    """A rating brings what the customer wrote with it."""
    ticket = stage.ticket()
    stage.world.rate(ticket, 2, "too slow")
    psa = await stage.started()
    batches = [b for s in psa.streams for b in (await drain(psa, s, None, stage.world.now()))[0]]
    told = [e.comment for b in batches for i, e in b.events if i == str(ticket) and isinstance(e, Rating)]
    assert told == ["too slow"]
