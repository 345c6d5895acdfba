"""The small parts of what we open: marks, texts, places, what stands on a company."""

from __future__ import annotations

import doctest
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from connector.daemon.companies import marks
from connector.history.commission import mark_of
from connector.history.ours import apart
from connector.model import PxFigure
from connector.psa import desk, places
from connector.psa.desk import Draft, full_text, marked
from connector.rules.contract import Contract, Plan, Review, terms_of
from tests.unit.desk import POLICY, ticket

AT = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
FIGURE = PxFigure(percent=85.0, n=20, positive=17, neutral=0, negative=3)
CAPTIONS = {"px": "Client PX", "review": "Service Review", "release": "Release Right"}
MARK = "px-0123456789ab"


def test_the_examples_come_true() -> None:
    assert doctest.testmod(desk).failed == 0
    assert doctest.testmod(places).failed == 0


@given(st.text(max_size=400), st.integers(40, 300))
def test_a_summary_fits_and_keeps_its_mark(summary: str, room: int) -> None:
    found = marked(Draft(mark=MARK, company_id="1", summary=summary, text=""), room)
    assert len(found) <= room
    assert found.endswith(f"({MARK})")
    assert "\n" not in found


def test_a_mark_is_the_same_for_the_same_thing_and_no_other() -> None:
    kinds = [("main", "Acme", "review_opened", 1), ("main", "Acme", "review_opened", 2)]
    kinds += [("main", "Globex", "review_opened", 1), ("other", "Acme", "review_opened", 1)]
    found = [mark_of(*kind) for kind in kinds]
    assert found == [mark_of(*kind) for kind in kinds]
    assert len(set(found)) == 4
    assert mark_of(*kinds[0], born="2026-01-01") != mark_of(*kinds[0], born="2026-02-01"), "another store"


def test_what_the_fields_cannot_say_the_text_does() -> None:
    draft = Draft(mark=MARK, company_id="1", summary="Task", text="Call them.", owner="Nobody Known")
    said = full_text(draft, nobody=True, parent="T20261120.0007")
    assert said.splitlines() == [
        "Call them.",
        "For Nobody Known, who is not among the members of this PSA.",
        "Belongs to ticket T20261120.0007.",
    ]
    assert full_text(draft, nobody=False) == "Call them."


def test_what_stands_on_a_company() -> None:
    policy = replace(POLICY, company_flags=CAPTIONS)
    calm = Contract(looked_at=AT)
    review = Review(number=1, opened_at=AT, figure=FIGURE)
    plan = Plan(number=2, opened_at=AT, figure=FIGURE, terms=terms_of(policy))
    nothing = {"px": "", "review": "", "release": ""}
    assert marks(policy, None, "") == marks(policy, calm, "") == nothing
    reviewed = marks(policy, replace(calm, review=review), "85 % (n 20)")
    assert reviewed == {"px": "85 % (n 20)", "review": "open since 2026-11-21", "release": ""}, "Berlin's day"
    assert marks(policy, replace(calm, plan=plan), "")["review"] == "improvement plan since 2026-11-21"
    free = replace(calm, release=plan, released_at=AT)
    assert marks(policy, free, "")["release"] == "active since 2026-11-21"
    assert marks(replace(policy, company_flags={"px": "Client PX"}), free, "x") == {"px": "x"}


def test_a_ticket_of_ours_is_judged_apart() -> None:
    answer = apart(ticket(), POLICY, AT)
    assert (answer.excluded, dict(answer.buckets), dict(answer.flags)) == ("opened by px-connector", {}, {})
    assert answer.next_at is None
