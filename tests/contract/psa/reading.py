"""Reading everything once, then only what changed, and losing nothing between pages."""

from __future__ import annotations

import json
from datetime import timedelta

from connector.model import Message, Rating
from connector.psa.port import Batch
from tests.contract.psa.captions import CAPTIONS
from tests.contract.psa.stage import START, Stage, drain, ids
from tests.contract.psa.traits import trait


def _wanted(stage: Stage) -> set[str]:
    """Open tickets, and those that changed since the back-fill began."""
    since = START - timedelta(days=30)
    return {str(t.id) for t in stage.world.tickets.by_id.values() if not t.closed_at or t.updated_at > since}


@trait()
async def full_read(stage: Stage) -> None:
    """The first reading brings every open and every recent ticket, each once."""
    psa = await stage.started()
    batches, _ = await drain(psa, psa.streams[0], None, stage.world.now(), limit=7)
    assert sorted(ids(batches)) == sorted(_wanted(stage))
    assert not [bad for batch in batches for bad in batch.malformed]


@trait(tickets=1_100)
async def long_pages(stage: Stage) -> None:
    """More is asked for than any PSA gives at once: nothing is left behind."""
    psa = await stage.started(backfill_days=3650)
    batches, _ = await drain(psa, psa.streams[0], None, stage.world.now(), limit=10_000)
    assert len(stage.world.tickets) == 1_100
    assert set(ids(batches)) == set(map(str, stage.world.tickets.by_id))


@trait()
async def resumed_read(stage: Stage) -> None:
    """A reading goes on after a restart where it stopped; a cursor survives being written down."""
    psa = await stage.started()
    first = await psa.poll(psa.streams[0], None, now=stage.world.now(), limit=7)
    assert not first.done
    assert len(first.snapshots) < len(_wanted(stage))
    cursor = json.loads(json.dumps(first.cursor))
    rest, _ = await drain(await stage.started(), psa.streams[0], cursor, stage.world.now(), limit=7)
    assert set(ids([first, *rest])) == _wanted(stage)
    assert not set(ids(rest)) >= set(ids([first])), "it began again"


@trait()
async def incremental_read(stage: Stage) -> None:
    """Only what changed is read again."""
    psa, world = await stage.started(), stage.world
    _, cursor = await drain(psa, psa.streams[0], None, world.now())
    world.advance(timedelta(hours=1))
    changed = sorted(world.tickets.by_id)[:5]
    for ticket in changed:
        world.set_status(ticket, "In Progress", by="jreed")
    batches, cursor = await drain(psa, psa.streams[0], cursor, world.now())
    assert set(ids(batches)) == {str(ticket) for ticket in changed}
    world.advance(timedelta(hours=1))
    _, cursor = await drain(psa, psa.streams[0], cursor, world.now())
    following, _ = await drain(psa, psa.streams[0], cursor, world.now())
    assert ids(following) == [], "what changed an hour ago is not read for ever"


async def _nothing_lost(stage: Stage) -> None:
    """All that happens after a reading comes with the next ones, at once; and then no more."""
    world, told, lost = stage.world, stage.ticket(), stage.ticket()
    psa = stage.adapter()
    facts = await psa.start(CAPTIONS)
    (said,) = [note for note in facts.notes if "clock" in note]
    assert "10 min" in said
    cursors = {s: (await drain(psa, s, None, world.clock()))[1] for s in psa.streams}
    world.advance(timedelta(minutes=1))
    world.set_status(told, "In Progress", by="jreed")
    world.post(told, "jreed", "Please unplug it")
    world.log_time(told, "mbauer", 6, "Spoke to Ann", work_type="Phone Call")
    world.rate(told, 5)
    world.delete_ticket(lost, by="jreed")
    found: list[Batch] = []
    for minutes in (1, 20):
        world.advance(timedelta(minutes=minutes))
        for stream in psa.streams:
            batches, cursors[stream] = await drain(psa, stream, cursors[stream], world.clock())
            found += batches
        shown = [s for b in found for s in b.snapshots if s.ticket.id == str(told)]
        assert [s.ticket.status for s in shown][-1:] == ["In Progress"], "late is lost"
    found.append(await psa.complete(shown))
    events = [event for batch in found for ticket, event in batch.events if ticket == str(told)]
    said_on_it = " ".join(event.text or "" for event in events if isinstance(event, Message))
    assert "Please unplug it" in said_on_it
    assert "Spoke to Ann" in said_on_it
    assert any(isinstance(event, Rating) for event in events)
    gone = {ticket for batch in found for ticket in batch.gone}
    assert ("deletions" in psa.streams) == (str(lost) in gone)
    for _ in range(2):
        world.advance(timedelta(hours=1))
        batches, cursors["tickets"] = await drain(psa, "tickets", cursors["tickets"], world.clock())
    assert ids(batches) == [], "read for ever"


@trait()
async def clock_behind(stage: Stage) -> None:
    """A PSA whose clock is ten minutes behind ours says so, and nothing it stamps is lost."""
    stage.faults.clock_behind = 600
    await _nothing_lost(stage)


@trait()
async def clock_ahead(stage: Stage) -> None:
    """A PSA whose clock is ten minutes ahead of ours says so, and nothing waits until it is true."""
    stage.faults.clock_ahead = 600
    await _nothing_lost(stage)


@trait()
async def moving_pages(stage: Stage) -> None:
    """Tickets that change while pages are read are neither skipped nor shown as they were."""
    psa, world = await stage.started(), stage.world
    _, cursor = await drain(psa, psa.streams[0], None, world.now())
    some = sorted(world.tickets.by_id)[:20]
    world.advance(timedelta(hours=1))
    for ticket in some:
        world.set_status(ticket, "In Progress", by="jreed")
    first = await psa.poll(psa.streams[0], cursor, now=world.now(), limit=7)
    world.advance(timedelta(minutes=2))
    for ticket in (some[0], some[-1]):
        world.set_status(ticket, "Assigned", by="jreed")
    rest, cursor = await drain(psa, psa.streams[0], first.cursor, world.now(), limit=7)
    following, _ = await drain(psa, psa.streams[0], cursor, world.now(), limit=7)
    last = {s.ticket.id: s.ticket.status for b in (first, *rest, *following) for s in b.snapshots}
    assert last.keys() == {str(ticket) for ticket in some}
    assert (last[str(some[0])], last[str(some[-1])]) == ("Assigned", "Assigned")


@trait()
async def polled_timeline(stage: Stage) -> None:
    """What is said on a ticket arrives by polling alone, without asking for that ticket."""
    psa, world = await stage.started(), stage.world
    cursors = {s: (await drain(psa, s, None, world.now()))[1] for s in psa.streams}
    ticket = stage.ticket()
    world.advance(timedelta(minutes=10))
    world.post(ticket, "jreed", "Please unplug it")
    world.log_time(ticket, "mbauer", 6, "Spoke to Ann", work_type="Phone Call")
    batches = [b for s in psa.streams for b in (await drain(psa, s, cursors[s], world.now()))[0]]
    shown = [s for b in batches for s in b.snapshots if s.ticket.id == str(ticket)]
    batches.append(await psa.complete(shown))
    said = [e for b in batches for i, e in b.events if i == str(ticket) and isinstance(e, Message)]
    for words in ("It smokes", "Please unplug it", "Spoke to Ann"):
        assert any(words in (message.text or "") for message in said), words


@trait()
async def deleted(stage: Stage) -> None:
    """A deleted ticket is gone, and so is one that never was."""
    psa, world = await stage.started(), stage.world
    kept, lost, *_ = sorted(world.tickets.by_id)
    world.delete_ticket(lost, by="jreed")
    batch = await psa.observe([str(kept), str(lost), "nonsense"])
    assert batch.gone == {str(lost), "nonsense"}
    assert ids([batch]) == [str(kept)]


@trait()
async def merged(stage: Stage) -> None:
    """A ticket merged into another names it."""
    psa, world = await stage.started(), stage.world
    one, other = stage.ticket(), stage.ticket()
    world.advance(timedelta(minutes=5))
    world.merge(one, other, by="jreed")
    tickets = {s.ticket.id: s.ticket for s in (await psa.observe([str(one), str(other)])).snapshots}
    assert tickets[str(one)].merged_into == str(other)
    assert tickets[str(other)].merged_into == ""
