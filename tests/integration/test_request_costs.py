"""What a poll may cost a PSA, counted by the bench's own kit on a small desk: `make bench` shows 2,000."""

from __future__ import annotations

import pytest

from bench._desk import desk
from bench._least import INTERFACES
from bench._login import VENDORS
from bench.requests import AUTHORS, BOUNDS, talk

TICKETS = 160


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_changed_ticket_is_read_once_and_within_its_bound(vendor: str) -> None:
    async with desk(vendor, tickets=5) as d:
        ids = await d.opened(TICKETS)
        d.tally.clear()
        talk(d, ids)
        await d.settle(poll=True)
        least = INTERFACES[vendor].poll(TICKETS, TICKETS * len(AUTHORS))
        assert least <= d.tally.reads.total() <= BOUNDS[vendor] * TICKETS, d.tally.reads
        assert d.tally.tickets == dict.fromkeys(map(str, ids), 1)
        assert not d.tally.writes
        assert not d.world.writes


@pytest.mark.parametrize("vendor", VENDORS)
async def test_our_own_writes_are_no_reason_to_read_again(vendor: str) -> None:
    async with desk(vendor, tickets=5) as d:
        ids = await d.opened(10)
        d.tally.clear()
        d.connection.write_back = True
        await d.settle(poll=False)
        assert {write.ticket for write in d.world.writes} >= set(ids)
        assert d.tally.writes.total() >= 10
        assert not d.tally.reads
        d.tally.clear()
        await d.settle(poll=True)
        assert not d.tally.tickets
