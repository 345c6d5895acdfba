"""What the weather has taught the daemon: each of these has broken a law on some seed of `make soak`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from connector.daemon import write
from connector.psa.port import Malformed, Written
from connector.simulator import utcnow
from connector.store import assessments, history, outbox, quarantine, strangers, tickets
from connector.store.tickets import StoredTicket
from tests.kit import Office, Tap, office

HOURS = timedelta(hours=4)
MINUTES = timedelta(minutes=5)


async def stored(o: Office, ticket: int) -> StoredTicket:
    async with o.connector.store.read() as tx:
        return (await tickets.load(tx, "main", [str(ticket)]))[str(ticket)]


async def apply(o: Office, ticket: int, before: Written, shown: Written) -> None:
    """A write of `why` that was met and made, as the end of a turn keeps it."""
    now = utcnow()
    async with o.connector.store.begin() as tx:
        await outbox.owe(tx, "main", str(ticket), {"why": "new"}, "because", now)
        owed = (await outbox.of(tx, "main", [str(ticket)]))[str(ticket)]
        await write._applied(tx, o.connection, owed, before, shown, now)


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
        await apply(
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
