"""ConnectWise's query language: quoting, UTC bracket dates, and no URL that is too long."""

from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.psa.connectwise.conditions import and_, eq, gt, in_, literal, or_, split_in


def test_a_date_is_utc_in_brackets_with_whole_seconds_and_no_offset():
    at = datetime(2026, 1, 5, 14, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))
    assert gt("lastUpdated", at) == "lastUpdated > [2026-01-05T12:00:00Z]"


def test_a_naive_date_is_a_mistake():
    with pytest.raises(ValueError, match="aware"):
        literal(datetime(2026, 1, 5, tzinfo=UTC).replace(tzinfo=None))


@pytest.mark.parametrize(
    ("value", "written"),
    [(True, "True"), (False, "False"), (None, "null"), (7, "7"), (1.5, "1.5"), ("a", '"a"')],
)
def test_values_as_the_vendor_writes_them(value, written):
    assert eq("board/name", value) == f"board/name = {written}"


def test_a_string_can_never_become_syntax():
    assert literal('x" or id > 0 or "') == '"x\\" or id > 0 or \\""'
    assert literal("[2026-01-01]") == '"[[]2026-01-01]"'


@given(st.text())
def test_every_quote_inside_a_string_is_escaped(value):
    inner = literal(value)[1:-1].replace("\\\\", "").replace('\\"', "")
    assert '"' not in inner


@pytest.mark.parametrize("name", ["id = 1 or x", "", "1x", "a//b", "a b", 'a"', "a\n"])
def test_a_field_name_is_only_a_name(name):
    with pytest.raises(ValueError, match="not a field name"):
        eq(name, 1)


def test_parts_are_joined_in_parentheses():
    assert and_(or_(eq("a", 1), eq("b", 2)), in_("c", [3, 4])) == "((a = 1 or b = 2) and c in (3,4))"
    assert and_(eq("a", 1)) == "a = 1"


@given(st.lists(st.integers(min_value=1, max_value=10**9), max_size=600, unique=True), st.integers(100, 2000))
def test_groups_keep_every_id_once_and_fit_into_the_url(ids, room):
    groups = list(split_in("chargeToId", ids, room))
    assert [i for group in groups for i in group] == ids
    assert all(len(quote_plus(in_("chargeToId", group))) <= room for group in groups)
