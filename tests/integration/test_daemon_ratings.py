"""Ratings from everywhere, through the running daemon: into one ledger, and from there onto every ticket."""

from __future__ import annotations

import hmac
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.daemon import improve, supervisor
from connector.errors import Unavailable
from connector.history.lookup import account
from connector.store import ratings
from connector.store.ratings import Entry
from tests.kit import FOREIGN, Office, client_file, office, write_client

SECRET = "a long and random secret of the survey tool"


@asynccontextmanager
async def desk(folder: Path, **px: Any) -> AsyncIterator[tuple[Office, int, int]]:
    """A running connector with two open tickets of Acme."""
    key = folder / "ratings-secret"
    key.write_text(SECRET)
    key.chmod(0o600)
    async with office(folder, ratings_secret={"file": str(key)}) as o:
        write_client(folder, client_file("Acme Dental", px=px))
        await o.start()
        first, second = (
            o.world.open_ticket("Acme Dental", f"Printer {n} down", text="No paper.") for n in (1, 2)
        )
        await o.settle()
        yield o, first, second


async def send(o: Office, body: Any, *, secret: str = SECRET, connection: str = "main") -> httpx.Response:
    raw = json.dumps(body).encode()
    signature = "sha256=" + hmac.new(secret.encode(), raw, sha256).hexdigest()
    async with httpx.AsyncClient() as http:
        answer = await http.post(
            f"http://127.0.0.1:{o.port}/ratings/{connection}",
            content=raw,
            headers={"X-PX-Signature": signature},
        )
    await o.settle()
    return answer


async def ledger(o: Office, **only: Any) -> list[Entry]:
    async with o.connector.store.read() as tx:
        return await ratings.listed(tx, **only)


def px(o: Office, ticket: int) -> str | None:
    return o.flags(ticket).get("px")


async def test_a_signed_rating_is_on_every_open_ticket_of_the_client(tmp_path: Path) -> None:
    async with desk(tmp_path) as (o, first, second):
        o.world.post(first, "jreed", "We are looking into the feeder now.")
        body = {"id": "r1", "ticket": str(first), "score": 5, "comment": "Quick", "source": "SmileBack"}
        answer = await send(o, body)
        assert (answer.status_code, answer.json()) == (200, {"kept": 1, "known": 0, "refused": []})
        assert px(o, first) == px(o, second) == "100 % (n 1)"
        (row,) = await ledger(o)
        assert (row.ticket_id, row.client, row.board) == (str(first), "Acme Dental", "Service Desk")
        assert (row.verdict, row.key, row.channel) == ("counted", "rating:SmileBack:r1", "email")
        assert row.contact == str(o.world.tickets.by_id[first].contact)
        again = await send(o, [body, body])
        assert again.json() == {"kept": 0, "known": 2, "refused": []}
        assert await ledger(o) == [row]


async def test_a_late_comment_is_added_and_the_score_stays(tmp_path: Path) -> None:
    async with desk(tmp_path) as (o, first, _):
        body = {"id": "r1", "ticket": str(first), "score": 2, "contact": "ann@acme.example"}
        await send(o, body)
        (early,) = await ledger(o)
        await o.later(minutes=5)
        assert (await send(o, {**body, "comment": "Too slow", "lost_minutes": 40})).json()["kept"] == 1
        await send(o, body)
        (row,) = await ledger(o)
        assert (row.rating.comment, row.rating.lost_minutes) == ("Too slow", 40)
        assert (row.rating.score, row.rating.at) == (2, early.rating.at)
        assert px(o, first) == "0 % (n 1)"


async def test_the_desks_own_and_second_ones_are_refused_listed_and_explained(tmp_path: Path) -> None:
    async with desk(tmp_path, own=["our-msp.example"]) as (o, first, second):
        rated = [
            {"id": "1", "ticket": str(first), "score": 5, "contact": "jo@our-msp.example"},
            {"id": "2", "ticket": str(first), "score": 1, "contact": "ann@acme.example"},
            {"id": "3", "ticket": str(first), "score": 5, "contact": "ben@acme.example"},
            {"id": "4", "ticket": str(second), "score": 5, "contact": "DMoore@bright-desk.example"},
        ]
        assert (await send(o, rated)).json()["kept"] == 4
        assert px(o, second) == "0 % (n 1)"
        refused = {row.key: row.why for row in await ledger(o, verdicts=["refused"])}
        assert refused == {
            "rating:webhook:1": "by the desk's own jo@our-msp.example",
            "rating:webhook:3": "the ticket was already rated in this episode: rating:webhook:2",
            "rating:webhook:4": "by the desk's own DMoore@bright-desk.example",
        }
        found = await account(o.connector.store, o.connector.rules.book, "main", str(first), o.world.now())
        told = found.as_json()
        verdicts = [line["verdict"] for line in told["story"] if line["what"].startswith("rated")]
        assert sorted(verdicts) == [
            "counted in PX",
            "not counted: by the desk's own jo@our-msp.example",
            "not counted: the ticket was already rated in this episode: rating:webhook:2",
        ]
        assert told["px"]["sources"] == {"webhook": 1}
        assert told["px"]["refused"] == 3
        assert "positive ÷ all" in told["px"]["formula"]
        async with httpx.AsyncClient() as http:
            page = await http.get(f"http://127.0.0.1:{o.port}/ticket?connection=main&id={first}")
        assert "not counted: by the desk&#39;s own jo@our-msp.example" in page.text
        assert "positive ÷ all" in page.text


async def test_a_reopened_ticket_is_rated_again(tmp_path: Path) -> None:
    async with desk(tmp_path) as (o, first, second):
        o.world.set_status(first, ">Closed", "jreed")
        await send(o, {"id": "1", "ticket": str(first), "score": 1, "contact": "a@acme.example"})
        await o.later(minutes=60)
        o.world.set_status(first, "In Progress", "jreed")
        await o.later(minutes=60)
        o.world.set_status(first, ">Closed", "jreed")
        await o.later(minutes=5)
        await send(o, {"id": "2", "ticket": str(first), "score": 5, "contact": "b@acme.example"})
        assert [row.verdict for row in await ledger(o)] == ["counted", "counted"]
        assert px(o, second) == "50 % (n 2)"


async def test_a_rating_of_an_unknown_ticket_waits_and_is_asked_for(tmp_path: Path) -> None:
    async with desk(tmp_path) as (o, first, second):
        coming = max(o.world.tickets.by_id) + 1
        answer = await send(o, {"id": "1", "ticket": str(coming), "score": 5})
        assert answer.json()["kept"] == 1
        (row,) = await ledger(o)
        assert (row.verdict, row.client) == ("waiting", "")
        assert row.why == f"ticket {coming} is not known; the PSA is asked for it"
        assert px(o, first) is None
        assert o.world.open_ticket("Acme Dental", "Scanner down", text="No scans.") == coming
        await o.settle()
        (row,) = await ledger(o)
        assert (row.verdict, row.client, row.ticket_id) == ("counted", "Acme Dental", str(coming))
        assert px(o, second) == "100 % (n 1)"


async def test_a_ticket_from_before_the_backfill_is_fetched_for_its_rating(tmp_path: Path) -> None:
    async with office(tmp_path, ratings_secret={"env": "PX_TEST_RATINGS"}, backfill_days=1) as o:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PX_TEST_RATINGS", SECRET)
            old = o.world.open_ticket("Acme Dental", "Printer down", text="No paper.")
            o.world.set_status(old, ">Closed", "jreed")
            o.world.advance(timedelta(days=30))
            await o.start()
            assert (await send(o, {"id": "1", "ticket": str(old), "score": 5})).status_code == 200
            (row,) = await ledger(o)
            assert (row.verdict, row.ticket_id) == ("counted", str(old))


async def test_ratings_about_no_ticket_are_a_clients(tmp_path: Path) -> None:
    async with desk(tmp_path) as (o, first, _):
        body = {"id": "y1", "client": "acme dental", "kind": "annual", "score": 9, "scale": 10}
        answer = await send(o, [body, {**body, "id": "y2", "client": "Nobody Ltd"}, body])
        assert answer.json()["kept"] == 1
        assert answer.json()["known"] == 1
        assert answer.json()["refused"] == [
            {"rating": 1, "error": "client: no client's file is of 'Nobody Ltd'"}
        ]
        (row,) = await ledger(o)
        assert (row.ticket_id, row.client, row.rating.kind) == ("", "Acme Dental", "annual")
        await o.later(minutes=20)
        assert px(o, first) == "100 % (n 1)"


# ── notes, fields and rules ─────────────────────────────────────────────────────────────────────


async def test_a_machines_note_is_a_rating_and_a_persons_is_refused(tmp_path: Path) -> None:
    notes = [{"match": "Customer rated {score}/{scale}: {comment}", "source": "SmileBack"}]
    async with desk(tmp_path, notes=notes) as (o, first, second):
        o.world.post(first, "Rewst", "Customer rated 4/5: Quick and friendly", visible=False)
        o.world.post(second, "jreed", "Customer rated 5/5: I say so", visible=False)
        await o.settle()
        rows = {row.ticket_id: row for row in await ledger(o)}
        good, bad = rows[str(first)], rows[str(second)]
        assert (good.verdict, good.rating.score, good.rating.source) == ("counted", 4, "SmileBack")
        assert good.rating.comment == "Quick and friendly"
        assert bad.verdict == "refused"
        assert "by the desk's own" in bad.why
        assert px(o, second) == "100 % (n 1)"


async def test_a_pattern_that_is_taken_away_takes_its_ratings_with_it(tmp_path: Path) -> None:
    async with desk(tmp_path, notes=["Customer rated {score}/5"]) as (o, first, _):
        o.world.post(first, "Rewst", "Customer rated 1/5", visible=False)
        await o.settle()
        assert px(o, first) == "0 % (n 1)"
        write_client(o.folder, client_file("Acme Dental"))
        await o.connector.rules.reload()
        await o.later(minutes=1)
        assert await ledger(o) == []
        assert px(o, first) is None


async def test_a_field_that_a_survey_tool_writes_is_a_rating(tmp_path: Path) -> None:
    async with desk(tmp_path, fields={FOREIGN: {"scale": 5, "source": "SimpleSat"}}) as (o, first, second):
        o.world.set_field(first, FOREIGN, "4", by="Rewst")
        await o.settle()
        assert px(o, second) == "100 % (n 1)"
        (row,) = await ledger(o)
        assert (row.rating.source, row.rating.score) == ("SimpleSat", 4)
        o.world.set_field(second, FOREIGN, "sunny", by="Rewst")
        o.world.post(first, "jreed", "We are looking into the feeder now.")
        await o.settle()
        assert await ledger(o) == [row], "seen again, said nothing new"
        async with httpx.AsyncClient() as http:
            page = await http.get(f"http://127.0.0.1:{o.port}/quarantine")
        assert "expected a score of 5, got &#39;sunny&#39;" in page.text


async def test_new_rules_judge_the_ratings_of_closed_tickets_again(tmp_path: Path) -> None:
    async with desk(tmp_path) as (o, first, second):
        await send(o, {"id": "1", "ticket": str(first), "score": 5, "contact": "jo@our-msp.example"})
        o.world.set_status(first, ">Closed", "jreed")
        await o.settle()
        assert px(o, second) == "100 % (n 1)"
        write_client(o.folder, client_file("Acme Dental", px={"own": ["our-msp.example"]}))
        await o.connector.rules.reload()
        await o.later(minutes=1)
        assert [row.verdict for row in await ledger(o)] == ["refused"]
        assert px(o, second) is None


async def test_a_ledger_that_is_empty_is_filled_from_the_timelines(tmp_path: Path) -> None:
    """As after the update that brought it: tickets are not assessed again for it, closed ones never."""
    async with desk(tmp_path) as (o, first, second):
        o.world.rate(first, 5)
        await o.poll()
        o.world.set_status(first, ">Closed", "jreed")
        await o.settle()
        await o.stop()
        before, writes = o.flags(second)["px"], len(o.written())
        with sqlite3.connect(o.folder / "px.db") as db:
            db.execute("delete from ratings")
            db.execute("delete from cursors where name = 'ledger'")
        db.close()
        await o.start()
        assert [row.verdict for row in await ledger(o)] == ["counted"]
        assert px(o, second) == before == "100 % (n 1)"
        assert [field for _, field, _ in o.written(writes) if field == "Client PX"] == [], (
            "nobody saw it empty"
        )


async def test_a_thousand_imported_at_once_move_the_figure_once(tmp_path: Path) -> None:
    async with desk(tmp_path) as (o, first, second):
        writes = len(o.written())
        rated = [
            {"id": f"r{n}", "ticket": str(first), "score": 5, "contact": f"c{n}@x.example"}
            for n in range(499)
        ]
        await send(o, [{"id": "first", "ticket": str(second), "score": 1}, *rated])
        assert px(o, first) == px(o, second) == "50 % (n 2)"
        figures = [value for _, field, value in o.written(writes) if field == "Client PX"]
        assert figures == ["50 % (n 2)"] * 2
        rows = await ledger(o)
        assert len(rows) == 500
        assert sum(row.verdict == "counted" for row in rows) == 2


async def test_a_turn_that_dies_before_its_commit_loses_no_rating(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh, deaths = improve.refresh, [Unavailable("the disk is full")] * 3

    async def dying(*given: Any, **more: Any) -> bool:
        if deaths:
            raise deaths.pop()
        return await refresh(*given, **more)

    async with desk(tmp_path) as (o, first, second):
        monkeypatch.setattr(supervisor, "wait_s", lambda _failures: 0.0)
        monkeypatch.setattr(improve, "refresh", dying)
        await send(o, {"id": "1", "ticket": str(first), "score": 5})
        await o.until(lambda: not deaths)
        await o.poll()
        assert [row.verdict for row in await ledger(o)] == ["counted"]
        assert px(o, second) == "100 % (n 1)"
