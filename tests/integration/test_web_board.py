"""The board: worst first, safe whatever a customer wrote, honest about its own age."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from connector.model import BucketClock
from connector.psa.port import Malformed
from connector.store import errands, outbox, quarantine
from connector.store.errands import Errand
from connector.web import words
from connector.web.filters import Filters
from tests.integration.web_kit import NOW, Kit, judged, kit, running, ticket


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Kit]:
    async with kit(tmp_path) as made:
        yield made


@dataclass
class Page(HTMLParser):
    """What a reader of the page gets: its tags, the text of each table row, and its text."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, html: str) -> Page:
        page = cls()
        HTMLParser.__init__(page)
        page.feed(html)
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append("")

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self.rows:
            self.rows[-1] = " ".join(f"{self.rows[-1]} {data}".split())

    def links(self) -> list[str]:
        return [attrs.get("href") or "" for tag, attrs in self.tags if tag == "a"]

    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def tickets(self) -> list[str]:
        """The ids in the order shown."""
        return [id for row in self.rows for id in re.findall(r"Printer (\d+) is on fire", row)]


async def see(web: Kit, address: str = "/") -> Page:
    answer = await web.client.get(address)
    assert answer.status_code == 200
    return Page.of(answer.text)


async def fill(web: Kit) -> None:
    """1: red response; 2: orange update; 3: green response; 4: all met; 5: no policy."""
    one = ticket("1", client="Beta", owner="Tom")
    await web.put(
        (ticket("3"), judged(ticket("3"), response=running("green", 90))),
        (one, judged(one, {"px": "71 % (n 7)", "why": "no human answer"}, response=running("red", -3))),
        (ticket("5"), None),
        (ticket("4"), judged(ticket("4"), response=BucketClock(state="met", done_at=NOW))),
        (ticket("2", owner=""), judged(ticket("2"), update=running("orange", 12))),
        (ticket("6", closed=True), judged(ticket("6"), response=running("red", -60))),
    )


async def test_open_tickets_stand_worst_first_and_unjudged_ones_last(web: Kit) -> None:
    await fill(web)
    page = await see(web)
    assert page.tickets() == ["1", "2", "3", "4", "5"]
    assert "5 open tickets" in page.text()


async def test_a_row_says_all_there_is_to_know(web: Kit) -> None:
    await fill(web)
    page = await see(web)
    row = next(row for row in page.rows if "Printer 1 " in row)
    for said in (
        "Beta",
        "Tom",
        "Service desk",
        "New",
        "red −3 response",
        "13:57 3 min over",
        "71 % (n 7)",
        "no human",
    ):
        assert said in row
    assert "https://psa.example/ticket/1" in page.links()
    opened = [attrs for tag, attrs in page.tags if tag == "a" and attrs.get("href", "").startswith("http")]
    assert all("noopener" in (attrs["rel"] or "") for attrs in opened)
    assert ("time", {"datetime": "2026-11-21T13:57:00Z"}) in page.tags
    assert "no policy matches" in next(row for row in page.rows if "Printer 5 " in row)


async def test_colour_is_never_the_only_sign(web: Kit) -> None:
    await fill(web)
    page = await see(web)
    coloured = [
        attrs for tag, attrs in page.tags if tag == "td" and "red" in (attrs.get("class") or "").split()
    ]
    assert coloured
    row = next(row for row in page.rows if "Printer 1 " in row)
    assert row.count(f"{words.MARKS['red']} red") == 2
    assert len(set(words.MARKS.values())) == 4


async def test_the_matrix_counts_live_clocks_and_links_to_them(web: Kit) -> None:
    await fill(web)
    page = await see(web)
    assert next(row for row in page.rows if row.startswith("response ")) == "response 1 0 0 1"
    assert next(row for row in page.rows if row.startswith("update ")) == "update 0 0 1 0"
    for link in [link for link in page.links() if "zone=" in link]:
        assert len((await see(web, "/" + link)).tickets()) == 1


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("bucket=response&zone=red", ["1"]),
        ("bucket=response", ["1", "3"]),
        ("zone=orange", ["2"]),
        ("client=Acme", ["2", "3", "4", "5"]),
        ("owner=Tom", ["1"]),
        ("owner=-", ["2"]),
        ("group=Service+desk&zone=red", ["1"]),
        ("group=Alerts", []),
        ("connection=main&owner=Tom", ["1"]),
        ("connection=elsewhere", []),
        ("zone=purple", []),
        ("bucket=lunch", []),
        ("bucket=lunch&zone=red", []),
        ("colour=red", ["1", "2", "3", "4", "5"]),
    ],
)
async def test_filters_choose(web: Kit, query: str, shown: list[str]) -> None:
    await fill(web)
    page = await see(web, "/?" + query)
    assert page.tickets() == shown
    if not shown:
        assert "No open ticket matches this filter." in page.text()


async def test_the_matrix_obeys_the_client_but_not_the_zone(web: Kit) -> None:
    await fill(web)
    page = await see(web, "/?client=Acme&bucket=response&zone=green")
    assert page.tickets() == ["3"]
    assert next(row for row in page.rows if row.startswith("response ")) == "response 1 0 0 0"
    assert next(row for row in page.rows if row.startswith("update ")) == "update 0 0 1 0"


@given(
    st.builds(
        Filters,
        connection=st.text(max_size=30),
        client=st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
        zone=st.sampled_from(["", "red"]),
    )
)
def test_a_link_leads_to_the_filters_it_was_made_from(filters: Filters) -> None:
    assert Filters.of(dict(parse_qsl(filters.link().removeprefix("?")))) == filters


NASTY = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


async def test_whatever_a_customer_wrote_stays_text(web: Kit) -> None:
    evil = ticket("1", summary=NASTY, client=NASTY, owner=NASTY, status=NASTY, group=NASTY, priority=NASTY)
    await web.put((evil, judged(evil, {"why": NASTY, "px": NASTY}, response=running())))
    web.health.config_errors = (NASTY,)
    web.health.connections["main"].detail = NASTY
    web.health.connections["main"].notes = (NASTY,)
    web.health.connections["main"].held = web.health.connections["main"].waived = NASTY
    for path in ("/", "/wallboard"):
        plain = await see(web, path + "?client=Nobody")
        page = await see(web, path + "?owner=" + NASTY.replace(" ", "+"))
        for tag in ("script", "img"):
            assert [name for name, _ in page.tags].count(tag) == [name for name, _ in plain.tags].count(tag)
        assert NASTY in page.text()


async def test_nothing_inline_so_the_content_policy_can_forbid_it(web: Kit) -> None:
    await fill(web)
    answer = await web.client.get("/")
    page = Page.of(answer.text)
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    assert not [
        attrs for _, attrs in page.tags if any(name == "style" or name.startswith("on") for name in attrs)
    ]
    scripts = [attrs for tag, attrs in page.tags if tag == "script"]
    assert scripts == [{"src": "static/board.js", "defer": None}]
    assert "style" not in [tag for tag, _ in page.tags]


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "//evil.example/x", "http://[", "https:", ""],
)
async def test_only_web_addresses_become_links(web: Kit, url: str) -> None:
    one = ticket("1", url=url)
    await web.put((one, judged(one, response=running())))
    page = await see(web)
    assert page.tickets() == ["1"]
    assert url not in [link for link in page.links() if url]


async def test_what_does_not_fit_is_on_the_next_page(web: Kit) -> None:
    made = [ticket(str(n)) for n in range(212)]
    await web.put(*((one, judged(one, response=running())) for one in made))
    seen: list[str] = []
    address, pages = "/?client=Acme&sort=-ticket", 0
    while address:
        page = await see(web, address)
        pages += 1
        seen += page.tickets()
        assert "212 open tickets client: Acme" in page.text()
        assert f"page {pages} of 3" in page.text()
        on = [attrs["href"] for tag, attrs in page.tags if tag == "a" and attrs.get("rel") == "next"]
        address = f"/{on[0]}" if on else ""
    assert seen == [str(n) for n in reversed(range(212))]
    beyond = await see(web, "/?page=99999999999999999999")
    assert "page 3 of 3" in beyond.text()
    assert len(beyond.tickets()) == 12


@pytest.mark.parametrize(("asked", "number"), [("", 1), ("2", 2), ("0", 1), ("-3", 1), ("²", 1), ("x", 1)])
def test_what_is_no_page_is_the_first(asked: str, number: int) -> None:
    assert Filters(page=asked).number == number


async def test_headings_sort_and_sort_back(web: Kit) -> None:
    await fill(web)
    assert (await see(web, "/" + Filters(client="Acme").sorted_by("left"))).tickets() == ["2", "3", "4", "5"]
    page = await see(web, "/?sort=-left")
    assert page.tickets() == ["3", "2", "1", "4", "5"]
    headings = [attrs.get("aria-sort") for tag, attrs in page.tags if tag == "th" and "aria-sort" in attrs]
    assert headings == ["descending"]
    assert "?sort=left" in page.links()
    assert "most in danger first" in page.text()


async def test_the_wallboard_shows_the_worst_and_how_many_more(web: Kit) -> None:
    await fill(web)
    made = [ticket(str(n)) for n in range(100, 150)]
    await web.put(*((one, judged(one, response=running())) for one in made))
    page = await see(web, "/wallboard?sort=client")
    assert page.tickets()[:2] == ["1", "2"]
    assert len(page.tickets()) == 40
    assert "15 more, none of them in more danger than these." in page.text()
    assert "Beta 1 Printer 1 is on fire Tom New" in page.rows[7]
    assert next(row for row in page.rows if row.startswith("response ")) == "response 1 0 0 51"
    assert (await see(web, "/wallboard?client=Beta")).tickets() == ["1"]


async def test_the_strip_tells_how_each_connection_does(web: Kit) -> None:
    north = web.health.add("north", "fake", NOW)
    north.state, north.detail, north.last_turn = (
        "degraded",
        "no answer within 20 s",
        NOW - timedelta(minutes=42),
    )
    south = web.health.add("south", "fake", NOW)
    south.state, south.detail = "stopped", "credentials refused"
    web.health.config_errors = ("clients/acme.yaml:14:9: expected a duration",)
    south.held, south.watches, south.waived = "no canary has been tried yet", True, "the sandbox"
    text = (await see(web)).text()
    assert "Configuration: no canary has been tried yet" in text
    assert "only watches" in text
    assert "writes without a canary: the sandbox" in text
    assert "ok · last turn 12 s ago" in text
    assert "degraded · back-filling · last turn 42 min ago" in text
    assert "no answer within 20 s" in text
    assert "credentials refused" in text
    assert "clients/acme.yaml:14:9: expected a duration" in text
    assert "north: this is old. The last look at the PSA was 42 min ago." in text
    assert "south: this is old. The PSA has not been looked at yet." in text
    assert "main: this is old" not in text


async def test_without_tickets_or_connections_the_board_says_so(web: Kit) -> None:
    web.health.connections.clear()
    text = (await see(web)).text()
    assert "No connection is set up." in text
    assert "No open ticket." in text


async def test_it_works_without_a_script_and_is_fetched_by_part_with_one(web: Kit) -> None:
    await fill(web)
    whole = await web.client.get("/?owner=Tom")
    assert '<noscript><meta http-equiv="refresh" content="30"></noscript>' in whole.text
    part = await web.client.get("/board/fragment?owner=Tom")
    assert part.text.strip() in whole.text
    assert "<html" not in part.text
    assert part.headers["cache-control"] == "no-store"
    for file in ("board.js", "board.css", "wall.js", "wall.css", "icon.svg"):
        assert (await web.client.get(f"/static/{file}")).status_code == 200


async def test_a_store_that_fails_leaves_the_strip_and_says_so(web: Kit) -> None:
    await fill(web)
    await web.break_store()
    with capture_logs() as logs:
        answers = [await web.client.get("/") for _ in range(3)]
    assert {answer.status_code for answer in answers} == {503}
    assert "The store does not answer" in answers[0].text
    assert "ok" in Page.of(answers[0].text).text()
    assert [entry["event"] for entry in logs] == ["board not read"]


async def test_dead_letters_are_counted_and_listed(web: Kit) -> None:
    await fill(web)
    async with web.store.begin() as tx:
        await outbox.owe(tx, "main", "1", {"zone": "red"}, "response missed", NOW - timedelta(hours=3))
        await outbox.bury(tx, "main", "1", error=f"no such field {NASTY}")
        await outbox.owe(tx, "main", "2", {"zone": "orange"}, "late", NOW)
    assert {"1 owed", "1 dead", "1 dead letter"} <= {w.strip(" ·\n") for w in (await see(web)).words}
    page = await see(web, "/outbox")
    assert [row for row in page.rows[1:] if "no such field" in row and "zone = red" in row and "11:00" in row]
    assert len(page.rows) == 2
    assert "https://psa.example/ticket/1" in page.links()
    assert "script" not in [tag for tag, _ in page.tags]


async def test_the_quarantine_is_counted_and_listed(web: Kit) -> None:
    items = [
        Malformed(ticket_id="77", reason="no date", body=NASTY),
        Malformed(ticket_id="", reason="page 3 is not a list", body="{}"),
    ]
    async with web.store.begin() as tx:
        await quarantine.put(tx, "main", items, NOW - timedelta(days=3))
        await quarantine.put(tx, "main", items[:1], NOW)
    assert "2 in quarantine" in (await see(web)).text()
    page = await see(web, "/quarantine")
    assert "main 77 no date" in page.rows[1]
    assert "18 Nov 14:00 14:00 2" in page.rows[1]
    assert "main unknown page 3 is not a list" in page.rows[2]
    assert "script" not in [tag for tag, _ in page.tags]


async def test_empty_lists_say_so(web: Kit) -> None:
    assert "Nothing was refused." in (await see(web, "/outbox")).text()
    assert "Nothing is in quarantine." in (await see(web, "/quarantine")).text()


async def test_tickets_and_notes_the_psa_refused_are_listed_with_what_to_do(web: Kit) -> None:
    common = {"conn": "main", "kind": "ticket", "client": "Acme", "text": "", "since": NOW}
    async with web.store.begin() as tx:
        await errands.owe(tx, [Errand(mark=f"px-{n}", summary=f"Review {NASTY}", **common) for n in (1, 2)])
        await errands.bury(tx, "main", "px-1", error=f"no such board {NASTY}")
    assert {"1 owed", "1 dead", "1 dead letter"} <= {w.strip(" ·\n") for w in (await see(web)).words}
    page = await see(web, "/outbox")
    assert "Review " + NASTY in page.text()
    assert "no such board " + NASTY in page.text()
    assert "px-connector plan retry" in page.text()
    assert "The PSA refused nothing." not in page.text()
    assert "script" not in [tag for tag, _ in page.tags]


@pytest.mark.parametrize("path", ["/outbox", "/quarantine"])
async def test_a_list_without_a_store_is_503(web: Kit, path: str) -> None:
    await web.break_store()
    with capture_logs() as logs:
        answer = await web.client.get(path)
    assert (answer.status_code, answer.text) == (503, "The store does not answer. The log says why.\n")
    assert logs[0]["path"] == path


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (89, "89 s"),
        (90, "1 min"),
        (5399, "89 min"),
        (5400, "1 h"),
        (172799, "47 h"),
        (172800, "2 d"),
    ],
)
def test_spans_keep_two_digits(seconds: int, said: str) -> None:
    assert words.span(timedelta(seconds=seconds)) == said


def test_a_time_of_another_day_names_the_day() -> None:
    assert words.short(NOW + timedelta(days=1), NOW) == "22 Nov 14:00"
    assert words.short(NOW + timedelta(days=365), NOW) == "21 Nov 2027 14:00"
    assert words.until(NOW + timedelta(minutes=42), NOW) == "in 42 min"
    assert words.ago(NOW + timedelta(seconds=5), NOW) == "now"
