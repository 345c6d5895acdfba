"""A person's data goes from every table and from the file; instants and scores stay."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from connector.clients import default_policy
from connector.daemon import rubbing
from connector.daemon.forgetting import Forgetting
from connector.daemon.rubbing import keep_rubbed_out
from connector.errors import ConfigError, Unavailable
from connector.history.annual import invite
from connector.history.erasure.erase import Erased, erase, finish
from connector.model import Actor, Evidence, Message, MessageVerdict, Rating
from connector.psa.port import Malformed
from connector.rules.erasing import ERASED
from connector.store import (
    assessments,
    audit,
    errands,
    events,
    history,
    notices,
    outbox,
    quarantine,
    ratings,
    starts,
    surveys,
    tickets,
)
from connector.store import erased as marks
from connector.store.audit import Deed, Doer
from connector.store.errands import Errand
from connector.store.history import Change
from connector.store.notices import Notice
from connector.store.ratings import Entry
from connector.store.store import Store
from connector.store.surveys import Survey
from connector.store.whole import rows, sqlitefile
from connector.store.whole.sqlitefile import rub_out

from .conftest import opened
from .makers import CONN, assessed, at, note, stored

ANN = Actor("contact", "17", "Ann-Marie Ünal")
BOB = Actor("contact", "18", "Bob Stone")
TOM = Actor("staff", "17", "Tom")
"""A colleague of ours; PSAs number staff and contacts alike."""
MAIL = "ann.unal@acme.example"
HEADERS = {"from": f'"Ünal, Ann-Marie" <{MAIL}>', "message-id": "<1@acme.example>"}
LEG = "I broke my leg on Sunday"
SAID = "nobody called me at the hospital"
ELSEWHERE = "another contact 17, of another PSA"
OURS = Doer(name="dana", role="command line")
SECRETS = ("broke my leg", "at the hospital", "Ann-Marie", "Ünal", "unal@acme", "the sling", "RE: my leg")


HERS = (
    note("note:1", 1, actor=ANN, subject="RE: my leg", text=LEG, headers=HEADERS),
    note("note:2", 2, actor=TOM, direction="out", text=f"Dear Ann-Marie Ünal,\n> {LEG}\nget well."),
    note("note:3", 3, actor=ANN, text=""),
    note("", 4, actor=ANN, text=LEG),
    Rating(at=at(60), key="rating:7", actor=ANN, score=1.0, comment=SAID),
    Rating(at=at(61), key="rating:note:note:9", actor=ANN, score=2.0, comment="the sling"),
)
HIS = (
    note("note:4", 4, actor=BOB, text="Printer. Please copy in ünal, Ann-Marie!", headers={"cc": MAIL}),
    note("note:5", 5, actor=ANN, text=LEG),
    note("note:6", 6, actor=TOM, direction="out", text="Ann is a common name, Bob.", headers={}),
)


async def kept(store: Store) -> None:
    """Whatever we may have written about Ann, wherever."""
    async with store.begin() as tx:
        await tickets.put(
            tx, CONN, [stored("1", contact="17", summary="RE: my leg"), stored("2", contact="18")]
        )
        await tickets.put(tx, CONN, [stored("3", contact="18", summary=f"Access for {ANN.name}")])
        await events.merge(tx, CONN, [("1", one) for one in HERS] + [("2", one) for one in HIS])
        await events.merge(tx, "other", [("1", note("note:1", actor=Actor("contact", "17"), text=ELSEWHERE))])
        verdict = MessageVerdict(1, "human", "specific", True, (Evidence("words", "text", "the sling"),))
        flags: dict[Any, str] = {"why": "her words: “the sling”", "zone": "red"}
        answer = assessed("1", messages=(verdict,), timeline=HERS, flags=flags)
        await assessments.save(tx, CONN, [answer, assessed("2", flags={"why": "plain"})])
        await history.record(tx, CONN, "1", [Change("why", "", flags["why"], f"said “{LEG}”", at(3))])
        await outbox.owe(tx, CONN, "1", flags, f"“{LEG}”", at(3))
        said = {"line": f"unhappy: “{SAID}”", "summary": "RE: my leg"}
        await notices.decide(
            tx,
            [
                Notice(
                    id="n",
                    conn=CONN,
                    client="Acme",
                    subject="1",
                    ticket_id="1",
                    event="missed",
                    channel="ops",
                    at=at(3),
                    state="held",
                    said=said,
                )
            ],
            [],
        )
        errand = Errand(
            conn=CONN,
            mark="px-1",
            kind="ticket",
            client="Acme",
            since=at(4),
            summary="Review",
            text=f"- ticket 1, 1 of 5: “{SAID[:20]}…”\n- ticket 9: “no news”",
        )
        await errands.owe(tx, [errand])
        await quarantine.put(tx, CONN, [Malformed(ticket_id="1", reason="x", body=f'{{"t": "{LEG}')], at(1))
        survey = Survey(
            conn=CONN, about="1:1", ticket_id="1", client="Acme", contact="17", at=at(2), state="asked"
        )
        annual = replace(survey, about=f"annual:2026:Acme:{MAIL}", contact=MAIL, ticket_id="", kind="annual")
        await surveys.put(tx, [survey, annual])
        own = replace(HERS[4], key="form:1", actor=Actor("contact", MAIL), kind="annual")
        await ratings.keep(
            tx,
            [
                Entry(conn=CONN, key="rating:7", rating=HERS[4], ticket_id="1", client="Acme", contact="17"),
                Entry(conn=CONN, key=HERS[5].key, rating=HERS[5], ticket_id="1", client="Acme", contact="17"),
                Entry(conn=CONN, key="form:1", rating=own, client="Acme", contact=MAIL),
            ],
        )
        why = replace(OURS, why="asked by Ann-Marie Ünal")
        await audit.add(tx, Deed(at=at(1), by=why, what="letter dropped", conn=CONN, subject="1"))


async def everything(url: str) -> str:
    """Every row of every table as text, JSON read."""
    async with opened(url) as store, store.read() as tx:
        found = []
        for one in rows.tables():
            found += [row async for page in rows.pages(tx, one) for row in page]
    return "\n".join(str(_read(value)) for row in found for value in row)


def _read(value: Any) -> Any:
    try:
        return json.loads(value)
    except (TypeError, ValueError):
        return value


def on_disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("px.db*"))


async def erased(url: str, who: str = "17", **more: Any) -> Erased:
    return await erase(url, CONN, who, OURS, at(100), **more)


async def test_what_a_start_has_read_is_forgotten(address: str, tmp_path: Path) -> None:
    async with opened(address) as store:
        await kept(store)
        async with store.begin() as tx:
            await starts.put(
                tx, CONN, "settings", {"Companies": [{"companyName": "Ann Lovelace Ltd"}]}, at(100)
            )
    await erased(address, dry=True)
    assert "Lovelace Ltd" in await everything(address)
    await erased(address)
    async with opened(address) as store, store.read() as tx:
        assert await starts.get(tx, CONN, "settings", at(100)) is None
    assert "Lovelace Ltd" not in await everything(address)


async def test_names_texts_and_addresses_go_and_instants_and_scores_stay(
    address: str, tmp_path: Path
) -> None:
    async with opened(address) as store:
        await kept(store)
    before = await everything(address)
    assert [secret for secret in SECRETS if secret not in before] == []
    planned = await erased(address, dry=True)
    assert await everything(address) == before, "a dry run changes nothing"
    done = await erased(address)
    assert (done.tickets, done.counts) == (planned.tickets, planned.counts)
    assert done.counts == {
        "assessments": 1, "audit": 1, "errands": 1, "events": 8, "history": 1, "notices": 1, "outbox": 1,
        "quarantine": 1, "ratings": 3, "surveys": 2, "tickets": 2,
    }  # fmt: skip
    after = await everything(address)
    assert [secret for secret in SECRETS if secret.casefold() in after.casefold()] == []
    assert ELSEWHERE in after
    assert "Ann is a common name, Bob." in after
    assert "“no news”" in after
    async with opened(address) as store, store.read() as tx:
        hers = (await events.timelines(tx, CONN, ["1"]))["1"]
        his = (await events.timelines(tx, CONN, ["2"]))["2"]
        (deed, _) = await audit.latest(tx)
        row = (await tickets.load(tx, CONN, ["1"]))["1"].ticket
        ledger = await ratings.listed(tx, conn=CONN)
        asked = await surveys.listed(tx, conn=CONN)
        assert await assessments.due(tx, CONN, at(100), 9) == ["1", "2"], "open ones are judged again"
    assert [one.at for one in hers] == [one.at for one in HERS]
    assert [one.chars for one in hers if isinstance(one, Message)] == [
        len(LEG),
        len(HERS[1].text or ""),
        None,
        len(LEG),
    ]
    assert [one.text for one in hers if isinstance(one, Message)] == [None, None, "", None]
    assert [(e.score, e.comment) for e in hers if isinstance(e, Rating)] == [(1, ERASED), (2, ERASED)]
    assert {one.actor.id for one in hers} == {done.alias, "17"}, "ours keeps the same number"
    assert [one.text for one in his if isinstance(one, Message)] == [
        f"Printer. Please copy in {ERASED}!",
        None,
        "Ann is a common name, Bob.",
    ]
    assert (row.contact, row.summary) == (done.alias, ERASED)
    assert (deed.what, deed.subject, deed.by.why) == ("person erased", done.alias, "")
    assert {(one.key, one.rating.score) for one in ledger} == {
        ("rating:7", 1), ("erased:rating:note:note:9", 2), ("form:1", 1),
    }  # fmt: skip
    assert len({one.about for one in asked}) == 2
    assert (await erased(address)).counts == {}


async def test_nothing_is_left_in_the_file(tmp_path: Path) -> None:
    """Nor in its log, while somebody has it open; nor of values that were replaced long ago."""
    url = f"sqlite:///{tmp_path}/px.db"
    async with opened(url) as daemon:
        await kept(daemon)
        async with daemon.begin() as tx:
            await events.merge(tx, CONN, [("1", replace(HERS[0], text=LEG + " and my arm " * 900))])
        async with daemon.begin() as tx:
            await events.merge(tx, CONN, [("1", HERS[0])])
        whole = on_disk(tmp_path)
        spelt = [json.dumps(secret)[1:-1].encode() for secret in SECRETS]
        assert [one for one in spelt if one not in whole] == []
        assert (await erased(url)).rubbed_out is True
        whole = on_disk(tmp_path)
        assert [one for one in [*spelt, b"my arm"] if one.lower() in whole.lower()] == []


class Killed(BaseException):
    pass


async def test_what_a_killed_erasing_left_in_the_file_is_rubbed_out_by_the_daemon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every row is nameless, so a trial counts nothing, and the words are in the file's free pages."""
    url, file = f"sqlite:///{tmp_path}/px.db", tmp_path / "px.db"

    def killed(_: Path) -> bool:
        raise Killed

    async with opened(url) as store:
        await kept(store)
        with monkeypatch.context() as patch:
            patch.setattr(sqlitefile, "rub_out", killed)
            with pytest.raises(Killed):
                await erased(url)
        assert (await erased(url, dry=True)).counts == {}
        assert LEG.encode() in on_disk(tmp_path)
        assert await finish(store, file, at(100)) is None, "it may still be at work"
        assert LEG.encode() in on_disk(tmp_path)
        with monkeypatch.context() as patch:
            patch.setattr(sqlitefile, "rub_out", lambda _: False)
            assert await finish(store, file, at(101)) is False
        loop, stop = asyncio.get_running_loop(), asyncio.Event()

        def at_last(it: Path) -> bool:
            loop.call_soon_threadsafe(stop.set)
            return rub_out(it)

        monkeypatch.setattr(sqlitefile, "rub_out", at_last)
        async with asyncio.timeout(20):
            await keep_rubbed_out(store, url, lambda: at(161), stop)
        assert [one for one in SECRETS if one.encode() in on_disk(tmp_path)] == []
        assert await finish(store, file, at(999)) is None


async def test_what_was_rubbed_out_is_not_rubbed_out_again(address: str, tmp_path: Path) -> None:
    async with opened(address) as store:
        await kept(store)
        await erased(address)
        async with store.read() as tx:
            assert await marks.left(tx) is None
        async with store.begin() as tx:
            await marks.leave(tx, at(101))
            await marks.rubbed_out(tx, at(100))
            assert await marks.left(tx) == at(101), "of another erasing, begun later"
            assert await marks.known(tx, CONN) is not None


async def test_rubbing_out_that_fails_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url, stop, errors = f"sqlite:///{tmp_path}/px.db", asyncio.Event(), [Unavailable("disk full"), KeyError()]

    def fails(_: Path) -> bool:
        if errors:
            raise errors.pop(0)
        stop.set()
        return True

    monkeypatch.setattr(sqlitefile, "rub_out", fails)
    monkeypatch.setattr(rubbing, "LOOK_EVERY_S", 0.0)
    async with opened(url) as store:
        async with store.begin() as tx:
            await marks.leave(tx, at(1))
        with capture_logs() as logs:
            await keep_rubbed_out(store, url, lambda: at(100), stop)
    told = [(one["event"], one["log_level"]) for one in logs]
    assert told == [
        ("not rubbed out yet", "info"),
        ("rubbing out failed", "error"),
        ("rubbed out what was erased", "info"),
    ]


async def test_an_address_leads_to_the_number_and_names_may_be_given(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/px.db"
    async with opened(address) as store:
        await kept(store)
    by_mail = await erased(address, MAIL.upper(), dry=True)
    assert by_mail.counts == (await erased(address, dry=True)).counts
    stranger = await erased(address, "99", also=["Bob Stone"], dry=True)
    assert (stranger.tickets, stranger.counts) == (0, {"events": 1})


async def test_nobody_is_not_a_person(tmp_path: Path) -> None:
    """`--contact "$ID"` where ID is not set: ratings without a name are nobody's, not everybody's."""
    address = f"sqlite:///{tmp_path}/px.db"
    async with opened(address) as store:
        await kept(store)
        async with store.begin() as tx:
            anonymous = Rating(at=at(1), key="rating:8", actor=Actor("contact"), score=1.0)
            entry = Entry(conn=CONN, key="rating:8", rating=anonymous, ticket_id="1", client="Acme")
            await ratings.keep(tx, [entry])
    before = await everything(address)
    for nobody in ("", "  "):
        with pytest.raises(ConfigError, match="names nobody"):
            await erased(address, nobody)
    assert await everything(address) == before
    assert (await erased(address, " 17 ", dry=True)).counts == (await erased(address, dry=True)).counts


async def test_what_is_told_again_stays_nameless(tmp_path: Path) -> None:
    """Ratings that are sent once more; what the PSA tells again is tried with the daemon."""
    address = f"sqlite:///{tmp_path}/px.db"
    async with opened(address) as store:
        await kept(store)
    await erased(address)
    before = await everything(address)
    async with opened(address) as store, store.begin() as tx:
        eraser = await marks.known(tx, CONN)
        assert eraser is not None
        told = [("1", eraser.event(one, whole=True)) for one in HERS[:4]]
        assert await events.merge(tx, CONN, told) == set(), "also what has no key of its own"
        again = Entry(conn=CONN, key="rating:7", rating=HERS[4], ticket_id="1", client="Acme", contact="17")
        await ratings.keep(tx, [again])
    assert await everything(address) == before


async def test_who_was_erased_is_not_invited_again(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/px.db"
    async with opened(address) as store:
        await kept(store)
    await erased(address)
    async with opened(address) as store, store.begin() as tx:
        asked = await invite(tx, CONN, default_policy(), [MAIL, "bob@acme.example"], at(9), year=2027)
    assert [one.contact for one in asked] == ["bob@acme.example"]


async def test_rows_that_only_her_words_told_apart_become_one(address: str) -> None:
    """Or the command would break off half-way, however often it is given."""
    survey = Survey(conn=CONN, about="", client="Acme", contact="", at=at(2), state="asked", kind="annual")
    async with opened(address) as store, store.begin() as tx:
        await tickets.put(tx, CONN, [stored("1", contact="17")])
        same = [("1", note("", 4, actor=ANN, text=text)) for text in ("aaa", "bbb")]
        await events.merge(tx, CONN, [*same, ("1", note("", 4, actor=ANN, text="longer"))])
        complaints = [f"no such owner: {name}" for name in (ANN.name, ANN.name.upper())]
        await quarantine.put(
            tx, CONN, [Malformed(ticket_id="1", reason=r, body="") for r in complaints], at(1)
        )
        spelt = (MAIL, MAIL.title())
        await surveys.put(tx, [replace(survey, about=f"annual:2026:Acme:{a}", contact=a) for a in spelt])
        told = (HERS[5], replace(HERS[5], key=f"erased:{HERS[5].key}"))
        entry = Entry(conn=CONN, key="", rating=HERS[5], ticket_id="1", client="Acme", contact="17")
        await ratings.keep(tx, [replace(entry, key=one.key, rating=one) for one in told])
    done = await erased(address, also=[MAIL])
    assert (done.counts["events"], done.counts["quarantine"], done.counts["surveys"]) == (3, 2, 2)
    async with opened(address) as store, store.read() as tx:
        facts = (await events.timelines(tx, CONN, ["1"]))["1"]
        assert {one.chars for one in facts if isinstance(one, Message)} == {3, 6}
        assert len(facts) == 2
        assert [one.reason for one in await quarantine.listed(tx)] == [f"no such owner: {ERASED}"]
        assert len(await surveys.listed(tx, conn=CONN)) == 1
        assert len(await ratings.listed(tx, conn=CONN)) == 1
    assert (await erased(address, also=[MAIL])).counts == {}


async def test_what_could_not_be_read_goes_where_it_names_her_number(address: str) -> None:
    """Nobody knows whose ticket it is; that it cannot be read is still shown."""
    bodies = ('{"id": 9, "contact": {"id": 17}, "summary": "my leg"}', '{"id": 8, "contact": {"id": 170}}')
    bad = [Malformed(ticket_id=id, reason="date", body=body) for id, body in zip("98", bodies, strict=True)]
    async with opened(address) as store, store.begin() as tx:
        await quarantine.put(tx, CONN, bad, at(1))
    assert (await erased(address)).counts == {"quarantine": 1}
    async with opened(address) as store, store.begin() as tx:
        assert {one.ticket_id: one.body for one in await quarantine.listed(tx)} == {
            "9": ERASED,
            "8": bodies[1],
        }
        eraser = await marks.known(tx, CONN)
        assert eraser is not None
        told = [Forgetting(eraser, frozenset()).malformed(one).body for one in bad]
    assert told == [ERASED, bodies[1]], "told again"


async def test_a_log_that_somebody_reads_is_told_of(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/px.db"
    async with opened(url) as store:
        await kept(store)
        async with store.read() as tx:
            assert await tickets.known(tx, CONN, ["1"]) == {"1"}
            assert await asyncio.to_thread(rub_out, tmp_path / "px.db", 0.1) is False
        assert await asyncio.to_thread(rub_out, tmp_path / "px.db", 0.1) is True
