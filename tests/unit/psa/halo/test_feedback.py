"""Survey answers: less is better at Halo, unless a desk says otherwise."""

from __future__ import annotations

import json

import pytest

from connector.psa.halo.feedback import Scale, rating
from connector.psa.values import Unreadable
from tests.shared import shared

PAYLOADS = shared("payloads", "halo")


def row(**change):
    return {"id": 3, "ticket_id": 42, "date": "2026-09-30T12:00:00", "score": 1} | change


@pytest.mark.parametrize(("face", "score"), [(1, 5), (2, 4), (3, 2), (4, 1)])
def test_halos_faces_are_two_good_and_two_bad(face, score):
    for given in ({"score": face}, {"score": 0, "score_band": face}):
        ticket, found = rating(row(**given), Scale())
        assert (ticket, found.score, found.scale, found.key) == ("42", score, 5, "feedback:3")


@pytest.mark.parametrize(
    ("best", "worst", "given", "score"),
    [(5, 1, 5, 5), (5, 1, 1, 1), (5, 1, 3, 3), (10, 0, 5, 3), (1, 5, 1, 5), (1, 5, 5, 1)],
)
def test_another_scale_is_taken_by_its_ends(best, worst, given, score):
    assert rating(row(score=given, score_band=4), Scale(best, worst))[1].score == score


@pytest.mark.parametrize(
    "change", [{"score": 0}, {"score": 7}, {"score": None}, {"score": "x"}, {"date": None}]
)
def test_what_is_no_answer_is_unreadable(change):
    with pytest.raises(Unreadable):
        rating(row(**change), Scale())
    with pytest.raises(Unreadable):
        rating(row(ticket_id=None), Scale())


def test_the_rated_ticket_goes_before_the_one_the_survey_made():
    assert rating(row(feedback_faultid=43), Scale())[0] == "42"
    assert rating(row(ticket_id=0, feedback_faultid=43), Scale())[0] == "43"


def test_an_answer_that_an_automation_asked_for_says_so():
    assert rating(row(automation_id=7), Scale())[1].source == "feedback asked for by automation 7"


if PAYLOADS:

    def test_rows_of_the_known_columns_are_read():
        rows = json.loads((PAYLOADS[0] / "feedback_rows.SYNTHETIC.json").read_text())["rows"]
        found = [rating(one, Scale()) for one in rows]
        assert [(ticket, told.score, told.comment) for ticket, told in found] == [
            ("42", 5, "great"),
            ("43", 1, ""),
        ]
