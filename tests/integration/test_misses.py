"""What a review's ticket says of promises: how many of which, why, and on which tickets."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from connector.history import misses as module
from connector.history.explain import unhappiness
from connector.history.lookup import account
from connector.history.misses import Misses, misses
from connector.history.review import review_text
from connector.model import PxFigure, Rating
from connector.rules.causes import Share
from connector.rules.contract import Happening
from connector.store import assessments, events
from tests.contract.psa.tongues import TONGUES
from tests.integration.test_daemon_vendors import desk
from tests.kit import Office, client_file, office, write_client
from tests.unit.desk import at, policy


async def missed(o: Office, days: int = 90) -> Misses:
    book, now = o.connector.rules.book, o.world.now()
    rules = book.for_ticket("main", "Acme Dental", "")
    assert rules is not None
    async with o.connector.store.read() as tx:
        return await misses(tx, "main", rules, book, now - timedelta(days=days), now)


async def test_misses_of_the_window_with_whose_hands_they_lay_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path) as o:
        await o.start()
        tickets = [
            o.world.open_ticket("Acme Dental", f"Printer {n}", text="No ink at all.") for n in range(3)
        ]
        o.world.open_ticket("Globex", "Not theirs", text="No ink at all.")
        await o.settle()
        o.world.post(tickets[0], "jreed", "There was no ink in it, Carol; I have put a new cartridge in.")
        await o.settle()
        await o.later(minutes=90)
        found = await missed(o)
        assert found.by_bucket == (("response", 2),)
        assert [(one.misses, set(one.tickets)) for one in found.by_cause] == [
            (2, {str(number) for number in tickets[1:]})
        ]
        assert not found.more
        monkeypatch.setattr(module, "TICKETS", 1)
        assert (await missed(o)).by_bucket == (("response", 1),)
        assert (await missed(o)).more
        monkeypatch.undo()
        await o.later(hours=24 * 91)
        await o.later(minutes=1)
        assert ("response", 2) not in (await missed(o)).by_bucket


def test_the_review_says_them_after_the_unhappy() -> None:
    figure = PxFigure(percent=80.0, positive=8, neutral=0, negative=2, n=10, low=49.0, high=94.3, weight=10.0)
    happening = Happening(kind="review_opened", at=at("10:00"), number=1, figure=figure)
    shares = (
        Share(kind="nobody", misses=9, so_far=0.75, tickets=tuple(str(n) for n in range(9))),
        Share(kind="owner", misses=3, so_far=1.0, tickets=("9",)),
    )
    text = review_text(policy(), happening, [], Misses((("response", 8), ("update", 4)), shares, more=True))
    latest = "Promises missed in the window (of the 200 newest tickets with a missed promise)"
    assert f"{latest}: response 8, update 4" in text
    assert "- it lay with nobody: 9, so far 75 % (tickets 0, 1, 2, 3, 4, 5, 6, 7 and 1 more)" in text
    assert "- it lay with its owner: 3, so far 100 % (tickets 9)" in text
    assert text.endswith("Close this ticket when the review has been held with the client.")
    assert "No promise was missed" in review_text(policy(), happening, [], Misses())
    assert "romises missed" not in review_text(policy(), happening, [])


async def test_explain_and_the_card_tell_a_watermelon_and_who_owes_a_word(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        write_client(tmp_path, client_file("Acme Dental", loop={"deadline": "4h", "manager": "Maria Chief"}))
        await o.start()
        ticket = o.world.open_ticket("Acme Dental", "Printer down", text="It prints nothing at all.")
        await o.settle()
        o.world.post(ticket, "jreed", "There was no ink in it, Carol; I have put a new cartridge in.")
        await o.settle()
        fact = Rating(at=o.world.now() + timedelta(minutes=1), key="rating:test:1", score=1, scale=5)
        await o.later(minutes=2)
        async with o.connector.store.begin() as tx:
            await events.merge(tx, "main", [(str(ticket), fact)])
            await assessments.make_due(tx, "main", "Acme Dental", o.world.now())
        await o.later(minutes=1)
        found = await account(o.connector.store, o.connector.rules.book, "main", str(ticket), o.world.now())
        told = dict(unhappiness(found.assessment, found.ticket, found.policy))
        assert told["watermelon"] == (
            "yes: rated 1 of 5 (3 points, flagged from 3 on); every promise kept on paper"
        )
        assert "answer by 20 Nov" in told["follow-up"]
        assert found.as_json()["unhappiness"] == told
        async with httpx.AsyncClient() as http:
            card = (await http.get(f"http://127.0.0.1:{o.port}/ticket?connection=main&id={ticket}")).text
        assert "rated 1 of 5 (3 points, flagged from 3 on)" in card
        assert "<dt>follow-up</dt>" in card


@pytest.mark.parametrize("vendor", TONGUES)
async def test_the_reviews_ticket_in_the_psa_says_them(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = client_file("Acme Dental", px={"min_answers": 2})
    async with desk(tmp_path, vendor, monkeypatch, rules, cases=dict(TONGUES[vendor].cases)) as o:
        numbers = [
            o.world.open_ticket("Acme Dental", f"Printer {n}", text="No ink at all.") for n in range(3)
        ]
        await o.settle()
        await o.later(minutes=90)  # each was promised an answer within the hour
        for ticket in numbers:
            o.world.rate(ticket, 1)
        await o.poll()
        await o.later(minutes=16)
        mine = [t for t in o.world.tickets.by_id.values() if t.entered_by == "PxConnector"]
        review = next(t for t in mine if t.summary.startswith("Service review"))
        told = "\n".join(post.text for post in o.world.posts(review.id))
        assert "Promises missed in the window: response " in told
        assert all(str(ticket) in told for ticket in numbers)
