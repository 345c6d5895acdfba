"""A contract is kept under the client's name: a name that leaves the files takes no plan with it unsaid."""

from __future__ import annotations

from pathlib import Path

from connector.store import contracts
from tests.integration.test_daemon_rules import edit
from tests.kit import Tap, client_file, office, write_client


async def test_a_plan_whose_client_was_renamed_is_told_until_the_name_is_back(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap, clients=("Acme Dental",)) as o:
        write_client(o.folder, client_file("Acme Dental"))
        await o.start()
        rated = [o.world.open_ticket("Acme Dental", f"Printer {n}", text="No ink.") for n in range(12)]
        await o.settle()
        for ticket in rated:
            o.world.rate(ticket, 1)
        await o.poll()
        await o.later(minutes=16)
        async with o.connector.store.read() as tx:
            kept = await contracts.load(tx, "main", "Acme Dental")
        assert kept is not None
        assert kept.plan is not None
        assert not any(note.startswith("'Acme Dental' has") for note in o.health.notes)

        renamed = client_file("Acme Dental") | {"client": "Acme Dental Ltd"}
        await edit(o, renamed, "acme")
        told = [note for note in o.health.notes if "stands still" in note]
        assert told == [
            "'Acme Dental' has an open improvement plan, and no client's file of this connection has that "
            "name: it stands still; name the client in its file as it was"
        ]
        await o.later(minutes=8 * 24 * 60)

        await edit(o, client_file("Acme Dental"), "acme")
        assert not any(note.startswith("'Acme Dental' has") for note in o.health.notes)
        await o.later(minutes=16)
        async with o.connector.store.read() as tx:
            after = await contracts.load(tx, "main", "Acme Dental")
            lines = [
                t for t in await contracts.told(tx, client="Acme Dental") if t.happening.kind == "score_line"
            ]
        assert after is not None
        assert after.plan is not None
        assert after.plan.opened_at == kept.plan.opened_at
        assert len(lines) == 1, "what was missed meanwhile is caught up with"
