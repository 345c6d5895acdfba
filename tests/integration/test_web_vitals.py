"""The numbers alerts are made of: each says what is so, and nothing of it names a client or a person."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from connector import __version__
from connector.errors import Unproven
from connector.psa.port import Hint
from connector.store import inbox
from tests.integration.web_kit import NOW, Kit, judged, kit, running, ticket


async def scrape(web: Kit) -> dict[tuple[str, ...], float]:
    """Values by (name, label values in order of label name)."""
    answer = await web.client.get("/metrics")
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def test_what_waits_is_as_old_as_its_oldest(tmp_path: Path) -> None:
    async with kit(tmp_path) as web:
        late = ticket("1")
        await web.put((late, judged(late, response=running("red", -3))))
        async with web.store.begin() as tx:
            for ticket_id, minutes in (("1", 3), ("2", 9)):
                hint = Hint(ticket_id=ticket_id, deliver_id=ticket_id)
                await inbox.put(tx, "main", [hint], NOW - timedelta(minutes=minutes))
            await inbox.done(tx, [1])
        seen = await scrape(web)
        assert seen["px_inbox_oldest_seconds", "main"] == 9 * 60
        async with web.store.begin() as tx:
            await inbox.done(tx, [2])
        web.health.add("north", "fake", NOW)
        seen = await scrape(web)
        assert seen["px_inbox_oldest_seconds", "main"] == seen["px_inbox_oldest_seconds", "north"] == 0
        assert seen["px_timer_late_seconds", "north"] == 0


async def test_a_webhook_is_silent_since_it_was_last_heard_or_since_we_listen(tmp_path: Path) -> None:
    async with kit(tmp_path) as web:
        assert ("px_webhook_silent_seconds", "main") not in await scrape(web), "none is set up"
        web.health.connections["main"].webhook = "alive"
        web.now += timedelta(hours=1)
        assert (await scrape(web))["px_webhook_silent_seconds", "main"] == 3600
        await web.deliver(("1", "d1"), signature="forged")
        assert (await scrape(web))["px_webhook_silent_seconds", "main"] == 3600, "a stranger's does not count"
        web.psa.trouble = Unproven("said to be switched off")
        assert (await web.deliver(("1", "d1"), signature="")).status_code == 204, "thanked for"
        assert (await scrape(web))["px_webhook_silent_seconds", "main"] == 3600, "nor what nobody signed"
        web.psa.trouble = None
        await web.deliver(("1", "d1"))
        web.now += timedelta(seconds=90)
        assert (await scrape(web))["px_webhook_silent_seconds", "main"] == 90


async def test_states_held_writes_wrong_files_and_what_is_left(tmp_path: Path) -> None:
    async with kit(tmp_path) as web:
        main = web.health.connections["main"]
        main.held, main.backfilling = "no canary has passed", True
        web.health.report("main", "stopped", "the key of Jane Doe was refused", NOW)
        web.health.config_errors = ("acme.yaml:3:1: Jane Doe is no calendar",)
        text = (await web.client.get("/metrics")).text
        seen = await scrape(web)
    states = {s: seen["px_connection_state", "main", s] for s in ("starting", "ok", "degraded", "stopped")}
    assert states == {"starting": 0, "ok": 0, "degraded": 0, "stopped": 1}
    assert (seen["px_connection_backfilling", "main"], seen["px_connection_held", "main"]) == (1, 1)
    assert seen["px_config_errors",] == 1
    assert (seen["px_quota_limit", "main"], seen["px_quota_left", "main"]) == (4500, 4100)
    assert seen["px_store_bytes",] >= (tmp_path / "px.db").stat().st_size > 0
    assert seen["px_disk_free_bytes",] > 0
    assert seen["px_errands_dead", "main"] == 0
    assert [key for key in seen if key[0] == "px_build_info" and __version__ in key]
    assert seen["process_resident_memory_bytes",] > 1e6
    assert "Jane" not in text
