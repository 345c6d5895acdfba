"""The way back into each PSA: its own page of that very ticket, whatever the row says it is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from connector.history.weblinks import web_address
from connector.psa.autotask import mapping as autotask
from connector.psa.connectwise import mapping as connectwise
from connector.psa.halo import mapping as halo
from connector.psa.values import Unreadable
from tests.unit.psa.autotask import kit as at_autotask
from tests.unit.psa.autotask.test_mapping import TICKET
from tests.unit.psa.connectwise.test_mapping import READER, ROW
from tests.unit.psa.halo import kit as at_halo

Url = Callable[[Any], str]
VENDORS: dict[str, tuple[Url, str, str]] = {
    "connectwise": (
        lambda id: connectwise.snapshot({**ROW, "id": id}, READER, {}).ticket.url,
        "na.myconnectwise.net",
        "service_recid",
    ),
    "autotask": (
        lambda id: autotask.snapshot({**TICKET, "id": id}, at_autotask.reader(), {}).ticket.url,
        urlsplit(at_autotask.reader().web).netloc,
        "TicketID",
    ),
    "halo": (
        lambda id: halo.snapshot(at_halo.ticket_row(id=id), at_halo.reader(), {}).ticket.url,
        "desk.example",
        "id",
    ),
}


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_link_leads_to_this_ticket_at_this_psa(vendor: str) -> None:
    url, host, name = VENDORS[vendor]
    parts = urlsplit(web_address(url(48213)))
    assert (parts.scheme, parts.netloc) == ("https", host)
    assert parse_qs(parts.query)[name] == ["48213"]


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize(
    "id",
    ["7&companyName=evil", "7#", "//evil.example/7", "@evil.example", "javascript:alert(1)", -7, 7.5, [7]],
)
def test_no_id_makes_another_link(vendor: str, id: Any) -> None:
    url, _, _ = VENDORS[vendor]
    with pytest.raises(Unreadable):
        url(id)
