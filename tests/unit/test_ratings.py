"""Which ratings of a ticket count: one customer's word an episode, never the desk's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connector.clients import default_policy
from connector.model import Actor, Close, Event, Message, Rating, Reopen, StatusChange, Ticket
from connector.rules.assess import assess
from connector.rules.policy import Policy
from connector.rules.ratings import Admitted, admit

T0 = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ANN, BEN = Actor("contact", "12", "Ann"), Actor("contact", "13", "Ben")
ANA = Actor("staff", "ana", "Ana")


def at(hours: float) -> datetime:
    return T0 + timedelta(hours=hours)


def policy(*own: str, **px: object) -> Policy:
    usual = default_policy()
    return replace(usual, px=replace(usual.px, own=frozenset(own), **px))  # type: ignore[arg-type]


def rated(hours: float, score: float = 5, key: str = "", **more: object) -> Rating:
    values: dict[str, object] = {"actor": ANN, "source": "survey"}
    return Rating(at=at(hours), key=key or f"survey:{hours:g}", score=score, **{**values, **more})  # type: ignore[arg-type]


def said(hours: float, text: str, actor: Actor = ANN) -> Message:
    direction = "in" if actor.kind == "contact" else "out"
    return Message(at=at(hours), key=f"note:{hours:g}", actor=actor, direction=direction, text=text)


def closed(hours: float) -> Event:
    return Close(at=at(hours), key=f"close:{hours:g}", actor=ANA, to="Closed")


def left(hours: float, actor: Actor = ANA) -> Event:
    return StatusChange(at=at(hours), key=f"s:{hours:g}", actor=actor, from_="Closed", to="In Progress")


def verdicts(*events: Event, rules: Policy | None = None) -> list[tuple[str, str]]:
    return [(row.key, row.verdict) for row in admit(events, rules or policy())]


def only(*events: Event, rules: Policy | None = None) -> Admitted:
    (row,) = admit(events, rules or policy())
    return row


def test_a_ticket_without_ratings_has_none() -> None:
    assert admit([said(1, "It smokes")], policy()) == ()


def test_one_rating_counts_as_it_is() -> None:
    rating = rated(2, 4, comment="fine")
    assert only(said(1, "Hello", ANA), rating) == Admitted(key="survey:2", rating=rating, verdict="counted")


@pytest.mark.parametrize(
    ("actor", "why"),
    [
        (ANA, "by the desk's own Ana"),
        (Actor("automation", "bot"), "by a machine, not by a customer"),
        (Actor("contact", "Ana"), "by the desk's own Ana"),  # whoever answered on the ticket as staff
        (Actor("contact", "joe@msp.example"), "by the desk's own joe@msp.example"),
        (Actor("contact", "Jo@Home.example"), "by the desk's own Jo@Home.example"),
        (Actor("unknown", "29"), "by the desk's own 29"),
    ],
)
def test_the_desks_own_are_refused(actor: Actor, why: str) -> None:
    rules = policy("msp.example", "jo@home.example", "29")
    row = only(said(1, "We look into it now", ANA), rated(2, actor=actor), rules=rules)
    assert (row.verdict, row.why) == ("refused", why)


@pytest.mark.parametrize(
    "id", ["", "12", "ann@acme.example", "joe@notmsp.example", "msp.example@acme.example"]
)
def test_a_customer_is_not_taken_for_one_of_the_desk(id: str) -> None:
    """PSAs number people and contacts alike: staff 12 answered, and contact 12 rated."""
    staff = Actor("staff", "12", "Ana")
    row = only(said(1, "Hello", staff), rated(2, actor=Actor("contact", id)), rules=policy("msp.example"))
    assert row.verdict == "counted"


@pytest.mark.parametrize(("score", "scale"), [(5, 0), (5, -1), (float("nan"), 5), (5, float("inf"))])
def test_what_says_nothing_is_refused(score: float, scale: float) -> None:
    row = only(rated(1, score, scale=scale))
    assert row.verdict == "refused"
    assert "says nothing" in row.why


def test_a_second_one_in_an_episode_is_refused_with_the_first_named() -> None:
    first, second = admit([rated(1), rated(2, 1, actor=BEN)], policy())
    assert (first.verdict, second.verdict) == ("counted", "refused")
    assert second.why == "the ticket was already rated in this episode: survey:1"


def test_another_source_of_the_same_survey_does_not_count_it_twice() -> None:
    twice = [rated(1), rated(1.1, key="rating:note:9", source="SmileBack")]
    assert verdicts(*twice) == [("survey:1", "counted"), ("rating:note:9", "refused")]


def test_a_refused_one_takes_nobodys_place() -> None:
    assert verdicts(rated(1, actor=ANA), rated(2)) == [("survey:1", "refused"), ("survey:2", "counted")]


def test_a_later_word_of_the_same_hand_corrects_and_completes_the_first() -> None:
    first = rated(1, 2, lost_minutes=20.0, factors=("speed",))
    later = rated(2, 4, comment="They called back, all fine")
    whole, part = admit([later, first], policy())
    assert (whole.key, whole.verdict, part.key, part.verdict) == ("survey:1", "counted", "survey:2", "merged")
    assert whole.rating == replace(first, score=4, comment="They called back, all fine")
    assert part.why == "a later word of the same hand: part of survey:1"


def test_after_an_hour_the_score_stands_and_only_words_are_added() -> None:
    first, later = rated(2, 1, "survey:1"), rated(3.5, 5, "survey:2", comment="Ana begged me.")
    row, part = admit([first, later], policy())
    assert (row.rating.score, row.rating.comment) == (1, "Ana begged me.")
    assert part.verdict == "merged"
    assert part.why.endswith("whose score stands: it came more than an hour later")


def test_an_unhappy_customer_may_rate_again_once_somebody_has_written_and_both_count() -> None:
    first, second, third = rated(2, 1), rated(5, 5), rated(6, 4)
    robot = said(3, "We value your feedback.", Actor("automation", "bot"))
    assert verdicts(first, robot, second) == [("survey:2", "counted"), ("survey:5", "merged")]
    word = said(4, "I have put in a new disk.", ANA)
    found = [("survey:2", "counted"), ("survey:5", "counted"), ("survey:6", "merged")]
    assert verdicts(first, word, second, third) == found
    assert verdicts(rated(2, 5), word, second) == [("survey:2", "counted"), ("survey:5", "merged")]


def test_a_comment_is_not_lost_to_a_correction_without_one() -> None:
    whole, _ = admit([rated(1, 2, comment="Slow"), rated(2, 1)], policy())
    assert (whole.rating.score, whole.rating.comment) == (1, "Slow")


def test_unknown_hands_are_never_the_same() -> None:
    nobody = Actor("contact")
    assert [v for _, v in verdicts(rated(1, actor=nobody), rated(2, actor=nobody))] == ["counted", "refused"]


@pytest.mark.parametrize("again", [left(4), Reopen(at=at(4), key="r:4", actor=ANA, to="Open")])
def test_a_reopened_ticket_may_be_rated_again(again: Event) -> None:
    rows = verdicts(closed(2), rated(3, 1), again, closed(6), rated(7, 5), rated(8, 5, actor=BEN))
    assert [verdict for _, verdict in rows] == ["counted", "counted", "refused"]


def test_closing_a_closed_one_again_opens_no_episode() -> None:
    moved = StatusChange(at=at(3), key="s:3", actor=ANA, from_="Resolved", to="Closed")
    resolved = StatusChange(at=at(2), key="s:2", actor=ANA, from_="Open", to="Resolved")
    assert [v for _, v in verdicts(resolved, rated(2.5), moved, rated(4, actor=BEN))] == [
        "counted",
        "refused",
    ]


def test_a_mere_thanks_opens_no_episode_unless_the_client_says_so() -> None:
    events = [closed(2), rated(3), said(4, "Thanks!"), left(4.01, ANN), closed(5), rated(6, actor=BEN)]
    assert [v for _, v in verdicts(*events)] == ["counted", "refused"]
    usual = policy()
    reopens = replace(usual, resolution=replace(usual.resolution, thanks="reopens"))
    assert [v for _, v in verdicts(*events, rules=reopens)] == ["counted", "counted"]


def test_an_unhappy_word_of_the_desk_opens_no_follow_up() -> None:
    """What the ledger refuses, the clocks of the ticket do not know either."""
    ticket = Ticket(id="1", opened_at=T0, client="Acme", status="Open")
    own = rated(1, 1, actor=Actor("contact", "dana@msp.example"))
    judged = assess(ticket, [own], policy(), at(2), desk={"dana@msp.example"})
    assert "followup" not in judged.buckets
    assert "followup" in assess(ticket, [own], policy(), at(2)).buckets


def test_a_rating_without_a_key_is_known_by_its_content() -> None:
    rating = Rating(at=at(1), score=4, source="log", actor=ANN)
    assert only(rating, rating).key == "anon:2026-11-20T10:00:00+00:00:log:4/5"
