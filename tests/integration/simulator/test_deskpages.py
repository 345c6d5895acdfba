"""What an engineer of the pretend MSP sees: the ticket with our card, and the list it is sorted in."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from html import unescape

import httpx
import pytest

from connector.simulator import Simulator, make_world
from tests.kit import FRIDAY

NASTY = '"><script>alert(1)</script>'


async def page(sim: Simulator, path: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=sim.url) as client:
        return await client.get(path)


@pytest.mark.parametrize(
    ("vendor", "address"),
    [
        ("connectwise", "/v4_6_release/services/system_io/Service/fv_sr100_request.rails?service_recid={}"),
        ("autotask", "/Autotask/AutotaskExtend/ExecuteCommand.aspx?Code=OpenTicketDetail&TicketID={}"),
        ("halo", "/ticket?id={}"),
    ],
)
async def test_a_ticket_stands_where_the_vendor_has_it(vendor: str, address: str) -> None:
    async with Simulator(make_world(seed=1, tickets=0, start=FRIDAY), vendor) as sim:
        number = sim.world.open_ticket("Acme Dental", NASTY, text=NASTY)
        shown = await page(sim, address.format(number))
        assert shown.status_code == 200
        assert "Acme Dental" in shown.text
        assert "<script" not in shown.text
        assert "alert(1)" in unescape(shown.text)
        assert "<iframe" not in shown.text
        assert (await page(sim, address.format(99))).status_code == 404
        assert (await page(sim, sim.pages.address(number))).text == shown.text


async def test_halos_variables_are_filled_in_and_nothing_is_encoded() -> None:
    async with Simulator(make_world(seed=1, tickets=0, start=FRIDAY), "halo") as sim:
        number = sim.world.open_ticket("Acme Dental", "Printer")
        sim.pages.inside.secret = "shared"
        sim.pages.inside.address = "https://px/card?ticket=$FAULTID&agent=$LOGGEDINAGENTID&hmac=$HMAC"
        shown = await page(sim, f"/ticket?id={number}")
        (src,) = re.findall(r'<iframe title="px-connector" src="([^"]*)"', shown.text)
        found = re.fullmatch(rf"https://px/card\?ticket={number}&agent=(\d+)&hmac=(.*)", unescape(src))
        assert found is not None
        digest = hmac.new(b"shared", found[1].encode(), hashlib.sha256).digest()
        assert found[2] == base64.b64encode(digest).decode()


async def test_the_list_sorts_and_filters_as_a_psa_does() -> None:
    async with Simulator(make_world(seed=1, tickets=0, start=FRIDAY), "connectwise") as sim:
        for due, felt, risk in (("2026-11-24", 9, True), ("2026-11-23", 100, False), ("", None, True)):
            ticket = sim.world.ticket(sim.world.open_ticket("Globex", f"due {due or 'never'}"))
            ticket.values = {13: due, 14: felt, 11: risk}
        by_due = re.findall(r"due (\S+?)<", (await page(sim, "/desk?sort=SLA+Due")).text)
        assert by_due == ["2026-11-23", "2026-11-24", "never"]
        by_felt = re.findall(r"due (\S+?)<", (await page(sim, "/desk?sort=Felt+Response+(min)")).text)
        assert by_felt == ["2026-11-24", "2026-11-23", "never"]
        risky = re.findall(r"due (\S+?)<", (await page(sim, "/desk?PX+At+Risk=Yes")).text)
        assert risky == ["2026-11-24", "never"]
