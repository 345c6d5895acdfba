"""A pretend MSP where everything is called by hostile words, and a reader that knows when they act.

The words are put into every field that the simulators have, at three PSAs at once, and the whole connector
runs on them.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from connector.app import Connector
from connector.cli.demo.desks import DESKS, Site, write_config
from connector.cli.demo.play import caught_up
from connector.psa.port import Malformed
from connector.rules.surveylinks import Links
from connector.settings import load_settings
from connector.simulator import Simulator, make_world, people
from connector.simulator.autotask import names as autotask
from connector.simulator.halo import tables as halo
from connector.store import outbox, quarantine, surveys
from tests.integration.test_web_operations import untold
from tests.kit import FRIDAY, client_file, free_port, write_client

MARK = "px6h"
KINDS = {
    "tag": f"<script>{MARK}()</script>",
    "attribute": f"\"'><img src=x onerror={MARK}()>",
    "address": f"javascript:{MARK}()",
    "drawing": f"</text></svg><svg onload={MARK}()>",
    "braces": f"{{{{ 61*67 }}}}{{% print(61*67) %}}${{61*67}} {MARK}",
    "formula": f'=HYPERLINK("https://evil.example/?{MARK}";"{MARK}")',
}
WORKED_OUT = str(61 * 67)
ALL = " ".join(KINDS.values())
KEY = "a long and random key of the survey"


# ── a page is read as a browser would ─────────────────────────────────────────────────────────


@dataclass
class Reader(HTMLParser):
    """What of a page is text, where it leads, and everything in it that might act."""

    faults: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    frames: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    inside: str = ""

    @classmethod
    def of(cls, html: str) -> Reader:
        page = cls()
        HTMLParser.__init__(page)
        page.feed(html)
        page.close()
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag if tag in ("script", "style") else ""
        for name, value in attrs:
            self._attribute(tag, name, value or "")
        if MARK in tag or tag in ("img", "object", "embed", "base"):
            self.faults.append(f"<{tag}>")
        self.frames += [value or "" for name, value in attrs if (tag, name) == ("iframe", "src")]

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if MARK in name or name.startswith("on") or name in ("style", "srcdoc"):
            self.faults.append(f"<{tag} {name}={value}>")
        if name in ("href", "src", "action", "formaction", "xlink:href"):
            self.links.append(value)
            if urlsplit("".join(value.split())).scheme not in ("", "http", "https"):
                self.faults.append(f"<{tag} {name}={value}>")

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside and data.strip():
            self.faults.append(f"<{self.inside}>{data}")
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        if MARK in data:
            self.faults.append(f"<!--{data}")

    def text(self) -> str:
        return " ".join("".join(self.words).split())


def judge(where: str, answer: httpx.Response) -> Reader:
    """What holds of every answer. Returns it as read, empty where it is no HTML."""
    policy = answer.headers.get("content-security-policy", "")
    assert policy.startswith("default-src 'self'; ") or policy.startswith("default-src 'none'; "), where
    assert "unsafe" not in policy, where
    assert answer.headers["x-content-type-options"] == "nosniff", where
    if not answer.headers.get("content-type", "").startswith("text/html"):
        return Reader.of("")
    page = Reader.of(answer.text)
    assert page.faults == [], where
    assert WORKED_OUT not in answer.text, where
    return page


# ── a desk where everything is called so ──────────────────────────────────────────────────────


@contextmanager
def hostile_desks() -> Iterator[None]:
    """What is the same at every desk gets all hostile names at once: board, status, priority, people."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "environ", os.environ | {"SURVEY_KEY": KEY, "PX_SURVEY__KEY__ENV": "SURVEY_KEY"})
        board, *boards = people.BOARDS
        statuses = tuple(
            replace(one, name=ALL) if one.name == "In Progress" else one for one in board.statuses
        )
        patch.setattr(people, "BOARDS", (replace(board, name=ALL, statuses=statuses), *boards))
        patch.setattr(people, "PRIORITIES", (replace(people.PRIORITIES[0], name=ALL), *people.PRIORITIES[1:]))
        named = [replace(one, first=ALL, last=ALL) if one.kind == "person" else one for one in people.MEMBERS]
        patch.setattr(people, "MEMBERS", (*named, replace(named[3], id=190, identifier=ALL)))
        patch.setattr(people, "FIRST_NAMES", tuple(KINDS.values()))
        patch.setattr(people, "LAST_NAMES", (ALL,))
        patch.setitem(people.TYPES, 1, ALL)
        patch.setitem(autotask.TYPES, ALL, 2)
        patch.delitem(autotask.STATUSES, "In Progress")
        patch.setitem(autotask.STATUSES, ALL, 8)
        served = [(2, ALL, ALL) if row[0] == 2 else row for row in halo.STATUSES]
        patch.setattr(halo, "STATUSES", tuple(served))
        patch.setitem(halo.STATUS_IDS, ALL, 2)
        patch.setitem(halo.WORLD_STATUS, 2, ALL)
        patch.setitem(halo.TEAMS, ALL, halo.TEAMS[board.name])
        patch.setitem(halo.TYPES, 21, ALL)
        yield


def client_of(desk: str, kind: str) -> str:
    return f"{KINDS[kind]} {desk}"


def happen(site: Site) -> dict[str, int]:
    """A ticket of each kind, whatever can be said on it said in those words. Returns their numbers."""
    world, made = site.world, {}
    for kind, word in KINDS.items():
        client = client_of(site.desk.name, kind)
        number = made[kind] = world.open_ticket(
            client, word, text=word, priority=ALL, board=ALL, type=ALL, by="contact"
        )
        world.advance(timedelta(minutes=3))
        world.post(number, people.TEMPLATE, word)
        world.new_posts[-1].created_by = word
        if kind == "tag":  # nobody known answers
            continue
        world.assign(number, "jreed", "dmoore")
        world.post(number, "workflow", word)
        world.post(number, "jreed", f"I'll call you by 4 pm {word}")
        world.log_time(number, "jreed", 2, word, internal=word)
        world.post(number, "contact", word)
        world.set_field(number, "Change Approval", word, "jreed")
        world.set_field(number, "PX Why", word, "jreed")
        world.set_status(number, "Resolved", ALL)
        if kind != "attribute":  # of that one we ask ourselves
            world.rate(number, 1, word)
            world.set_status(number, ALL, ALL)
    return made


@dataclass
class House:
    """`tickets`: by desk and kind."""

    connector: Connector
    sites: Sequence[Site]
    tickets: Mapping[str, Mapping[str, int]]
    http: httpx.AsyncClient
    tokens: Sequence[str]


@asynccontextmanager
async def hostile_house(folder: Path) -> AsyncIterator[House]:
    """One connector on the three PSAs, and on each a ticket of every kind."""
    async with AsyncExitStack() as stack:
        sites = []
        for place, desk in enumerate(DESKS):
            clients = [client_of(desk.name, kind) for kind in KINDS]
            world = make_world(seed=7 + place, tickets=0, start=FRIDAY, clients=clients)
            world.set_time(FRIDAY)
            sites.append(
                Site(desk, world, await stack.enter_async_context(Simulator(world, vendor=desk.vendor)), ())
            )
        tickets = {site.desk.name: happen(site) for site in sites}
        port = free_port()
        write_config(folder, sites, port)
        for file in (folder / "clients").iterdir():
            file.unlink()
        for site in sites:
            for kind in KINDS:
                more: dict[str, Any] = {"survey": {"ask": True}, "response": {"machines": []}}
                rules = client_file(client_of(site.desk.name, kind), site.desk.name, **more)
                write_client(folder, rules, f"{site.desk.name}-{kind}")
        os.environ["PX_SURVEY__URL"] = f"http://127.0.0.1:{port}"
        connector = await Connector.build(load_settings(folder), folder, now=sites[0].world.now)
        work = asyncio.create_task(connector.serve())
        try:
            await caught_up(connector, sites, work)
            http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", follow_redirects=True)
            async with http:
                yield House(connector, sites, tickets, http, await stuck(connector, tickets))
        finally:
            connector.stop()
            await work


async def stuck(connector: Connector, tickets: Mapping[str, Mapping[str, int]]) -> list[str]:
    """What the PSA refused and nobody could read, in the same words. Returns the surveys' links."""
    now, word = connector.supervisor.connections["london"].now(), ALL
    number = str(tickets["london"]["tag"])
    async with connector.store.begin() as tx:
        await outbox.owe(tx, "london", number, {"why": word}, word, now)
        await outbox.bury(tx, "london", number, error=word)
        await quarantine.put(tx, "london", [Malformed(ticket_id=number, reason=word, body=word)], now)
        await untold(tx, word)
        asked = await surveys.listed(tx)
    connector.health.connections["london"].notes = (word,)
    connector.health.config_errors = (word,)
    links = Links(base="", key=KEY.encode())
    return [links.link(one.link, one.expires_at).removeprefix("/s/") for one in asked if one.expires_at]
