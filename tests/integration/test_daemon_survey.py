"""Our own survey through the whole daemon: from the status in which is asked to the figure it moves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.history.lookup import account
from connector.rules.asking import SOURCE
from connector.simulator.records import Field
from connector.store import ratings, surveys
from connector.store.ratings import Entry
from connector.store.surveys import Survey
from tests.kit import Office, Tap, client_file, office, write_client

CAPTION = "PX Survey Link"


@asynccontextmanager
async def desk(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tap: Tap = None, *, key: bool = True, **survey: Any
) -> AsyncIterator[Office]:
    """A running connector whose client Acme is asked, and a PSA with a field for the link."""
    async with office(folder, tap=tap) as o:
        if key:
            monkeypatch.setenv("SURVEY_KEY", "a long and random key of the survey")
            monkeypatch.setenv("PX_SURVEY__KEY__ENV", "SURVEY_KEY")
            monkeypatch.setenv("PX_SURVEY__URL", f"http://127.0.0.1:{o.port}")
        without_field(o)
        o.world.fields[41] = Field(41, CAPTION, "Text")
        write_client(folder, client_file("Acme Dental", survey={"ask": True, **survey}))
        await o.start()
        yield o


def without_field(o: Office) -> None:
    for number in [number for number, one in o.world.fields.items() if one.caption == CAPTION]:
        del o.world.fields[number]


async def ticket(o: Office, n: int = 1) -> int:
    number = o.world.open_ticket("Acme Dental", f"Printer {n} down", text="No paper comes out of it.")
    await o.settle()
    o.world.post(number, "jreed", "I have cleaned the feeder, please try again.")
    await o.settle()
    return number


async def move(o: Office, number: int, status: str, by: str = "jreed") -> None:
    o.world.set_status(number, status, by)
    await o.settle()


def link(o: Office, number: int) -> str:
    return str(o.world.field(number, CAPTION) or "")


async def rows(o: Office) -> list[Survey]:
    async with o.connector.store.read() as tx:
        return await surveys.listed(tx)


async def ledger(o: Office) -> list[Entry]:
    async with o.connector.store.read() as tx:
        return await ratings.listed(tx)


async def confirm(o: Office, at: str, score: int, **said: str) -> httpx.Response:
    async with httpx.AsyncClient(follow_redirects=True) as http:
        answer = await http.post(at, data={"score": str(score)})
        if said:
            answer = await http.post(at, data={"step": "more", **said})
    await o.settle()
    return answer


async def test_from_resolved_to_the_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, openapi_tap: Tap
) -> None:
    async with desk(tmp_path, monkeypatch, openapi_tap) as o:
        first, other = await ticket(o), await ticket(o, 2)
        assert link(o, first) == ""
        await move(o, first, "Resolved")
        at = link(o, first)
        assert at.startswith(f"http://127.0.0.1:{o.port}/s/")
        assert len(at) <= 100
        assert (await o.shown(first))["survey"] == at
        async with httpx.AsyncClient() as http:  # the closing mail comes by a scanner first
            for verb in ("GET", "HEAD"):
                asked = [http.request(verb, f"{at}?score={n}") for n in (1, 2, 3, 4, 5) for _ in range(2)]
                answers = await asyncio.gather(*asked)
                assert {answer.status_code for answer in answers} == {200}
        await move(o, first, ">Closed")
        assert link(o, first) == at
        assert await ledger(o) == []
        assert "Thank you" in (await confirm(o, at, 5, comment="Quick", lost="20")).text
        (row,) = await ledger(o)
        assert (row.verdict, row.rating.source, row.rating.score) == ("counted", SOURCE, 5)
        assert (row.rating.comment, row.rating.lost_minutes) == ("Quick", 20)
        assert row.contact == str(o.world.tickets.by_id[first].contact)
        assert o.flags(first)["px"] == o.flags(other)["px"] == "100 % (n 1)"
        assert link(o, first) == "", "it is answered"
        await o.assert_right(first, other)


async def test_the_link_stays_the_same_and_is_written_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, openapi_tap: Tap
) -> None:
    async with desk(tmp_path, monkeypatch, openapi_tap, per_contact_days=0) as o:
        first = await ticket(o)
        await move(o, first, "Resolved")
        at = link(o, first)
        await o.later(hours=30)
        await o.restart()
        await o.poll()
        assert link(o, first) == at
        assert [one for one in o.written() if one[1] == CAPTION] == [(first, CAPTION, at)]
        await o.assert_right(first)
        await move(o, first, "In Progress")
        assert link(o, first) == "", "it was opened again"
        await move(o, first, "Resolved")
        assert link(o, first) not in ("", at)
        assert len(await rows(o)) == 2


async def test_a_link_that_runs_out_leaves_an_open_ticket_and_a_closed_one_in_peace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(tmp_path, monkeypatch, valid_days=2, per_contact_days=0) as o:
        open_, closed = await ticket(o), await ticket(o, 2)
        await move(o, open_, "Resolved")
        await move(o, closed, "Resolved")
        await move(o, closed, ">Closed")
        kept = link(o, closed)
        written = len(o.written())
        await o.later(days=2)
        assert link(o, open_) == ""
        assert link(o, closed) == kept
        assert closed not in {number for number, _, _ in o.written(written)}
        assert (await confirm(o, kept, 5)).status_code == 410
        assert await ledger(o) == []
        await o.assert_right(open_, closed)


async def test_whoever_is_not_asked_is_listed_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(tmp_path, monkeypatch) as o:
        first, second, third = await ticket(o), await ticket(o, 2), await ticket(o, 3)
        o.world.tickets.by_id[second].contact = o.world.tickets.by_id[first].contact
        await move(o, first, "Resolved")
        await o.later(days=1)
        await move(o, second, "Resolved")
        await move(o, third, ">Closed")
        told = {row.ticket_id: (row.state, row.why) for row in await rows(o)}
        assert told == {
            str(first): ("asked", ""),
            str(second): ("skipped", "its contact was asked on 20 Nov 09:00, less than 30 days ago"),
            str(third): ("skipped", "closed before it was seen in a status in which is asked"),
        }
        assert (link(o, second), link(o, third)) == ("", "")
        await o.later(days=31)
        assert link(o, second) == "", "nothing has happened to it"
        o.world.post(second, "jreed", "Shall we close it?")
        await o.settle()
        assert link(o, second), "it still stands there, and its contact may be asked again"


async def test_an_unhappy_customer_who_was_answered_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, openapi_tap: Tap
) -> None:
    async with desk(tmp_path, monkeypatch, openapi_tap) as o:
        first = await ticket(o)
        await move(o, first, "Resolved")
        await confirm(o, link(o, first), 1, comment="Still broken")
        assert (link(o, first), o.flags(first)["px"]) == ("", "0 % (n 1)")
        await o.later(minutes=30)
        o.world.post(first, "jreed", "I am sorry. I have replaced the feeder, now it prints again.")
        await o.settle()
        again = link(o, first)
        assert again
        await confirm(o, again, 5)
        assert [(row.verdict, row.rating.score) for row in await ledger(o)] == [
            ("counted", 1),
            ("counted", 5),
        ]
        assert (link(o, first), o.flags(first)["px"]) == ("", "50 % (n 2)")
        o.world.post(first, "jreed", "You are welcome, the feeder has a year of warranty.")
        await o.settle()
        assert link(o, first) == ""
        assert [row.state for row in await rows(o)] == ["answered", "answered"]


async def test_without_a_key_nobody_is_asked_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(tmp_path, monkeypatch, key=False) as o:
        first = await ticket(o)
        await move(o, first, "Resolved")
        (row,) = await rows(o)
        assert (row.state, row.why) == ("skipped", "connector.yaml has no `survey`")
        async with httpx.AsyncClient() as http:
            assert (await http.get(f"http://127.0.0.1:{o.port}/s/x")).status_code == 404


async def test_switching_it_off_empties_the_field_and_keeps_the_links_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(tmp_path, monkeypatch) as o:
        first = await ticket(o)
        await move(o, first, "Resolved")
        at = link(o, first)
        write_client(tmp_path, client_file("Acme Dental"))
        await o.restart()
        assert link(o, first) == ""
        await o.assert_right(first)
        assert (await confirm(o, at, 4)).status_code == 200
        (row,) = await ledger(o)
        assert (row.verdict, row.rating.score) == ("counted", 4)


async def test_what_is_told_of_a_ticket_names_the_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(tmp_path, monkeypatch) as o:
        first = await ticket(o)
        await move(o, first, "Resolved")
        await o.later(days=1)
        now = o.world.now() + timedelta(hours=1)
        found = await account(o.connector.store, o.connector.rules.book, "main", str(first), now)
        assert found.assessment.flags["survey"] == link(o, first)


async def test_a_field_that_is_not_there_is_missed_only_where_somebody_is_asked(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        without_field(o)
        await o.start()
        assert not [note for note in o.health.notes if CAPTION in note]
        write_client(tmp_path, client_file("Acme Dental", survey={"ask": True}))
        await o.restart()
        (note,) = [note for note in o.health.notes if CAPTION in note]
        assert note == f"the PSA has no ticket field '{CAPTION}': that flag is not written"


async def test_what_was_closed_before_we_first_ran_is_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(tmp_path, monkeypatch) as o:
        old = await ticket(o)
        await move(o, old, ">Closed")
        assert [row.why for row in await rows(o)] == [
            "closed before it was seen in a status in which is asked"
        ]
        await o.stop()
        o.lose_store()
        o.world.advance(timedelta(days=1))
        await o.start()
        assert await rows(o) == []
        new = await ticket(o, 2)
        await move(o, new, "Resolved")
        assert [(row.ticket_id, row.state) for row in await rows(o)] == [(str(new), "asked")]
