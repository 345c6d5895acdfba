"""What the weather has taught the daemon: each of these has broken a law on some seed of `make soak`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connector.daemon import write
from connector.daemon.observe import Seen
from connector.daemon.shown import look_first
from connector.daemon.turn import _under_old_rules
from connector.errors import Unavailable
from connector.psa.port import Malformed, Written
from connector.simulator import utcnow
from connector.store import assessments, history, inbox, outbox, quarantine, reasons, strangers, tickets
from connector.store.outbox import Owed
from connector.store.schema import assessments as assessment_rows
from connector.store.tickets import StoredTicket
from tests.kit import Office, Tap, office

HOURS = timedelta(hours=4)
MINUTES = timedelta(minutes=5)


async def stored(o: Office, ticket: int) -> StoredTicket:
    async with o.connector.store.read() as tx:
        return (await tickets.load(tx, "main", [str(ticket)]))[str(ticket)]


async def owed(o: Office, tx: AsyncConnection, ticket: int) -> Owed:
    """A new value of `why` that is owed to this ticket."""
    await outbox.owe(tx, "main", str(ticket), {"why": "new"}, "because", utcnow())
    return (await outbox.of(tx, "main", [str(ticket)]))[str(ticket)]


async def settle(
    o: Office, ticket: int, before: Written, shown: Written, error: Exception | None = None
) -> None:
    """A write of `why` that was met and made, or tried, as the end of a turn keeps it."""
    known = await stored(o, ticket)
    async with o.connector.store.begin() as tx:
        attempt = write.Attempt(await owed(o, tx, ticket), error)
        await write._settle(tx, o.connection, attempt, known, before, {str(ticket): shown}, utcnow())


async def test_a_value_met_before_a_write_is_told_as_strange_and_the_history_follows_on_it(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    """A crash had swallowed the record of a write, and something else is owed by now."""
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        ticket = o.world.open_ticket("Acme Dental", "Printer down", text="It prints nothing at all.")
        await o.settle()
        was = (await stored(o, ticket)).flags["why"]
        since = utcnow() - timedelta(minutes=1)
        await settle(
            o,
            ticket,
            Written(flags={"why": "swallowed"}, version="2099-01-01T00:00:00Z"),
            Written(flags={"why": "new"}, version="2099-01-01T00:00:01Z"),
        )
        async with o.connector.store.read() as tx:
            found = await strangers.of(tx, "main", [str(ticket)], since)
            told = await history.of(tx, "main", str(ticket))
        assert [(one.old, one.new) for one in found[str(ticket)] if one.flag == "why"] == [(was, "swallowed")]
        assert [(one.old, one.new) for one in told if one.flag == "why"][-1] == ("swallowed", "new")
        assert (await stored(o, ticket)).own_version == "2099-01-01T00:00:00.999999Z", "older is no news"


async def test_a_value_met_is_told_under_the_very_mark_we_know_and_though_the_write_fails(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    """PSAs stamp whole seconds; and by the time a write succeeds, what was met would be overwritten."""
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        ticket = o.world.open_ticket("Acme Dental", "Printer down", text="It prints nothing at all.")
        await o.settle()
        known = await stored(o, ticket)
        since = utcnow() - timedelta(minutes=1)
        met = Written(flags={**known.flags, "why": "swallowed"}, version=known.own_version or known.version)
        await settle(o, ticket, met, met, Unavailable("the PSA is gone"))
        async with o.connector.store.read() as tx:
            found = await strangers.of(tx, "main", [str(ticket)], since)
            debt = (await outbox.of(tx, "main", [str(ticket)]))[str(ticket)]
        assert [(one.old, one.new) for one in found[str(ticket)]] == [(known.flags["why"], "swallowed")]
        assert debt.attempts == 1
        again = await stored(o, ticket)
        assert again.flags["why"] == "swallowed"
        assert (again.version, again.own_version) == (known.version, known.own_version)


async def test_the_mark_of_a_write_that_was_read_back_late_is_not_taken_for_ours(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    """Somebody may have changed the ticket meanwhile, and nobody would read that."""
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        ticket = o.world.open_ticket("Acme Dental", "Printer down", text="It prints nothing at all.")
        await o.settle()
        known = await stored(o, ticket)
        before = Written(flags=known.flags, version=known.version)
        shown = Written(flags={**known.flags, "why": "new"}, version="2099-01-01T00:00:01Z")
        async with o.connector.store.begin() as tx:
            attempt = write.Attempt(await owed(o, tx, ticket), late=True)
            await write._settle(tx, o.connection, attempt, known, before, {str(ticket): shown}, utcnow())
        assert (await stored(o, ticket)).own_version == "2099-01-01T00:00:00.999999Z"


async def test_nothing_is_written_while_the_look_before_it_waits_behind_much_else(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        ticket = o.world.open_ticket("Acme Dental", "Printer down", text="It prints nothing at all.")
        await o.settle()
        row = await stored(o, ticket)
        known = {str(ticket): row}
        before = {str(ticket): Written(flags=row.flags, version="2099-01-01T00:00:00Z")}

        async def held_back() -> set[str]:
            return await look_first(o.connection, before, known, utcnow())

        assert await held_back() == {str(ticket)}
        assert await held_back() == {str(ticket)}, "its reading is still to come"
        async with o.connector.store.begin() as tx:
            items = await inbox.take(tx, "main", 100)
            await inbox.done(tx, [item.id for item in items])
        assert await held_back() == set(), "once for each mark"


async def test_a_list_that_shows_less_than_we_know_is_not_believed_before_a_write_or_after(
    tmp_path: Path, openapi_tap: Tap, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be called written what only an older list shows, and what we have written since would stay."""
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        both = [o.world.open_ticket("Acme Dental", "Printer down", text="It is out.") for _ in range(2)]
        await o.settle()
        c, read, asked = o.connection, o.connection.psa.read_flags, list[list[str]]()
        known = [await stored(o, ticket) for ticket in both]

        async def lagging(ids: Sequence[str]) -> Mapping[str, Written]:
            asked.append(list(ids))
            if len(ids) == 1:
                return await read(ids)
            older, same = known
            if len(asked) > 1:  # as the first one was before it was looked at
                lags = Written(flags={**older.flags, "why": "new"}, version="2020-01-01T00:00:00Z")
                return {older.ticket.id: lags, same.ticket.id: Written(flags=same.flags, version="")}
            return {
                older.ticket.id: Written(flags=older.flags, version="2020-01-01T00:00:00Z"),
                same.ticket.id: Written(flags={**same.flags, "why": "new"}, version=same.own_version),
            }

        monkeypatch.setattr(c.psa, "read_flags", lagging)
        async with o.connector.store.begin() as tx:
            debts = [await owed(o, tx, ticket) for ticket in both]
            seen = Seen(utcnow(), await reasons.find(tx, "main"))
        assert await write.write_owed(c, debts, utcnow(), seen) == 2
        each = [[str(ticket)] for ticket in both]
        assert asked == [[str(ticket) for ticket in both], *each] * 2
        assert [o.flags(ticket)["why"] for ticket in both] == ["new", "new"]
        assert "2020" not in (await stored(o, both[0])).own_version
        async with o.connector.store.read() as tx:
            assert await outbox.of(tx, "main", map(str, both)) == {}, "read by itself what the list hides"


async def test_the_search_for_tickets_without_rules_begins_anew_under_other_rules(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        ticket = o.world.open_ticket("Acme Dental", "Printer down", text="It prints nothing at all.")
        await o.settle()
        c = o.connection
        async with o.connector.store.begin() as tx:
            await assessments.drop(tx, "main", [str(ticket)])
        c.strays_after, c.strays_under, c.rules_seen = str(ticket), "a bad edit", "a bad edit"
        await o.poll()
        async with o.connector.store.read() as tx:
            assert str(ticket) in await assessments.load(tx, "main", [str(ticket)])


async def test_what_was_judged_by_rules_that_were_edited_and_back_is_judged_anew(
    tmp_path: Path, openapi_tap: Tap, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        ticket = o.world.open_ticket("Acme Dental", "Printer down", text="It prints nothing at all.")
        await o.settle()
        c, policy = o.connection, assessment_rows.c.policy
        async with o.connector.store.begin() as tx:
            right = await tx.scalar(select(policy))
            await tx.execute(update(assessment_rows).values(policy="as edited"))
            monkeypatch.setattr(type(c), "rules", lambda _c: "as edited")
            assert await _under_old_rules(tx, c) == [str(ticket)], "a turn has begun to look for them"
        monkeypatch.undo()
        await o.poll()
        async with o.connector.store.read() as tx:
            assert await tx.scalar(select(policy)) == right


async def test_what_was_not_understood_is_looked_at_soon_at_first_and_then_with_the_sweep(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    """An answer cut short says nothing about its ticket: four hours are too long for that."""
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        now = utcnow()
        async with o.connector.store.begin() as tx:

            async def seen(ticket: str, *ago: timedelta) -> None:
                for back in ago:
                    await quarantine.put(
                        tx, "main", [Malformed(ticket_id=ticket, reason="?", body="")], now - back
                    )

            await seen("old", timedelta(hours=5))
            await seen("long", timedelta(hours=3), timedelta(minutes=10))
            await seen("soon", timedelta(minutes=10))
            await seen("just now", timedelta(minutes=1))
            await seen("tomorrow", timedelta(days=-1))
            assert await quarantine.stale(tx, "main", now, HOURS, MINUTES, 9) == ["old", "soon", "tomorrow"]
