"""A row nested too deep is set aside under its ticket's name, and reading goes on behind it."""

import pytest

from connector.psa.autotask import reading as autotask
from connector.psa.connectwise import api
from connector.psa.connectwise import reading as connectwise
from connector.psa.halo import reading as halo
from connector.psa.values import TooDeep


@pytest.mark.parametrize(
    ("reading", "ticket"),
    [
        (connectwise, "chargeToId"),
        (connectwise, "objectId"),
        (connectwise, "ticketId"),
        (autotask, "ticketID"),
        (halo, "ticket_id"),
    ],
)
def test_a_fact_too_deep_is_set_aside_under_its_ticket(reading, ticket):
    row = TooDeep({"id": 7, ticket: 1004})
    found = reading.read_facts([row], "fact", lambda row: pytest.fail("was read"))
    assert [(bad.ticket_id, bad.reason) for bad in found.malformed] == [
        ("1004", "it is nested deeper than any record")
    ]
    assert '"id": 7' in found.malformed[0].body


def test_a_page_that_ends_with_one_too_deep_is_not_read_again_from_before_it():
    assert api._ids([{"id": 1}, TooDeep({"id": 2}), TooDeep({})]) == [1, 2]
