"""Survey results as ratings."""

import pytest

from connector.psa.connectwise.surveys import rating, survey
from connector.psa.values import Unreadable

QUESTIONS = [
    {"id": 1, "type": "Selection", "options": [{"points": 0}, {"points": 5}, {"points": 10}]},
    {"id": 2, "type": "Selection", "options": [{"points": 1}, {"points": None}, "odd"]},
    {"id": 3, "type": "OpenEnded", "question": "Why?"},
    {"id": 4, "type": "Selection", "includeFlag": False, "options": [{"points": 100}]},
    "odd",
]
SURVEY = survey({"id": 7, "name": "CSAT"}, QUESTIONS)
RESULT = {
    "id": 9,
    "ticketId": 69,
    "totalPoints": 6,
    "contact": {"id": 17},
    "results": [{"questionId": 1, "answer": 1}, {"questionId": 3, "answer": "slow"}],
    "_info": {"lastUpdated": "2026-01-05T10:00:00Z"},
}


def test_the_scale_is_the_most_points_of_the_questions_asked():
    assert SURVEY.scale == 11


def test_a_result_is_a_rating_in_the_surveys_own_scale():
    ticket_id, found = rating(RESULT, SURVEY)
    assert (ticket_id, found.key, found.score, found.scale, found.comment) == (
        "69",
        "survey:7:9",
        6,
        11,
        "slow",
    )
    assert (found.actor.kind, found.actor.id) == ("contact", "17")


def test_without_a_total_the_answers_are_added_up_by_option_index():
    row = {
        **RESULT,
        "totalPoints": None,
        "results": [{"questionId": 1, "answer": "2"}, {"questionId": 2, "answer": 99}],
    }
    assert rating(row, SURVEY)[1].score == 10


@pytest.mark.parametrize("change", [{"ticketId": None}, {"_info": None}, {"id": None}])
def test_a_result_of_no_ticket_or_date_is_unreadable(change):
    with pytest.raises(Unreadable):
        rating({**RESULT, **change}, SURVEY)


def test_a_survey_without_points_rates_nothing():
    assert survey({"id": 8}, [QUESTIONS[2]]).scale == 0
