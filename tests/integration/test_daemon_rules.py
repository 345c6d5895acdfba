"""Client files edited while the daemon runs: good edits take hold at once, bad ones take nothing away."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from structlog.testing import capture_logs

from connector.store.board import board
from tests.kit import CAPTIONS, Office, Tap, client_file, office, write_client

QUICK = {"*": {"response": "20m", "resplan": "4h", "update": "8h", "resolution": "16h"}}
BROKEN = "client: Acme Dental\nmatch: {connection: main, companies: [Acme Dental]}\ntargets: [fast\n"


async def edit(o: Office, file: Mapping[str, Any] | str, name: str = "") -> None:
    """Write a client's file and wait until the daemon has looked and done what follows."""
    before = o.connector.rules.book
    write_client(o.folder, file, name)
    o.connector.rules.look_now()
    await o.until(lambda: o.connector.rules.book is not before)
    await o.settle()


async def opened(o: Office, client: str = "Acme Dental") -> int:
    ticket = o.world.open_ticket(client, "Printer down", text="It prints nothing at all.")
    await o.settle()
    return ticket


async def on_board(o: Office) -> dict[str, str]:
    """Open tickets with the client whose rules judge them, '' where nobody's do."""
    async with o.connector.store.read() as tx:
        return {row.ticket_id: row.policy_client for row in await board(tx, limit=100)}


async def test_an_edit_is_felt_by_the_tickets_that_run(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        mine, others = await opened(o), await opened(o, "Globex")
        await o.later(minutes=25)
        assert (o.flags(mine)["zone"], o.flags(mine)["due"]) == ("green", "2026-11-20T10:00:00Z")
        await edit(o, client_file("Acme Dental", targets=QUICK))
        assert (o.flags(mine)["zone"], o.flags(mine)["due"]) == ("red", "2026-11-20T09:20:00Z")
        assert o.flags(others)["zone"] == "green"
        await o.assert_right(mine, others)


async def test_an_edit_reaches_hundreds_of_tickets(tmp_path: Path, openapi_tap: Tap) -> None:
    """More than one turn takes at a time."""
    async with office(tmp_path, tap=openapi_tap, clients=("Acme Dental",)) as o:
        tickets = [o.world.open_ticket("Acme Dental", f"Printer {n}", text="Blank.") for n in range(220)]
        await o.start()
        assert all(o.flags(ticket)["due"] == "2026-11-20T10:00:00Z" for ticket in tickets)
        await edit(o, client_file("Acme Dental", targets=QUICK))
        assert all(o.flags(ticket)["due"] == "2026-11-20T09:20:00Z" for ticket in tickets)


async def test_a_bad_edit_keeps_the_last_good_rules_and_is_shown_until_mended(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        ticket = await opened(o)
        shown, writes = o.flags(ticket), len(o.world.writes)
        await edit(o, BROKEN, "acme")
        [error] = o.connector.health.config_errors
        assert error.startswith(f"{tmp_path}/clients/acme.yaml:")
        assert "acme.yaml" in await page(o, "/")
        assert (o.flags(ticket), len(o.world.writes)) == (shown, writes)
        later = await opened(o)
        assert o.flags(later)["due"] == "2026-11-20T10:00:00Z", "the last good rules judge new tickets too"
        await edit(o, client_file("Acme Dental", targets=QUICK))
        assert o.connector.health.config_errors == ()
        assert "acme.yaml" not in await page(o, "/")
        assert o.flags(ticket)["due"] == o.flags(later)["due"] == "2026-11-20T09:20:00Z"


async def page(o: Office, path: str) -> str:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{o.port}") as browser:
        answer = await browser.get(path)
    assert answer.status_code == 200
    return answer.text


async def test_a_bad_file_at_the_start_leaves_its_client_out_and_the_others_go_on(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        write_client(tmp_path, BROKEN, "acme")
        await o.start()
        mine, others = await opened(o), await opened(o, "Globex")
        assert o.flags(mine) == {}
        assert o.flags(others)["zone"] == "green"
        assert len(o.connector.health.config_errors) == 1
        await edit(o, client_file("Acme Dental"))
        assert o.flags(mine)["zone"] == "green"
        assert o.connector.health.config_errors == ()


async def test_a_client_added_later_picks_up_its_tickets(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap, clients=("Acme Dental",)) as o:
        with capture_logs() as logs:
            await o.start()
            mine, others = await opened(o), await opened(o, "Globex")
            await opened(o, "Globex")
        assert o.flags(mine)["zone"] == "green"
        assert o.flags(others) == {}
        said = [line for line in logs if "no client file matches" in line["event"]]
        assert [line["company"] for line in said] == ["Globex"], "once for each company"
        await edit(o, client_file("Globex"))
        assert o.flags(others)["zone"] == "green"
        assert (await on_board(o))[str(others)] == "Globex"


async def test_a_company_that_moves_to_another_file_takes_its_tickets_along(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap, clients=("Acme Dental", "Globex")) as o:
        await o.start()
        ticket = await opened(o, "Initech")
        assert o.flags(ticket) == {}
        both = {"connection": "main", "companies": ["Globex", "Initech"]}
        await edit(o, client_file("Globex", match=both, targets=QUICK))
        assert o.flags(ticket)["due"] == "2026-11-20T09:20:00Z"
        assert (await on_board(o))[str(ticket)] == "Globex"


async def test_the_tickets_of_a_client_taken_away_are_left_as_they_are(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        mine, others = await opened(o), await opened(o, "Globex")
        before = o.connector.rules.book
        (tmp_path / "clients" / "globex.yaml").unlink()
        o.connector.rules.look_now()
        await o.until(lambda: o.connector.rules.book is not before)
        await o.settle()
        assert await on_board(o) == {str(mine): "Acme Dental", str(others): ""}
        writes = len(o.world.writes)
        await o.later(minutes=90)
        assert {w.ticket for w in o.world.writes[writes:]} == {mine}
        assert o.flags(others)["zone"] == "green"


async def test_two_clients_for_one_company_are_told_and_it_is_nobodys(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        greedy = {"connection": "main", "companies": ["Globex", "Acme Dental"]}
        write_client(tmp_path, client_file("Globex", match=greedy))
        await o.start()
        contested, clear = await opened(o), await opened(o, "Globex")
        assert o.flags(contested) == {}
        assert o.flags(clear)["zone"] == "green"
        [error] = o.connector.health.config_errors
        assert "'acme dental'" in error.casefold()
        await edit(o, client_file("Globex"))
        assert o.flags(contested)["zone"] == "green"


async def test_a_new_caption_is_found_without_a_restart(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap, clients=("Acme Dental",)) as o:
        write_client(tmp_path, client_file("Acme Dental", flags={"why": None}))
        await o.start()
        ticket = await opened(o)
        assert "why" not in o.flags(ticket)
        await edit(o, client_file("Acme Dental", flags={"why": CAPTIONS["why"]}))
        assert o.flags(ticket)["why"].startswith("not answered yet")


async def test_a_status_the_psa_does_not_have_is_noted_whenever_it_is_written(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        write_client(tmp_path, client_file("Globex", pause={"statuses": ["Wating Customer"]}))
        await o.start()
        assert [note for note in o.health.notes if "'Wating Customer'" in note]
        ticket = await opened(o, "Globex")
        assert o.flags(ticket)["zone"] == "green"
        await edit(o, client_file("Globex", pause={"statuses": ["Waiting Customer"]}))
        assert not [note for note in o.health.notes if "has no status" in note]


async def test_a_client_no_ticket_matches_is_noted_and_stops_nobody(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap, tickets=60) as o:
        await o.start()
        assert o.health.notes == ()
        await edit(o, client_file("Nobody Ltd"))
        [note] = o.health.notes
        assert note.startswith(f"{tmp_path}/clients/nobody.yaml: no ticket of 'Nobody Ltd'")
        await o.assert_right(await opened(o))


async def test_the_note_goes_with_the_clients_first_ticket(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap, clients=("Acme Dental", "Globex")) as o:
        o.world.open_ticket("Acme Dental", "Scanner down", text="It does not scan to mail any more.")
        await o.start()
        assert [note for note in o.health.notes if "Globex" in note]
        await opened(o, "Globex")
        assert o.health.notes == ()
