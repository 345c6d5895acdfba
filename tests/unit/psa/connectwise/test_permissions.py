"""A missing permission switches off one feature, is said, and the rest runs."""

from datetime import UTC, datetime

import httpx
import pytest
import respx

from connector.errors import AuthFailed
from connector.psa.connectwise.adapter import ConnectWise
from tests.unit.psa.connectwise.kit import BASE, answer, company_info, config

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
INFO = {"dateEntered": "2026-01-05T09:00:00Z", "lastUpdated": "2026-01-05T09:00:00Z"}
TICKET = {
    "id": 69,
    "customFields": [{"id": 12, "caption": "Zone", "type": "Text", "value": "red"}],
    "_info": INFO,
}
NOTE = {"id": 1, "text": "x", "member": {"identifier": "jreed"}, "dateCreated": "2026-01-05T10:00:00Z"}
CAPTIONS = {"zone": frozenset({"Zone"})}


@pytest.fixture
async def psa():
    """An instance where everything answers; `forbid` takes something away."""
    found = ConnectWise("main", config())
    with respx.mock(assert_all_called=False) as router:
        company_info(router)
        routes = {
            path: router.get(BASE + path).mock(side_effect=lambda _: answer())
            for path in ("system/members", "system/apiMembers", "service/boards", "service/priorities")
        }
        for path in ("system/userDefinedFields", "time/entries", "schedule/entries", "service/surveys"):
            routes[path] = router.get(BASE + path).mock(side_effect=lambda _: answer())
        tickets = httpx.Response(200, json=[TICKET], headers={"link": ""})
        routes["service/tickets"] = router.get(BASE + "service/tickets").mock(return_value=tickets)
        router.get(BASE + "service/tickets/69").respond(200, json=TICKET)
        notes = httpx.Response(200, json=[NOTE], headers={"link": ""})
        routes["notes"] = router.get(BASE + "service/tickets/69/notes").mock(return_value=notes)
        router.get(BASE + "system/info").respond(200, json={"version": "v2025.1"})

        def forbid(name):
            refusal = {"code": "Forbidden", "message": "role PX lacks it"}
            routes[name].mock(side_effect=None, return_value=httpx.Response(403, json=refusal))
            return routes[name]

        yield found, forbid
    await found.close()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("time/entries", "time_entries is off"),
        ("schedule/entries", "schedule_entries is off"),
        ("service/surveys", "surveys is off"),
        ("service/boards", "board statuses is off"),
        ("service/priorities", "priorities is off"),
        ("system/userDefinedFields", "custom field definitions is off"),
        ("system/members", "system/members cannot be read"),
        ("system/apiMembers", "system/apiMembers cannot be read"),
    ],
)
async def test_what_may_not_be_read_is_said_at_the_start(psa, path, said):
    found, forbid = psa
    forbid(path)
    facts = await found.start(CAPTIONS)
    assert any(note.startswith(said) and "role PX lacks it" in note for note in facts.notes)
    batch = await found.poll("tickets", None, now=NOW, limit=100)
    assert [s.flags for s in batch.snapshots] == [{"zone": "red"}], "fields are found on a ticket as well"


@pytest.mark.parametrize(
    ("path", "stream"),
    [
        ("time/entries", "time_entries"),
        ("schedule/entries", "schedule_entries"),
        ("service/surveys", "surveys"),
    ],
)
async def test_a_permission_taken_away_later_stops_that_stream_and_keeps_its_place(psa, path, stream):
    found, forbid = psa
    await found.start(CAPTIONS)
    route = forbid(path)
    cursor = {"since": "2026-01-05T11:00:00+00:00"}
    before = route.call_count
    for _ in range(3):
        batch = await found.poll(stream, cursor, now=NOW, limit=100)
        assert (batch.cursor, batch.done, batch.events) == (cursor, True, ())
    assert route.call_count - before == 1


async def test_without_entries_the_stored_ones_are_not_taken_for_deleted(psa):
    found, forbid = psa
    await found.start(CAPTIONS)
    assert "time:" in (await found.observe(["69"])).replaces
    forbid("time/entries")
    batch = await found.observe(["69"])
    assert [e.key for _, e in batch.events] == ["note:1"]
    assert batch.replaces == ("note:",)


async def test_without_notes_a_ticket_is_seen_and_nothing_is_called_complete(psa):
    found, forbid = psa
    await found.start(CAPTIONS)
    forbid("notes")
    batch = await found.observe(["69"])
    assert len(batch.snapshots) == 1
    assert batch.complete == frozenset()


async def test_without_the_directory_a_member_is_taken_for_a_person(psa):
    found, forbid = psa
    forbid("system/members")
    await found.start(CAPTIONS)
    (event,) = [e for _, e in (await found.observe(["69"])).events]
    assert event.actor.kind == "staff"


async def test_a_stranger_stays_unknown_while_the_directory_may_be_read(psa):
    found, _ = psa
    await found.start(CAPTIONS)
    found._session.people.blind = False
    (event,) = [e for _, e in (await found.observe(["69"])).events]
    assert event.actor.kind == "unknown"


async def test_without_tickets_there_is_nothing_to_do(psa):
    found, forbid = psa
    await found.start(CAPTIONS)
    forbid("service/tickets")
    with pytest.raises(AuthFailed, match="may not read service tickets"):
        await found.poll("tickets", None, now=NOW, limit=100)


@pytest.mark.parametrize("body", [b"<html>", b'[{"id": 1', b'{"id": 1}'])
async def test_notes_that_cannot_be_read_set_one_ticket_aside(psa, body):
    found, forbid = psa
    await found.start(CAPTIONS)
    forbid("notes").mock(return_value=httpx.Response(200, content=body))
    batch = await found.observe(["69"])
    assert [m.ticket_id for m in batch.malformed] == ["69"]
    assert len(batch.snapshots) == 1
    assert batch.complete == frozenset()
