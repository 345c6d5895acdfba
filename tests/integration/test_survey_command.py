"""`survey list` and `survey annual` as a desk uses them; mail goes to a real, small SMTP server."""

from __future__ import annotations

import asyncio
import csv
import email
import io
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import policy as mail_policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from connector.cli import app
from connector.clients import load_clients
from connector.history.annual import invite
from connector.rules.surveylinks import opened
from connector.store import surveys
from connector.store.store import Store
from connector.store.surveys import Survey
from tests.kit import client_file, write_client

KEY = "a long and random key of the survey"
LIST = "Name,E-Mail\nAnn,Ann@Acme.example\nBen,ben@acme.example\n"
Ask = Callable[..., Result]


class PostOffice:
    """An SMTP server in a thread of its own: takes mail, but not for `refused`."""

    def __init__(self, *, login: tuple[str, str] | None = None) -> None:
        self.taken: list[EmailMessage] = []
        self.to: list[str] = []
        self.refused: set[str] = set()
        self.hangs_up_after = 1_000_000
        self.login = login
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run)
        self.port = 0

    def __enter__(self) -> PostOffice:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join(10)

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._closing = asyncio.Event()
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._closing.wait()
        server.close()
        await server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(text: str) -> None:
            writer.write(text.encode() + b"\r\n")
            await writer.drain()

        await say("220 here")
        known = self.login is None
        while line := (await reader.readline()).decode().strip():
            verb = line.split(" ")[0].upper()
            if verb == "EHLO":
                await say("250-here\r\n250-AUTH PLAIN\r\n250 8BITMIME")
            elif verb == "AUTH":
                import base64

                said = tuple(base64.b64decode(line.split()[2]).decode().split("\0")[1:])
                known = said == self.login
                await say("235 welcome" if known else "535 no")
            elif verb == "MAIL" and (not known or len(self.taken) >= self.hangs_up_after):
                await say("530 who are you" if not known else "421 gone")
                break
            elif verb == "RCPT":
                to = line.partition("<")[2].partition(">")[0]
                await say("550 nobody of that name" if to in self.refused else "250 ok")
                self.to.append(to)
            elif verb == "DATA":
                await say("354 go on")
                raw = (await reader.readuntil(b"\r\n.\r\n"))[:-3].replace(b"\r\n..", b"\r\n.")
                self.taken.append(email.message_from_bytes(raw, policy=mail_policy.default))
                await say("250 taken")
            elif verb == "QUIT":
                await say("221 bye")
                break
            else:
                await say("250 ok")
        writer.close()


@pytest.fixture
def post() -> Iterator[PostOffice]:
    with PostOffice() as office:
        yield office


def settings(folder: Path, **more: Any) -> None:
    keys = {key: {"env": "KEY"} for key in ("public_key", "private_key", "client_id")}
    main = {"vendor": "connectwise", "site": "psa.example.com", "company": "acme", **keys}
    whole = {"store": "sqlite:///px.db", "connections": {"main": main}, **more}
    (folder / "connector.yaml").write_text(yaml.safe_dump(whole), encoding="utf-8")


SURVEY = {"survey": {"key": {"env": "KEY"}, "url": "https://px.example.com"}}


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    settings(tmp_path, **SURVEY)
    write_client(tmp_path, client_file("Acme Dental", px={"own": ["desk.example"]}))

    def ask(*words: str) -> Result:
        runner = CliRunner(env={"COLUMNS": "250", "NO_COLOR": "1", "KEY": KEY})
        return runner.invoke(app, ["survey", *words, "--config", str(tmp_path)])

    return ask


def contacts(folder: Path, text: str = LIST) -> str:
    file = folder / "staff.csv"
    file.write_text(text, encoding="utf-8")
    return str(file)


def mail(folder: Path, post: PostOffice, **more: Any) -> None:
    part = {"host": "127.0.0.1", "port": post.port, "tls": "none", "from": "Desk <desk@desk.example>", **more}
    settings(folder, mail=part, **SURVEY)


def listed(ask: Ask, *words: str) -> list[dict[str, Any]]:
    done = ask("list", *words, "--json")
    assert done.exit_code == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def links(done: Result) -> dict[str, str]:
    return {row["email"]: row["link"] for row in csv.DictReader(io.StringIO(done.stdout))}


def test_one_link_a_contact_and_year_however_often(ask: Ask, tmp_path: Path) -> None:
    done = ask("annual", "acme dental", contacts(tmp_path), "--year", "2026")
    assert done.exit_code == 0, done.stderr
    first = links(done)
    assert list(first) == ["ann@acme.example", "ben@acme.example"]
    assert len(set(first.values())) == 2
    assert all(link.startswith("https://px.example.com/s/") for link in first.values())
    assert "2 contacts, 2 open, 0 answered" in done.stderr
    more = contacts(tmp_path, LIST + "Ben again,BEN@acme.example\nCarla,carla@acme.example\n")
    again = links(ask("annual", "Acme Dental", more, "--year", "2026"))
    assert {who: again[who] for who in first} == first
    assert list(again) == [*first, "carla@acme.example"]
    next_year = links(ask("annual", "Acme Dental", more, "--year", "2027"))
    assert not set(next_year.values()) & set(again.values())
    assert [row["link"] for row in listed(ask) if row["contact"] == "ann@acme.example"] != [None, None]


def test_a_dry_run_leaves_nothing_and_a_file_is_ours_alone(ask: Ask, tmp_path: Path) -> None:
    done = ask("annual", "Acme Dental", contacts(tmp_path), "--dry-run")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "2 would be open" in done.stderr
    assert listed(ask) == []
    file = tmp_path / "links.csv"
    done = ask("annual", "Acme Dental", contacts(tmp_path), "--out", str(file), "--json")
    told = json.loads(done.stdout)
    assert (told["contacts"], told["open"], told["mailed"]) == (2, 2, 0)
    assert file.read_text().splitlines()[0] == "email,link"
    assert file.stat().st_mode & 0o077 == 0
    assert set(told["links"]) == {"ann@acme.example", "ben@acme.example"}


def test_the_desks_own_and_what_is_no_address_are_left_out_and_said(ask: Ask, tmp_path: Path) -> None:
    odd = 'Name,email\n,jo@desk.example\n,"=1+1@x.example"\n,nobody\nMia,\n,ann@acme.example\n\n,a@b@c.de\n'
    done = ask("annual", "Acme Dental", contacts(tmp_path, odd))
    assert done.exit_code == 1
    assert list(links(done)) == ["ann@acme.example"]
    assert "1 of the desk left out" in done.stderr
    assert "row 3: '=1+1@x.example' is no mail address" in done.stderr
    assert "row 5: no mail address" in done.stderr
    (row,) = listed(ask, "--skipped")
    assert (row["contact"], row["why"], row["link"]) == ("jo@desk.example", "of the desk", None)
    assert "of the desk" in ask("list", "--skipped").stdout


@pytest.mark.parametrize(
    ("words", "text", "said"),
    [
        (["Acme"], LIST, "no client's file is of 'Acme'; there are: Acme Dental"),
        (["Acme Dental"], "Name,Phone\nAnn,1\n", "has no column 'email'; it has: name, phone"),
        (["Acme Dental"], "", "has no column 'email'; it has: nothing"),
        (["Acme Dental", "--send"], LIST, "mail: name a mail server before --send"),
    ],
)
def test_what_keeps_it_from_working_is_said(
    ask: Ask, tmp_path: Path, words: list[str], text: str, said: str
) -> None:
    done = ask("annual", words[0], contacts(tmp_path, text), *words[1:])
    assert done.exit_code == 1
    assert said in done.stderr
    assert listed(ask) == []


def test_without_a_key_there_are_no_links(ask: Ask, tmp_path: Path) -> None:
    settings(tmp_path)
    done = ask("annual", "Acme Dental", contacts(tmp_path))
    assert (done.exit_code, "survey: name a key" in done.stderr) == (1, True)
    assert listed(ask) == []


def test_mail_is_sent_once_to_each_and_only_when_asked(ask: Ask, tmp_path: Path, post: PostOffice) -> None:
    mail(tmp_path, post)
    made = links(ask("annual", "Acme Dental", contacts(tmp_path)))
    ask("annual", "Acme Dental", contacts(tmp_path), "--send", "--dry-run")
    assert post.taken == []
    done = ask("annual", "Acme Dental", contacts(tmp_path), "--send")
    assert (done.exit_code, done.stdout) == (0, ""), done.stderr
    assert "2 mailed" in done.stderr
    assert post.to == list(made)
    for message, (who, link) in zip(post.taken, made.items(), strict=True):
        assert (message["To"], message["From"]) == (who, "Desk <desk@desk.example>")
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["Message-ID"].endswith("@desk.example>")
        text = message.get_content()
        assert [f"{link}?score={n}" in text for n in (1, 2, 3, 4, 5, 6)] == [True] * 5 + [False]
        assert "Acme Dental" in text
    again = ask("annual", "Acme Dental", contacts(tmp_path), "--send")
    assert "0 mailed" in again.stderr
    assert len(post.taken) == 2


def test_a_refused_address_keeps_no_other_from_its_mail(ask: Ask, tmp_path: Path, post: PostOffice) -> None:
    mail(tmp_path, post)
    post.refused.add("ann@acme.example")
    done = ask("annual", "Acme Dental", contacts(tmp_path), "--send", "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["mailed"], len(post.taken)) == (1, 1, 1)
    (failed,) = told["failed"]
    assert failed["contact"] == "ann@acme.example"
    assert "nobody of that name" in failed["error"]
    post.refused.clear()
    assert "1 mailed" in ask("annual", "Acme Dental", contacts(tmp_path), "--send").stderr
    assert [message["To"] for message in post.taken] == ["ben@acme.example", "ann@acme.example"]


def test_a_server_that_goes_away_leaves_the_rest_for_the_next_time(
    ask: Ask, tmp_path: Path, post: PostOffice
) -> None:
    mail(tmp_path, post)
    post.hangs_up_after = 1
    done = ask("annual", "Acme Dental", contacts(tmp_path), "--send")
    assert done.exit_code == 1
    post.hangs_up_after = 99
    ask("annual", "Acme Dental", contacts(tmp_path), "--send")
    assert [message["To"] for message in post.taken] == ["ann@acme.example", "ben@acme.example"]


def test_a_wrong_login_is_said_without_the_password(ask: Ask, tmp_path: Path) -> None:
    with PostOffice(login=("desk", KEY)) as post:
        mail(tmp_path, post, user="desk", password={"env": "KEY"})
        assert ask("annual", "Acme Dental", contacts(tmp_path), "--send").exit_code == 0
        assert len(post.taken) == 2
        post.login = ("desk", "another")
        more = contacts(tmp_path, LIST + ",carla@acme.example\n")
        done = ask("annual", "Acme Dental", more, "--send")
        assert "refuses the login of desk" in done.stderr
        assert KEY not in done.stderr + done.stdout


def test_nothing_goes_in_the_clear_when_the_server_offers_no_tls(
    ask: Ask, tmp_path: Path, post: PostOffice
) -> None:
    mail(tmp_path, post, tls="starttls")
    done = ask("annual", "Acme Dental", contacts(tmp_path), "--send")
    assert (done.exit_code, post.taken, post.to) == (1, [], [])
    assert "cannot be used" in done.stderr


def test_a_server_that_is_not_there_is_said(ask: Ask, tmp_path: Path) -> None:
    with PostOffice() as post:
        mail(tmp_path, post)
    done = ask("annual", "Acme Dental", contacts(tmp_path), "--send")
    assert f"mail server 127.0.0.1:{post.port} cannot be used" in done.stderr


async def test_a_link_that_ran_out_unanswered_is_renewed_and_an_answered_one_is_not(tmp_path: Path) -> None:
    write_client(tmp_path, client_file("Acme Dental"))
    (policy,) = load_clients(tmp_path).policies
    now = datetime(2026, 1, 5, 9, tzinfo=UTC)
    store = await Store.open(f"sqlite:///{tmp_path}/px.db")
    try:
        async with store.begin() as tx:

            async def again(days: int) -> list[Survey]:
                return await invite(
                    tx, "main", policy, ["a@x.de", "b@x.de"], now + timedelta(days=days), year=2026
                )

            first = await again(0)
            await surveys.answer(tx, first[0].link, 4, now)
            assert (await again(13))[1] == first[1]
            later = await again(14)
            assert [one.state for one in later] == ["answered", "asked"]
            assert later[1].link == first[1].link
            assert later[1].expires_at == now + timedelta(days=28)
    finally:
        await store.close()


def test_check_says_that_nobody_is_asked(tmp_path: Path) -> None:
    settings(tmp_path)
    write_client(tmp_path, client_file("Acme Dental", survey={"ask": True}))
    runner = CliRunner(env={"COLUMNS": "250", "NO_COLOR": "1", "KEY": KEY})
    done = runner.invoke(app, ["check", "--config", str(tmp_path)])
    assert "survey.ask: nobody is asked, for connector.yaml has no `survey`" in done.stderr
    settings(tmp_path, **SURVEY)
    done = runner.invoke(app, ["check", "--config", str(tmp_path)])
    assert "survey" not in done.stderr
    short = runner.invoke(app, ["check", "--config", str(tmp_path)], env={"KEY": "short"})
    assert "environment variable KEY is too short: expected 16 characters or more" in short.stderr


def test_a_listed_link_opens_with_the_key(ask: Ask, tmp_path: Path) -> None:
    ask("annual", "Acme Dental", contacts(tmp_path))
    for row in listed(ask):
        assert opened(row["link"].rpartition("/")[2], KEY.encode()) is not None
