"""One bad ticket, field, note or date: it is set aside and shown, and the tickets beside it never notice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from connector.psa.connectwise.api import Api
from connector.psa.values import TooDeep
from connector.store import assessments, events, outbox, quarantine, starts, tickets
from connector.store.board import board
from connector.store.quarantine import Quarantined
from connector.store.schema import tickets as table
from tests.kit import CAPTIONS, FOREIGN, Office, Tap, client_file, office, write_client

PATCH = ("PATCH", "/service/tickets/{id}")


def opened(o: Office, client: str = "Acme Dental") -> int:
    return o.world.open_ticket(client, "Printer down", text="It prints nothing at all.")


async def set_aside(o: Office) -> list[Quarantined]:
    async with o.connector.store.read() as tx:
        return await quarantine.listed(tx)


async def page(o: Office, path: str) -> str:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{o.port}") as browser:
        answer = await browser.get(path)
    assert answer.status_code == 200
    return answer.text


# ── malformed ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("how", ["dates", "not-an-object", "no-id", "too-deep"])
async def test_a_malformed_ticket_is_quarantined_and_the_others_go_on(
    tmp_path: Path, openapi_tap: Tap, how: str
) -> None:
    async with office(tmp_path, tap=requests_only(openapi_tap), tickets=40) as o:
        bad, *good = o.open_tickets()
        o.sim.faults.malformed = {bad: how}
        await o.start()
        await o.assert_right(*good)
        assert o.health.state == "ok"
        assert o.flags(bad) == {}
        [found] = await set_aside(o)
        assert found.reason.startswith("ticket: ") or "expected" in found.reason or "nested" in found.reason
        assert len(found.body) <= 256
        shown = await page(o, "/quarantine")
        assert found.reason.split(":")[0] in shown


async def test_a_mended_ticket_leaves_the_quarantine(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=requests_only(openapi_tap), tickets=40) as o:
        bad = o.open_tickets()[0]
        o.sim.faults.malformed = {bad: "dates"}
        await o.start()
        assert await set_aside(o)
        o.sim.faults.malformed = {}
        o.world.post(bad, "contact", "Any news?")
        await o.settle()
        assert await set_aside(o) == []
        await o.assert_right(bad)


async def test_a_ticket_mended_without_a_word_is_found_by_the_sweep(tmp_path: Path, openapi_tap: Tap) -> None:
    """Say the PSA was upgraded: nothing about the ticket changed, only how it is told."""
    async with office(tmp_path, tap=requests_only(openapi_tap), tickets=40) as o:
        bad = o.open_tickets()[0]
        o.sim.faults.malformed = {bad: "dates"}
        await o.start()
        assert o.flags(bad) == {}
        o.sim.faults.malformed = {}
        await o.later(minutes=31)
        assert await set_aside(o) == []
        await o.assert_right(bad)


async def test_a_row_that_does_not_even_name_its_ticket_is_shown_for_a_week(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=requests_only(openapi_tap), tickets=40) as o:
        bad = o.open_tickets()[0]
        o.sim.faults.malformed = {bad: "not-an-object"}
        await o.start()
        assert [item.ticket_id for item in await set_aside(o)] == [""]
        o.sim.faults.malformed = {}
        o.world.post(bad, "contact", "Any news?")
        await o.settle()
        await o.assert_right(bad)
        await o.later(minutes=6 * 24 * 60)
        assert len(await set_aside(o)) == 1
        await o.later(minutes=2 * 24 * 60)
        assert await set_aside(o) == []


async def test_a_row_of_ours_that_cannot_be_read_is_shown_and_not_due_for_ever(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    """Its timer would have the connection turn without a pause; the PSA still has the ticket."""
    async with office(tmp_path, tap=requests_only(openapi_tap)) as o:
        await o.start()
        ticket = opened(o)
        await o.settle()
        await o.later(minutes=45)
        async with o.connector.store.begin() as tx:
            spoilt = update(table).where(table.c.id == str(ticket)).values(doc="{}")
            assert (await tx.execute(spoilt)).rowcount == 1
            await assessments.judge_again(tx, o.connection.name, [str(ticket)], o.world.now())
        await o.later(seconds=1)
        async with o.connector.store.read() as tx:
            assert await assessments.due(tx, o.connection.name, o.world.now(), 9) == []
        [found] = await set_aside(o)
        assert (found.ticket_id, found.reason) == (str(ticket), "what is stored of it cannot be read")
        await o.later(minutes=31)
        assert await set_aside(o) == []
        await o.assert_right(ticket)


async def test_a_quarantined_ticket_that_is_deleted_is_forgotten(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=requests_only(openapi_tap), tickets=40) as o:
        bad = o.open_tickets()[0]
        o.sim.faults.malformed = {bad: "dates"}
        await o.start()
        o.world.delete_ticket(bad, "jreed")
        await o.settle()
        await o.later(minutes=31)
        assert await set_aside(o) == []


async def test_a_ticket_that_becomes_malformed_keeps_what_it_shows(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=requests_only(openapi_tap)) as o:
        await o.start()
        ticket, other = opened(o), opened(o, "Globex")
        await o.settle()
        shown = o.flags(ticket)
        o.sim.faults.malformed = {ticket: "dates"}
        o.world.post(ticket, "contact", "Any news?")
        o.world.post(other, "jreed", "I replaced the toner and cleared the queue, please print again.")
        await o.settle()
        assert o.flags(ticket) == shown
        assert "answered in" in o.flags(other)["why"]
        assert [item.ticket_id for item in await set_aside(o)] == [str(ticket)]
        await o.later(minutes=61)
        assert o.flags(ticket)["zone"] == "red", "its clock runs on what is known"


async def test_a_ticket_that_cannot_be_read_before_a_write_is_not_gone_and_the_others_are_written(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=requests_only(openapi_tap)) as o:
        await o.start()
        odd, other = opened(o), opened(o)
        await o.settle()
        o.sim.faults.malformed = {odd: "not-an-object"}
        await o.later(minutes=61)
        assert o.flags(other)["zone"] == "red"
        assert o.flags(odd)["zone"] != "red"
        o.sim.faults.malformed = {}
        await o.later(minutes=20)
        assert o.flags(odd)["zone"] == "red"
        await o.assert_right(odd, other)


def requests_only(tap: Tap) -> Tap:
    """Malformed answers break the specification on purpose; what we ask must keep to it all the same."""
    return None if tap is None else lambda exchange: tap(replace(exchange, status=204, response_body=b""))


async def test_a_set_up_with_a_row_too_deep_is_used_and_not_kept_for_a_later_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no JSON: kept, it would have every start fail."""
    read = Api._every_row

    async def with_one_more(api: Api, path: str, *asked: Any) -> list[Any]:
        return [*await read(api, path, *asked), *([TooDeep({"id": 999})] if "members" in path else [])]

    monkeypatch.setattr(Api, "_every_row", with_one_more)
    async with office(tmp_path) as o:
        await o.start()
        ticket = opened(o)
        await o.settle()
        await o.assert_right(ticket)
        assert o.health.state == "ok"
        async with o.connector.store.read() as tx:
            kept = await starts.get(tx, "main", o.connection.settings, o.world.now())
        assert not (kept and kept[0])


# ── impossible dates ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "opened_at",
    [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1899, 12, 30, tzinfo=UTC),
        datetime(1990, 1, 1, tzinfo=UTC),
        datetime(2099, 12, 31, tzinfo=UTC),
        datetime(2100, 12, 31, 23, 30, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, tzinfo=UTC),
    ],
)
async def test_a_ticket_opened_in_an_impossible_year_stops_nobody(
    tmp_path: Path, openapi_tap: Tap, opened_at: datetime
) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        odd, good = opened(o), opened(o, "Globex")
        o.world.ticket(odd).entered_at = opened_at
        o.world.ticket(odd).sla.since = FIRST
        await o.start()
        await o.assert_right(good)
        assert o.health.state == "ok"
        o.world.post(odd, "jreed", "I replaced the toner and cleared the queue, please print again.")
        o.world.post(good, "jreed", "I replaced the toner and cleared the queue, please print again.")
        await o.settle()
        assert "answered in" in o.flags(good)["why"]
        assert o.health.state == "ok"


FIRST = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


async def test_closed_before_it_was_opened_and_notes_from_the_future(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        backwards, ahead, good = opened(o), opened(o), opened(o, "Globex")
        o.world.set_status(backwards, ">Closed", "jreed")
        o.world.ticket(backwards).closed_at = FIRST - timedelta(days=400)
        o.world.post(ahead, "jreed", "I replaced the toner and cleared the queue, please print again.")
        o.world.posts(ahead)[-1].at = FIRST + timedelta(days=4000)
        o.world.log_time(ahead, "jreed", -600, "Called them.", "Phone Call")
        o.world.book(ahead, "mbauer", datetime(2100, 12, 31, tzinfo=UTC), 60)
        await o.settle()
        await o.later(minutes=61)
        assert o.health.state == "ok"
        assert o.flags(good)["zone"] == "red"
        await o.assert_right(good, ahead)


async def test_rules_that_no_calendar_can_answer_for_stop_nobody_else(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    """Five minutes a week and a promise of a thousand working hours: due in the year 2256."""
    async with office(tmp_path, tap=openapi_tap) as o:
        seldom = {"timezone": "Europe/London", "week": {"sun": ["09:00-09:05"]}}
        far = {"*": {"response": "1000h"}}
        write_client(tmp_path, client_file("Globex", calendar=seldom, targets=far))
        await o.start()
        bad, good = opened(o, "Globex"), opened(o)
        await o.settle()
        assert o.flags(good)["zone"] == "green"
        assert o.flags(bad) == {}
        assert o.health.state == "ok"
        [found] = await set_aside(o)
        assert (found.ticket_id, found.reason.startswith("cannot be assessed: ")) == (str(bad), True)
        await o.later(minutes=61)
        assert o.flags(good)["zone"] == "red"
        before = o.connector.rules.book
        write_client(tmp_path, client_file("Globex"))
        o.connector.rules.look_now()
        await o.until(lambda: o.connector.rules.book is not before)
        await o.settle()
        assert o.flags(bad)["zone"] == "red"
        assert await set_aside(o) == []


# ── large ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_note_of_two_megabytes_is_kept_short_and_the_others_are_quick(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        large, good = opened(o), opened(o, "Globex")
        await o.settle()
        o.world.post(large, "contact", "The log says:\n" + "error 0x80070005 at line 17\n" * 75_000)
        o.world.post(large, "jreed", "> quoted\n" * 220_000 + "I replaced the toner, please print again.")
        o.world.post(good, "jreed", "I replaced the toner and cleared the queue, please print again.")
        await o.settle()
        await o.assert_right(large, good)
        assert "answered in" in o.flags(good)["why"]
        async with o.connector.store.read() as tx:
            [timeline] = (await events.timelines(tx, "main", [str(large)])).values()
        assert max(len(getattr(event, "text", "") or "") for event in timeline) <= 100_000


# ── fields ────────────────────────────────────────────────────────────────────────────────────


async def test_a_missing_field_is_noted_and_the_others_are_written(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap, tickets=40) as o:
        o.sim.faults.missing_field = CAPTIONS["due"]
        await o.start()
        assert [note for note in o.health.notes if "'SLA Due'" in note]
        assert CAPTIONS["due"] not in {w.field for w in o.world.writes}
        assert CAPTIONS["zone"] in {w.field for w in o.world.writes}
        await o.assert_right(*o.open_tickets())
        assert await o.letters() == []


async def test_a_list_without_our_words_makes_dead_letters_and_a_new_value_a_new_chance(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        field = o.world.field_by_caption(CAPTIONS["zone"])
        o.world.fields[field.id] = replace(field, options=("yellow", "orange", "red"))
        await o.start()
        ticket = opened(o)
        await o.settle()
        [letter] = await o.letters()
        assert letter.ticket_id == str(ticket)
        assert "'SLA Zone' has no option 'green'" in letter.error
        assert "has no option" in await page(o, "/outbox")
        assert o.health.state == "ok"
        requests = o.world.requests[PATCH]
        await o.poll()
        assert o.world.requests[PATCH] == requests, "the same values are not tried again"
        await o.later(minutes=30)
        assert await o.letters() == []
        assert o.flags(ticket)["zone"] == "yellow"
        await o.assert_right(ticket)


async def test_a_refused_write_stops_neither_the_ticket_nor_the_others(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        field = o.world.field_by_caption(CAPTIONS["why"])
        await o.start()
        o.world.fields[field.id] = replace(field, options=("nothing else",))  # changed after we looked
        ticket, other = opened(o), opened(o, "Globex")
        await o.settle()
        assert {letter.ticket_id for letter in await o.letters()} == {str(ticket), str(other)}
        o.world.fields[field.id] = field
        await o.later(minutes=30)
        assert await o.letters() == []
        await o.assert_right(ticket, other)


async def test_a_number_field_for_text_is_a_dead_letter(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        field = o.world.field_by_caption(CAPTIONS["why"])
        o.world.fields[field.id] = replace(field, type="Number")
        await o.start()
        opened(o)
        await o.settle()
        [letter] = await o.letters()
        assert "takes numbers" in letter.error


async def test_somebody_who_empties_our_field_gets_it_back(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        ticket = opened(o)
        await o.settle()
        o.world.set_field(ticket, CAPTIONS["zone"], "purple", "Rewst")
        await o.settle()
        assert o.flags(ticket)["zone"] == "green"
        o.world.set_field(ticket, FOREIGN, "CAB-17", "jreed")
        await o.settle()
        await o.later(minutes=31)
        assert o.world.field(ticket, FOREIGN) == "CAB-17"
        assert o.flags(ticket)["zone"] == "yellow"


# ── gone ──────────────────────────────────────────────────────────────────────────────────────


async def test_a_deleted_ticket_leaves_every_list(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        doomed, other = opened(o), opened(o, "Globex")
        await o.settle()
        o.world.delete_ticket(doomed, "jreed")
        await o.settle()
        async with o.connector.store.read() as tx:
            assert [row.ticket_id for row in await board(tx, limit=9)] == [str(other)]
            assert (await tickets.load(tx, "main", [str(doomed)]))[str(doomed)].gone
        patches = o.world.requests[PATCH]
        await o.later(minutes=61)
        assert o.world.requests[PATCH] == patches + 1
        assert o.flags(other)["zone"] == "red"
        assert str(doomed) not in await page(o, "/")


async def test_a_ticket_deleted_without_a_word_is_found_gone_when_it_is_written(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        doomed, other = opened(o), opened(o, "Globex")
        await o.settle()
        o.sim.faults.drop_callbacks = 1.0
        o.world.delete_ticket(doomed, "jreed")
        await o.later(minutes=29)
        await o.later(minutes=1)
        async with o.connector.store.read() as tx:
            assert [row.ticket_id for row in await board(tx, limit=9)] == [str(other)]
            assert await outbox.counts(tx) == {}
        assert o.health.state == "ok"
        assert o.flags(other)["zone"] == "yellow"


async def test_a_merged_ticket_is_closed_and_the_other_lives_on(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        old, kept = opened(o), opened(o)
        await o.settle()
        o.world.merge(old, kept, "jreed")
        await o.settle()
        await o.later(minutes=61)
        assert o.flags(kept)["zone"] == "red"
        async with o.connector.store.read() as tx:
            assert [row.ticket_id for row in await board(tx, limit=9)] == [str(kept)]


async def test_a_ticket_that_moves_to_another_client_is_judged_by_its_rules(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        theirs, moved = opened(o, "Globex"), opened(o)
        o.world.rate(theirs, 5)
        await o.poll()
        assert "px" not in o.flags(moved)
        o.world.move_company(moved, "Globex", "jreed")
        await o.settle()
        assert o.flags(moved)["px"] == "100 % (n 1)"
