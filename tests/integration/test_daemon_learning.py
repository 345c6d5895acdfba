"""The daemon learns stock texts from the tickets it reads, and a person's ruling moves its flags."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from connector.cli import app
from connector.errors import NotFound
from connector.history import rulings
from connector.history.lookup import account
from connector.history.rulings import Word
from connector.settings import load_settings
from connector.store.schema import template_lines
from tests.kit import Office, Tap, client_file, office, write_client

CANNED = (
    "We have looked at the report and it lies outside of what the contract covers. "
    "The vendor of the program can be reached through the portal they gave to you."
)
ANSWER = "I replaced the toner and cleared the queue, please print again."


def strict(o: Office) -> None:
    """For this client a text its author has sent before is no answer."""
    write_client(o.folder, client_file("Acme Dental") | {"response": {"stock_texts": "not_counted"}})


async def answered(o: Office, text: str, by: str = "jreed") -> int:
    """A ticket that got this answer ten minutes after it came, and what the daemon made of it."""
    ticket = o.world.open_ticket("Acme Dental", "Printer down", text="It prints nothing at all.")
    await o.later(minutes=10)
    o.world.post(ticket, by, text)
    await o.poll()
    return ticket


async def story(o: Office, ticket: int) -> list[dict[str, Any]]:
    """The messages of a ticket as `explain` tells them."""
    connector = o.connector
    found = await account(connector.store, connector.rules.book, "main", str(ticket), o.world.now())
    return [line for line in found.as_json()["story"] if line["key"]]


async def rows(o: Office) -> list[tuple[str, ...]]:
    async with o.connector.store.read() as tx:
        found = await tx.execute(
            select(template_lines.c.line, template_lines.c.author, template_lines.c.uses)
        )
        return sorted(tuple(row) for row in found)


def store_of(o: Office) -> str:
    return load_settings(o.folder).store


# ── stock texts ───────────────────────────────────────────────────────────────────────────────


async def test_the_fourth_ticket_with_the_same_text_got_no_answer(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        strict(o)
        await o.start()
        first = [await answered(o, CANNED.replace("report", f"report {n}")) for n in range(3)]
        other = await answered(o, CANNED, by="mbauer")
        last = await answered(o, CANNED.replace("report", "report INC-77"))
        felt = {ticket: o.flags(ticket).get("felt_response") for ticket in (*first, other, last)}
        assert felt == {**dict.fromkeys((*first, other), 10), last: None}
        told = (await story(o, last))[-1]["verdict"]
        assert "not counted (human, boilerplate)" in told
        assert "used on 3 tickets before" in told
        await o.assert_right(*first, other, last)


async def test_reading_everything_again_teaches_nothing_new(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        tickets = [await answered(o, CANNED) for _ in range(3)]
        before = await rows(o)
        assert before
        for ticket in tickets:
            o.world.post(ticket, "contact", "Oh dear, and what now?")
        await o.poll()
        assert await rows(o) == before
        await o.restart()
        assert await rows(o) == before
        assert all(o.flags(ticket)["felt_response"] == 10 for ticket in tickets)


async def test_who_mostly_sends_stock_texts_is_listed_until_somebody_says_who_that_is(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        for number in range(12):
            ticket = o.world.open_ticket("Acme Dental", f"Printer {number}", text="It prints nothing.")
            o.world.advance(timedelta(minutes=1))
            o.world.post(ticket, "jreed", CANNED)
            o.world.post(
                ticket, "mbauer", f"I have put new toner into printer {'x' * (number + 3)}, try again."
            )
        await o.poll()
        author = (await story(o, ticket))[-1]["what"]
        assert "mbauer" in author or "Bauer" in author
        told = await asyncio.to_thread(CliRunner().invoke, app, ["learn", "--config", str(o.folder)])
        assert told.exit_code == 0, told.output
        assert "75% ?" in told.stdout
        assert "Is it a person?" in told.stdout
        people = await people_of(o)
        assert [(one["notes"], one["stock"], one["asks"]) for one in people] == [
            (12, 9, True),
            (12, 0, False),
        ]
        assert people[0]["sample"].startswith("used on 11 tickets before: We have looked at the report")
        word = Word(by="Dana", cause="automated", why="a macro")
        await rulings.on_author(store_of(o), "main", people[0]["author"], word, o.world.now())
        assert [(one["cause"], one["asks"]) for one in await people_of(o)] == [
            ("automated", False),
            ("human", False),
        ]


async def people_of(o: Office) -> list[dict[str, Any]]:
    told = await asyncio.to_thread(CliRunner().invoke, app, ["learn", "--config", str(o.folder), "--json"])
    assert told.exit_code == 0, told.output
    people: list[dict[str, Any]] = json.loads(told.stdout)["main"]["people"]
    return people


# ── rulings ───────────────────────────────────────────────────────────────────────────────────


async def test_an_author_ruled_a_machine_and_back_again(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        mine, other = await answered(o, ANSWER), await answered(o, ANSWER, by="mbauer")
        (message,) = [line for line in await story(o, mine) if "toner" in line["what"]]
        word = Word(by="Dana", cause="automated", why="a macro")
        on = {"connection": None, "ticket": None}
        made = await rulings.on_message(store_of(o), message["key"], word, o.world.now(), **on)
        assert (made.ruling.author, made.sample, made.concerned) == (made.ruling.author, ANSWER, 1)
        await o.poll()
        assert "felt_response" not in o.flags(mine)
        assert o.flags(other)["felt_response"] == 10
        assert (
            "ruled on texts like this by “Dana, 2026-11-20: a macro”" in (await story(o, mine))[-1]["verdict"]
        )

        author = made.ruling.author
        whole = await rulings.on_author(store_of(o), "main", author, word, o.world.now())
        assert not whole.ruling.lines
        await rulings.withdraw(store_of(o), made.number, "Sam", o.world.now())
        await o.poll()
        assert "ruled on this author by" in (await story(o, mine))[-1]["verdict"]
        await rulings.withdraw(store_of(o), whole.number, "Sam", o.world.now())
        await o.poll()
        assert o.flags(mine)["felt_response"] == 10
        assert [one.withdrawn_by for one in await rulings.every(store_of(o))] == ["Sam", "Sam"]


async def test_a_stock_text_is_an_answer_until_somebody_rules_that_it_is_not(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        await o.start()
        tickets = [await answered(o, CANNED) for _ in range(4)]
        assert o.flags(tickets[3])["felt_response"] == 10
        last = (await story(o, tickets[3]))[-1]
        assert "counted (human, boilerplate)" in last["verdict"]
        word = Word(by="Dana", content="boilerplate")
        await rulings.on_message(
            store_of(o), last["key"], word, o.world.now(), connection="main", ticket=str(tickets[3])
        )
        await o.poll()
        assert "felt_response" not in o.flags(tickets[3])


async def test_a_template_ruled_to_be_an_answer_counts_later_too(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        strict(o)
        await o.start()
        tickets = [await answered(o, CANNED) for _ in range(4)]
        assert "felt_response" not in o.flags(tickets[3])
        key = (await story(o, tickets[3]))[-1]["key"]
        word = Word(by="Dana", content="specific")
        await rulings.on_message(
            store_of(o), key, word, o.world.now(), connection="main", ticket=str(tickets[3])
        )
        await o.poll()
        assert o.flags(tickets[3])["felt_response"] == 10
        assert o.flags(await answered(o, "Hi Dana,\n\n" + CANNED))["felt_response"] == 10


async def test_what_cannot_be_ruled_on_is_said(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        await o.start()
        url, now, word = store_of(o), o.world.now(), Word(by="Dana", cause="human")
        with pytest.raises(NotFound, match=r"no message 'note:9' .* shows their keys"):
            await rulings.on_message(url, "note:9", word, now, connection=None, ticket=None)
        with pytest.raises(NotFound, match="no ruling 9 in force"):
            await rulings.withdraw(url, 9, "Dana", now)
    assert rulings.only_connection(None, ["main"]) == "main"
    for named in (None, "third"):
        with pytest.raises(NotFound, match="--connection: main, other"):
            rulings.only_connection(named, ["other", "main"])


async def test_a_key_on_two_tickets_is_asked_about(tmp_path: Path) -> None:
    from connector.model import Message
    from connector.store import events

    async with office(tmp_path) as o:
        await o.start()
        async with o.connector.store.begin() as tx:
            twice = Message(at=o.world.now(), key="note:9", text="Hello there")
            await events.merge(tx, "main", [("1", twice), ("2", twice)])
        url, word = store_of(o), Word(by="Dana", cause="human")
        with pytest.raises(NotFound, match=r"several tickets \(main 1, main 2\)"):
            await rulings.on_message(url, "note:9", word, o.world.now(), connection=None, ticket=None)


# ── the command ───────────────────────────────────────────────────────────────────────────────


async def test_the_command(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        await o.start()
        ticket = await answered(o, ANSWER)
        key = (await story(o, ticket))[-1]["key"]

        notes: list[str] = []

        async def rule(*arguments: str) -> tuple[int, str]:
            given = ["rule", *arguments, "--config", str(o.folder)]
            result = await asyncio.to_thread(CliRunner().invoke, app, given)
            notes.append(result.stderr)
            return result.exit_code, (result.stdout or result.stderr).strip()

        assert await rule("--list") == (0, "no rulings yet")
        code, told = await rule(key, "--content", "boilerplate", "--by", "Dana", "--why", "our macro")
        assert code == 0
        assert told.startswith("ruling 1: texts like “I replaced the toner and cleared the queue")
        assert told.endswith("on main is boilerplate; 1 open ticket is judged again")
        code, told = await rule("--author", "29", "--cause", "automated", "--by", "Dana", "--json")
        made = json.loads(told)
        assert [made[key] for key in ("ruling", "author", "cause", "content", "known")] == [
            2,
            "29",
            "automated",
            None,
            False,
        ]
        assert "note: nobody with the id '29' has done anything yet" in notes[-1]
        assert notes[:-1] == ["", ""]
        assert (await rule("--author", "29", "--cause", "human", "--content", "specific", "--by", "Sam"))[
            1
        ].endswith("all that 29 writes on main is human and specific; 1 open ticket is judged again")
        assert await rule("--withdraw", "2", "--by", "Sam") == (0, "ruling 2 is withdrawn")
        lines = (await rule("--list"))[1].splitlines()
        assert "1  main  “I replaced the toner" in lines[0]
        assert "author 29: automated  (Dana, " in lines[1]
        assert "; withdrawn by Sam, " in lines[1]
        listed = [json.loads(line) for line in (await rule("--list", "--json"))[1].splitlines()]
        assert [one["why"] for one in listed] == ["our macro", "", ""]
        assert (await rule("--withdraw", "2", "--by", "Sam"))[0] == 1
        assert (await rule("--list"))[0] == 0


WRONG = [
    ((), "name a message key, or --author"),
    (("note:1", "--author", "29", "--cause", "human", "--by", "Dana"), "one of them"),
    (("note:1", "--list"), "one of them"),
    (("note:1", "--cause", "human"), "say who rules, with --by NAME"),
    (("note:1", "--cause", "human", "--by", " "), "say who rules"),
    (("note:1", "--by", "Dana"), "say what it is, with --cause or --content"),
    (("--author", " ", "--cause", "human", "--by", "Dana"), "expected an id"),
    (("--withdraw", "1"), "say who rules"),
    (("note:1", "--cause", "robot", "--by", "Dana"), "'human', 'automated'"),
]


@pytest.mark.parametrize(("arguments", "words"), WRONG, ids=[words[:30] for _, words in WRONG])
def test_wrong_usage_ends_with_2(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    result = CliRunner().invoke(app, ["rule", *arguments, "--config", str(tmp_path)])
    assert result.exit_code == 2
    assert words in " ".join(result.output.replace("│", " ").split())
