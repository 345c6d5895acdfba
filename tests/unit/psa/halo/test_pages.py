"""Three reasons to stop and one to go back, and every envelope that Halo has been seen to use."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.psa.halo.pages import Place, following, total_of, unwrap
from tests.shared import shared

PAYLOADS = shared("payloads", "halo")


def rows(*ids):
    return [{"id": i} for i in ids]


def read_all(serve):
    """Everything `serve(page number) -> (rows, total)` gives to a reader who obeys `following`."""
    place, seen, pages = Place(), [], 0
    while place is not None:
        page, total = serve(place.number)
        seen += [row["id"] for row in page]
        place = following(place, page, total)
        pages += 1
        assert pages < 1000
    return seen, pages


@given(st.integers(0, 500), st.integers(1, 100), st.booleans())
def test_whatever_size_the_server_gives_everything_is_read_once(count, size, told):
    ids = list(range(1, count + 1))
    total = count if told else None
    seen, pages = read_all(lambda n: (rows(*ids[(n - 1) * size : n * size]), total))
    assert seen == ids
    assert pages <= count // size + 2


def test_717_records_of_which_a_page_holds_100_are_all_read():
    ids = list(range(717))
    seen, pages = read_all(lambda n: (rows(*ids[(n - 1) * 100 : n * 100]), 717))
    assert (seen, pages) == (ids, 8)


def test_a_list_that_sends_its_first_page_for_ever_is_left_after_the_second():
    assert read_all(lambda _: (rows(1, 2, 3), None))[1] == 2
    assert read_all(lambda _: (rows(1, 2, 3), 900))[1] == 2


@given(st.integers(1, 30), st.integers(1, 7), st.sets(st.integers(1, 30)), st.integers(1, 5))
def test_rows_that_leave_while_it_is_read_hide_no_others(count, size, leaving, when):
    ids = list(range(1, count + 1))
    asked = 0

    def serve(number):
        nonlocal asked
        asked += 1
        if asked == when:
            ids[:] = [i for i in ids if i not in leaving]
        return rows(*ids[(number - 1) * size : number * size]), len(ids)

    seen, _ = read_all(serve)
    assert set(ids) <= set(seen)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([1], [1]),
        ({"record_count": 1, "tickets": [1]}, [1]),
        ({"results": [1]}, [1]),
        ({"record_count": 1, "data": [1]}, [1]),
        ({"other": [2], "tickets": [1]}, [1]),
        ({"record_count": 0}, []),
        (None, []),
        ("An error", None),
        ({"error": "x"}, None),
        (5, None),
    ],
)
def test_rows_are_found_in_any_envelope(found, expected):
    assert unwrap(found, "tickets") == expected


def test_a_count_that_is_none_is_not_believed():
    assert [total_of({"record_count": c}) for c in (3, "3", True, -1, None)] == [3, None, None, None, None]
    assert total_of([1]) is None


if PAYLOADS:

    def test_recorded_envelopes_are_unwrapped():
        for place, found in json.loads((PAYLOADS[0] / "list_envelopes.json").read_text()).items():
            if not isinstance(found, str):
                assert unwrap(found, place.partition("/")[2].partition(" ")[0].lower()) is not None, place
        for place, found in json.loads(
            (PAYLOADS[0] / "empty_lists.live-sandbox.panoramic.json").read_text()
        ).items():
            assert unwrap(found, place.partition("/")[2].lower()) == []
            assert following(Place(), [], total_of(found)) is None
