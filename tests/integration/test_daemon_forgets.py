"""What was erased stays erased while the daemon reads the same tickets again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from connector.history.erasure.erase import erase
from connector.model import Message
from connector.rules.erasing import ERASED
from connector.store import events, ratings, tickets
from connector.store.audit import Doer
from tests.kit import Office, office

LEG = "My leg is broken and the printer, too."
ANA = Doer(name="ana", role="command line")


async def the_words(o: Office, ticket: int) -> tuple[str, str, list[str | None]]:
    """Contact, summary and what was said, as they are kept."""
    async with o.connector.store.read() as tx:
        row = (await tickets.load(tx, "main", [str(ticket)]))[str(ticket)].ticket
        timeline = (await events.timelines(tx, "main", [str(ticket)]))[str(ticket)]
    return row.contact, row.summary, [one.text for one in timeline if isinstance(one, Message)]


@pytest.mark.parametrize("again", ["changed", "restarted"])
async def test_a_ticket_that_is_read_again_brings_nothing_back(tmp_path: Path, again: str) -> None:
    async with office(tmp_path) as o:
        hers = o.world.open_ticket("Acme Dental", "Broken leg", text=LEG)
        other = o.world.open_ticket("Globex", "Printer", text="It smokes.")
        await o.start()
        o.world.rate(hers, 2, comment="My leg still hurts")
        o.world.post(hers, "jreed", f"Get well! You wrote: {LEG}")
        await o.later(minutes=16)
        contact, summary, said = await the_words(o, hers)
        assert summary == "Broken leg"
        assert LEG in said
        url = f"sqlite:///{o.folder}/px.db"
        done = await erase(url, "main", contact, ANA, datetime(2026, 11, 21, tzinfo=UTC))
        if again == "restarted":
            await o.restart()
        o.world.post(hers, "jreed", "Is the leg better, and the printer?")
        await o.later(minutes=31)
        await o.settle()
        nameless, summary, said = await the_words(o, hers)
        assert (nameless, summary) == (done.alias, ERASED)
        assert len(said) >= 3
        assert set(said) == {None}
        assert (await the_words(o, other))[2] == ["It smokes."]
        async with o.connector.store.read() as tx:
            (entry,) = await ratings.of_ticket(tx, "main", str(hers))
        assert (entry.rating.comment, entry.contact, entry.verdict) == (ERASED, done.alias, "counted")
        await o.assert_right(hers, other)
