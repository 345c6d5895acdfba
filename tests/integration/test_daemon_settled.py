"""Final verdicts outlive the rules that made them, on the whole connector; merged tickets leave the board."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from connector.assessmentlog import assessment_to_json
from connector.history.lookup import account
from connector.store import assessments
from tests.kit import Office, Tap, client_file, office, write_client

QUICK = {"*": {"response": "5m", "resplan": "5m", "update": "5m", "resolution": "5m"}}
QUICKER = {"*": {"response": "4m", "resplan": "4m", "update": "4m", "resolution": "4m"}}


async def edit(o: Office, targets: dict[str, Any]) -> None:
    before = o.connector.rules.book
    write_client(o.folder, client_file("Acme Dental", targets=targets))
    o.connector.rules.look_now()
    await o.until(lambda: o.connector.rules.book is not before)
    await o.settle()


async def kept(o: Office, ticket: int) -> dict[str, Any]:
    async with o.connector.store.read() as tx:
        return (await assessments.load(tx, "main", [str(ticket)]))[str(ticket)]


async def test_a_late_note_does_not_rewrite_what_ended_under_other_rules(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        ticket = o.world.open_ticket("Acme Dental", "Printer down", text="It prints nothing at all.")
        await o.settle()
        await o.later(minutes=10)
        o.world.post(ticket, "jreed", "The toner was empty; I have replaced it and printed a test page.")
        o.world.set_status(ticket, "Resolved", "jreed")
        await o.settle()
        await o.later(minutes=10)
        first = await kept(o, ticket)
        for targets in (QUICK, QUICKER):
            await edit(o, targets)
            o.world.post(ticket, "jreed", "For the record: toner model 26A.")
            await o.settle()
            await o.later(minutes=1)
            now = await kept(o, ticket)
            assert now["policy"] != first["policy"]
            assert {clock["policy"] for clock in now["buckets"].values()} == {first["policy"]}
            assert {clock["state"] for clock in now["buckets"].values()} == {"met"}
            assert o.flags(ticket)["zone"] == "green"
        told = await account(o.connector.store, o.connector.rules.book, "main", str(ticket), o.world.now())
        assert assessment_to_json(told.assessment)["buckets"] == now["buckets"]


async def test_a_ticket_merged_into_another_is_told_apart(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        gone, stays = (o.world.open_ticket("Acme Dental", "Printer down", text="Help.") for _ in range(2))
        await o.settle()
        o.world.merge(gone, stays, "jreed")
        await o.settle()
        document = await kept(o, gone)
        assert document["excluded"] == f"merged into {stays}"
        assert "excluded" not in await kept(o, stays)
        assert not any(value for flag, value in o.flags(gone).items() if flag != "px")
