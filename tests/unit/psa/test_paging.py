"""Reading on without going round in circles."""

import pytest

from connector.errors import ContractViolation
from connector.psa.paging import advance, position


def test_only_the_position_is_taken_out_of_a_link_whatever_its_host():
    links = {"next": {"url": "https://evil.example/x?pageSize=2&pageId=17", "rel": "next"}}
    assert position(links, "pageId") == 17


@pytest.mark.parametrize(
    "links",
    [
        {},
        {"last": {"url": "x?pageId=3"}},
        {"next": {"url": "x?page=3"}},
        {"next": {"url": "x?pageId=abc"}},
        {"next": {}},
    ],
)
def test_no_next_page_without_a_readable_position(links):
    assert position(links, "pageId") is None


def test_the_next_position_is_the_vendors_or_the_last_id():
    assert advance(0, [3, 9, 4], 9, "x") == 9
    assert advance(0, [3, 9, 4], None, "x") == 9


@pytest.mark.parametrize(("ids", "proposed"), [([3, 9], 20), ([10, 11], 9), ([10, 11], 5)])
def test_a_page_that_comes_twice_or_a_position_that_stays_is_a_breach(ids, proposed):
    with pytest.raises(ContractViolation):
        advance(9, ids, proposed, "x")
