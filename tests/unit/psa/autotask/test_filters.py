"""Queries are built from parts: no value, name or operator from outside can change what is asked."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.psa.autotask import filters
from connector.psa.autotask.filters import MOST, OPERATORS, and_, eq, exist, gte, in_, or_, query, split

AT = datetime(2026, 11, 20, 9, 30, 15, 700_000, tzinfo=timezone(timedelta(hours=1)))


def test_a_query_has_the_vendors_shape():
    where = or_(gte("lastActivityDate", AT), and_(eq("status", 5), exist("ticketID")))
    assert query(where, after=12, size=7, fields=("id", "title")) == {
        "maxRecords": 7,
        "includeFields": ["id", "title"],
        "filter": [
            {
                "op": "and",
                "items": [
                    {
                        "op": "or",
                        "items": [
                            {"op": "gte", "field": "lastActivityDate", "value": "2026-11-20T08:30:15Z"},
                            {
                                "op": "and",
                                "items": [
                                    {"op": "eq", "field": "status", "value": 5},
                                    {"op": "exist", "field": "ticketID"},
                                ],
                            },
                        ],
                    },
                    {"op": "gt", "field": "id", "value": 12},
                ],
            }
        ],
    }


def test_only_the_vendors_operators_can_be_written():
    assert "notExist" in OPERATORS
    assert "noteExist" not in OPERATORS
    with pytest.raises(ValueError, match="no operator"):
        filters._compare("noteExist", "id", 1)


@given(st.text(max_size=40))
def test_a_value_stays_a_value(value):
    body = json.loads(json.dumps(query(eq("title", value))))
    assert body["filter"] == [{"op": "eq", "field": "title", "value": value}]


@pytest.mark.parametrize("name", ["", "1x", 'id","op":"or', "a b", "id\n"])
def test_a_field_name_is_a_name(name):
    with pytest.raises(ValueError, match="not a field name"):
        eq(name, 1)


def test_a_date_without_zone_is_refused():
    with pytest.raises(ValueError, match="aware"):
        gte("createDate", AT.replace(tzinfo=None))


def test_no_query_has_more_alternatives_than_the_vendor_takes():
    full = in_("id", range(1, MOST + 1))
    assert query(and_(full, eq("status", 1)))["maxRecords"] == MOST
    with pytest.raises(ValueError, match="502 alternatives"):
        query(or_(full, eq("status", 1)))
    for wrong in ([], list(range(MOST + 1))):
        with pytest.raises(ValueError, match="1 to 500"):
            in_("id", wrong)


def test_many_values_are_split_and_none_is_lost():
    groups = list(split(range(1201)))
    assert [len(group) for group in groups] == [500, 500, 201]
    assert [one for group in groups for one in group] == list(range(1201))
    assert list(split([])) == []


def test_pages_need_an_id_to_be_turned_by():
    with pytest.raises(ValueError, match="id"):
        query(eq("status", 1), fields=("title",))
    for size, sent in ((0, 1), (100_000, MOST)):
        assert query(eq("id", 1), size=size)["maxRecords"] == sent


def test_utc_is_written_with_z():
    assert filters.literal(AT.astimezone(UTC)) == "2026-11-20T08:30:15Z"
