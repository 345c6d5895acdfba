"""The card at a glance: worst first, in words that stay true whatever state a promise is in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connector.clients import default_policy
from connector.history.feeling import Feeling
from connector.history.lookup import Found
from connector.model import Assessment, BucketClock, PsaVerdict, PxFigure, Rating, Ticket, Watermelon
from connector.store.ratings import Entry
from connector.web.glance import COMMENT, glance

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NONE = BucketClock(state="none")


def found(*, ticket=None, feeling=None, melon=None, excluded="", **clocks: BucketClock) -> Found:
    given = ticket or Ticket(id="7", opened_at=NOW - timedelta(hours=3))
    answer = Assessment(
        ticket_id="7",
        client="Acme",
        at=NOW,
        policy="sha256:1",
        buckets={"response": NONE, "resplan": NONE, "update": NONE, "resolution": NONE, **clocks},
        psa=PsaVerdict(),
        messages=(),
        timeline=(),
        flags={"why": "because"},
        watermelon=melon,
        excluded=excluded,
    )
    return Found("main", given, replace(default_policy(), client="Acme"), answer, {}, (), feeling=feeling)


def clock(state: str, elapsed: float = 30, target: float | None = 60, **more: object) -> BucketClock:
    return BucketClock(state=state, elapsed_min=elapsed, target_min=target, **more)


@pytest.mark.parametrize(
    ("given", "left"),
    [
        (clock("running"), "30 min left"),
        (clock("paused", 0), "1 h left"),
        (clock("waiting", 0), "1 h once it starts"),
        (clock("met", 12, done_at=NOW), "after 12 min"),
        (clock("met", 12), "after 12 min"),
        (clock("missed", 95.5), "35 min over"),
        (clock("missed", 60), "over"),
        (clock("missed", 192, done_at=NOW), "late, after 3 h 12 min"),
        (clock("running", 5, None), "no target"),
    ],
)
def test_what_is_left_of_a_promise(given: BucketClock, left: str) -> None:
    (one,) = glance(found(response=given), NOW).promises
    assert one.left == left


def test_the_worst_live_promise_stands_first_and_what_is_over_last() -> None:
    shown = glance(
        found(
            response=clock("missed", done_at=NOW, zone="red"),
            resplan=clock("running", zone="yellow"),
            update=clock("running", zone="orange", due_at=NOW),
            resolution=clock("waiting"),
        ),
        NOW,
    )
    assert [(one.name, one.live) for one in shown.promises] == [
        ("update", True),
        ("customer-felt response", True),
        ("response", False),
        ("resolution", False),
    ]
    assert (shown.zone, shown.at_risk, shown.why) == ("orange", True, "because")


def test_a_finished_ticket_asks_nothing_but_for_an_unhappy_customer() -> None:
    closed = Ticket(id="7", opened_at=NOW, closed=True)
    paused = clock("paused", zone="red")
    shown = glance(found(ticket=closed, response=paused, update=clock("missed", done_at=NOW)), NOW)
    assert (shown.zone, shown.at_risk, shown.broken) == (None, False, True)
    asked = glance(found(ticket=closed, response=paused, followup=clock("running", zone="yellow")), NOW)
    assert (asked.zone, [one.name for one in asked.promises if one.live]) == ("yellow", ["follow-up"])
    resolved = clock("met", done_at=NOW)
    assert glance(found(response=paused, resolution=resolved), NOW).zone is None


def test_what_is_reported_apart_asks_nothing() -> None:
    shown = glance(found(response=clock("running", zone="red"), excluded="type Alert"), NOW)
    assert (shown.zone, shown.at_risk, shown.apart) == (None, False, "type Alert")


def test_px_is_never_without_n_and_what_chance_leaves_of_it() -> None:
    few = PxFigure(percent=100.0, positive=1, neutral=0, negative=0, n=1, low=20.7, high=100.0)
    shown = glance(found(feeling=Feeling(few, "formula")), NOW)
    assert shown.px == "100 % (n 1)"
    assert shown.px_note == "few answers, likely 21 to 100\u00a0%; target 95\u00a0%"
    many = replace(few, positive=40, n=40, low=91.2)
    assert glance(found(feeling=Feeling(many, "formula")), NOW).px_note.startswith("likely 91 to 100")
    nobody = PxFigure(percent=None, positive=0, neutral=0, negative=0, n=0)
    for feeling in (None, Feeling(nobody, "formula")):
        shown = glance(found(feeling=feeling), NOW)
        assert (shown.px, shown.px_note) == ("", "no answers yet")


def test_the_last_bad_word_is_cut_and_says_whose_it_is() -> None:
    figure = PxFigure(percent=0.0, positive=0, neutral=0, negative=1, n=1, low=0.0, high=79.3)
    rating = Rating(at=NOW, score=1, comment="slow\n" * 100)
    mine = Entry(conn="main", key="k", rating=rating, ticket_id="7")
    bad = glance(found(feeling=Feeling(figure, "f", unhappy=mine)), NOW).bad
    assert bad is not None
    assert (len(bad.said), bad.said[:9], bad.said[-1], bad.score, bad.mine) == (
        COMMENT,
        "slow slow",
        "…",
        "1 of 5",
        True,
    )
    for other in (replace(mine, ticket_id="8"), replace(mine, conn="other")):
        bad = glance(found(feeling=Feeling(figure, "f", unhappy=other)), NOW).bad
        assert bad is not None
        assert not bad.mine


def test_a_watermelon_is_told_only_where_it_is_one() -> None:
    melon = Watermelon(points=4, reasons=("rated 1 of 5", "wrote twice"), on_paper=True, flagged=True)
    assert glance(found(melon=melon), NOW).unhappy == "rated 1 of 5; wrote twice"
    assert glance(found(melon=replace(melon, flagged=False)), NOW).unhappy == ""
