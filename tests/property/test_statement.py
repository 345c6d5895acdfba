"""No digit of a statement can be changed unnoticed: in text, drawing, style, fact, rule or hash."""

from __future__ import annotations

from functools import lru_cache

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.history.statement.chain import broken, sealed
from connector.history.statement.check import problems
from connector.history.statement.facts import to_records
from connector.history.statement.page import document, json_document
from tests.statement_kit import facts_of, usual


@lru_cache(maxsize=2)
def made(page: bool) -> tuple[str, list[int]]:
    records = to_records(facts_of(*usual()))
    text = document(records) if page else json_document(records)
    return text, [place for place, character in enumerate(text) if character in "0123456789"]


def test_unchanged_it_passes() -> None:
    assert problems(made(True)[0]) == problems(made(False)[0]) == []


@settings(max_examples=150, deadline=None)
@given(st.data(), st.booleans())
def test_any_changed_digit_is_noticed(data: st.DataObject, page: bool) -> None:
    text, digits = made(page)
    place = digits[data.draw(st.integers(0, len(digits) - 1))]
    other = data.draw(st.sampled_from([one for one in "0123456789" if one != text[place]]))
    assert problems(text[:place] + other + text[place + 1 :])


@settings(max_examples=100)
@given(
    st.lists(
        st.dictionaries(
            st.text(), st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False)
        )
    ),
    st.data(),
)
def test_a_record_left_out_added_or_moved_breaks_the_chain(
    contents: list[dict[str, object]], data: st.DataObject
) -> None:
    contents = [{key: value for key, value in one.items() if key != "hash"} for one in contents]
    records = sealed(contents)
    assert list(broken(records)) == []
    if len(records) < 2:
        return
    place = data.draw(st.integers(0, len(records) - 2))
    assert list(broken(records[:place] + records[place + 1 :]))
    moved = [*records[:place], records[place + 1], records[place], *records[place + 2 :]]
    assert list(broken(moved))
