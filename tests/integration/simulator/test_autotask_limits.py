"""What an Autotask does when it is asked too much, and the faults it shares with every PSA."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.integration.simulator.autotask_kit import Talk, at_once, errors, where

ONE = where("eq", "id", 1001)


async def used(at: Talk) -> int:
    number: int = (await at.get("ThresholdInformation")).json()["currentTimeframeRequestCount"]
    return number


async def test_all_integrations_share_ten_thousand_requests_of_a_rolling_hour(at: Talk) -> None:
    assert await used(at) == 1
    at.sim.dialect.pool.delays = (0.0, 0.0)
    at.sim.faults.quota_used = 9_997
    assert (await at.get("Tickets/1001")).status_code == 200
    assert await used(at) == 10_000
    refused = await at.get("Tickets/1001")
    assert (refused.status_code, "10000 requests per 60 minutes" in refused.text) == (429, True)
    at.world.advance(timedelta(hours=1))
    assert await used(at) == 9_998, "what is over an hour old does not count"


@pytest.mark.parametrize(("others", "least", "most"), [(4_000, 0, 0.05), (5_000, 0.05, 0.2), (7_501, 0.2, 9)])
async def test_it_answers_slower_from_half_of_the_pool_and_again_from_three_quarters(
    at: Talk, others: int, least: float, most: float
) -> None:
    assert at.sim.dialect.pool.delays == (0.5, 1.0)
    at.sim.dialect.pool.delays = (0.05, 0.2)
    await at.get("Tickets/1001")
    at.sim.faults.quota_used = others
    began = time.monotonic()
    assert (await at.get("Tickets/1001")).status_code == 200
    assert least <= time.monotonic() - began < most


async def test_a_fourth_call_at_once_to_an_endpoint_is_refused(at: Talk) -> None:
    at.sim.faults.latency = 100
    assert await at_once(at, 3, "Tickets/1001") == [200] * 3
    assert await at_once(at, 4, "Tickets/1001") == [200, 200, 200, 429]
    assert at.sim.dialect.threads.most == 4
    assert await at_once(at, 3, "ThresholdInformation") == [200] * 3, "each endpoint has its own"
    assert (await at.get("Tickets/1001")).status_code == 200, "the refused ones hold no thread"


async def test_storms_and_server_errors_look_like_the_vendors(at: Talk) -> None:
    at.sim.faults.update({"throttle_next": 1, "retry_after": 7, "errors_next": 1})
    throttled, broken, well = [await at.ask("Tickets", ONE) for _ in range(3)]
    assert (throttled.status_code, throttled.headers["retry-after"]) == (429, "7")
    assert (broken.status_code, broken.json()) == (500, {"Message": "An error has occurred."})
    assert well.status_code == 200
    at.sim.faults.update({"throttle_next": 1, "html_429": True})
    assert (await at.ask("Tickets", ONE)).text.startswith("<!DOCTYPE html>")


async def test_an_answer_can_end_in_the_middle_or_never_come(bad: Talk) -> None:
    bad.sim.faults.truncated_next = 1
    cut = await bad.ask("Tickets", ONE)
    assert cut.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        cut.json()
    bad.sim.faults.hang_up_next = 1
    with pytest.raises(httpx.RemoteProtocolError):
        await bad.flag(1001, "SLA Zone", "red")
    assert bad.world.field(1001, "SLA Zone") == "red", "the work was done"


async def test_a_missing_right_is_a_500_or_an_empty_list(at: Talk) -> None:
    at.sim.faults.forbidden = "/TimeEntries"
    said = errors(await at.ask("TimeEntries", where("gt", "id", 0)))
    assert said == "The logged in Resource does not have the adequate permissions to query this entity type."
    at.sim.faults.update({"forbidden": "/TicketWebhooks", "unseen": "TimeEntries, TicketNotes"})
    assert "to create this entity type" in errors(await at.send("POST", "TicketWebhooks", {}))
    everything: list[dict[str, Any]] = [where("gt", "id", 0)]
    assert await at.rows("TimeEntries", *everything) == await at.rows("TicketNotes", *everything) == []
    assert (await at.get("TimeEntries/1")).json() == {"item": None}
    assert len(await at.rows("Tickets", *everything)) == 120


async def test_refused_logins_are_401_while_they_last(at: Talk) -> None:
    at.sim.faults.auth = "401"
    assert (await at.ask("Tickets", ONE)).status_code == 401
    at.sim.faults.auth = ""
    assert (await at.ask("Tickets", ONE)).status_code == 200


async def test_requests_are_counted_by_route(at: Talk) -> None:
    await at.ask("Tickets", ONE)
    await at.get("Tickets/1001")
    assert at.world.requests == {("POST", "/Tickets/query"): 1, ("GET", "/Tickets/{id}"): 1}


async def test_bad_json_is_a_500(at: Talk) -> None:
    answer = await at.client.post(f"{at.base}/Tickets/query", content=b"{", headers={"x": "y"})
    assert "not JSON" in errors(answer)
