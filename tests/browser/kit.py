"""A real browser on a real daemon: what a person would meet on each page, and how it is judged.

The daemon runs on three pretend PSAs, its day is played once for all tests of a worker. Everything lives on
one event loop, so a test changes something at a desk and looks at the page in the next line.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from connector.app import Connector
from connector.cli.demo.desks import DESKS, Site, open_site, write_config
from connector.cli.demo.play import caught_up
from connector.settings import load_settings
from tests.kit import free_port

Size = Literal["desktop", "television", "phone"]
Scheme = Literal["light", "dark"]
SIZES: dict[Size, tuple[int, int]] = {"desktop": (1280, 800), "television": (1920, 1080), "phone": (390, 844)}
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
LOOKS: list[tuple[Size, Scheme]] = [(size, scheme) for size in SIZES for scheme in SCHEMES]
"""Every size in light and dark: `@pytest.mark.parametrize(("size", "scheme"), LOOKS)`."""

BROWSER = os.environ.get("PX_BROWSER") or shutil.which("chromium") or shutil.which("google-chrome")
"""Path of the browser; None: these tests are not collected."""

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "img"
START = datetime(2026, 11, 20, 7, 55, tzinfo=UTC)
AFTERNOON = datetime(2026, 11, 20, 14, 20, tzinfo=UTC)
"""When the day is stopped: every zone is on the board, and a red one with an owner."""

_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
]


@asynccontextmanager
async def browser_running() -> AsyncIterator[Browser]:
    """One Chromium; pages opened in it share nothing with each other."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=BROWSER, args=_FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


@dataclass
class House:
    """Three desks, one daemon. `url` is the board's address, ending in a slash."""

    connector: Connector
    sites: Sequence[Site]
    url: str

    def site(self, name: str) -> Site:
        """The desk `london` (ConnectWise), `berlin` (Autotask) or `leeds` (HaloPSA)."""
        return next(site for site in self.sites if site.desk.name == name)

    def now(self) -> datetime:
        return self.sites[0].world.now()

    async def at(self, instant: datetime) -> None:
        """It is now `instant` at every desk, and each has been looked at."""
        self.set_clocks(instant)
        await self.look()

    async def look(self) -> None:
        """What happened at the desks is heard of and dealt with."""
        for site in self.sites:
            await site.sim.drain()
            self.connector.supervisor.wake(site.desk.name)
        await self.connector.supervisor.settled()

    def set_clocks(self, instant: datetime) -> None:
        for site in self.sites:
            site.world.set_time(instant)

    async def play(self, until: datetime) -> None:
        """The scripted day on from now, each step heard of before the next; then it is `until`."""
        began = self.now()
        day = sorted(
            ((site, step) for site in self.sites for step in site.steps), key=lambda both: both[1].at
        )
        for site, step in day:
            if not began < step.at <= until:
                continue
            self.set_clocks(step.at)
            step.apply()
            self.set_clocks(site.world.now())
            await site.sim.drain()
            self.connector.supervisor.wake(site.desk.name)
            await self.connector.supervisor.settled()
        await self.at(until)


@contextmanager
def environment_kept() -> Iterator[None]:
    """What is put into the environment is taken out again."""
    before = dict(os.environ)
    try:
        yield
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]


@asynccontextmanager
async def house_open(
    folder: Path, *, tickets: int = 24, until: datetime = AFTERNOON, **settings: Any
) -> AsyncIterator[House]:
    """A daemon with `tickets` old tickets at each desk, its day played; `settings` over connector.yaml's."""
    sites = [
        open_site(desk, seed=7 + place, tickets=tickets, start=START) for place, desk in enumerate(DESKS)
    ]
    for site in sites:
        await site.sim.__aenter__()
    port = free_port()
    with environment_kept():  # other tests of this process go on while a house stands
        write_config(folder, sites, port)
        connector = await Connector.build(load_settings(folder), folder, now=sites[0].world.now)
    work = asyncio.create_task(connector.serve())
    house = House(connector, sites, f"http://127.0.0.1:{port}/")
    try:
        await caught_up(connector, sites, work)
        await house.play(until)
        yield house
    finally:
        connector.stop()
        await work
        for site in sites:
            await site.sim.__aexit__(None, None, None)


@dataclass
class Window:
    """One page in a window of its own. `faults`: errors of scripts, console and content policy."""

    page: Page
    base: str
    faults: list[str] = field(default_factory=list)

    def heard(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            self.faults.append(f"console: {said.text}")

    async def go(self, path: str = "") -> Page:
        """Open an address below the board's; it must answer 200."""
        answer = await self.page.goto(self.base + path.removeprefix("/"))
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status} {await answer.text()}"
        return self.page


@asynccontextmanager
async def window(
    browser: Browser, base: str, size: Size = "desktop", scheme: Scheme = "light", **options: Any
) -> AsyncIterator[Window]:
    """A new window; at its end nothing may have gone wrong in it. `options` of Playwright's new_context."""
    width, height = SIZES[size]
    given: dict[str, Any] = {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
    context = await browser.new_context(**given | options)
    context.set_default_timeout(10_000)
    made = Window(await context.new_page(), base)
    made.page.on("pageerror", lambda error: made.faults.append(f"script: {error}"))
    made.page.on("console", made.heard)
    try:
        yield made
        assert not made.faults, "\n".join(made.faults)
    finally:
        await context.close()


async def assert_accessible(page: Page) -> None:
    """axe-core finds nothing serious or critical; a page on a phone is not wider than the phone."""
    found = (await Axe().run(page)).response["violations"]
    grave = [
        f"{one['impact']} {one['id']}: {one['help']}: {[node['html'][:200] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert not grave, "\n".join(grave)
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"the page is {wide} px wider than the window"


async def until_so(page: Page, expression: str, seconds: float = 10) -> None:
    """Until the expression holds in the page; Playwright's own way needs eval, which our policy forbids."""
    for _ in range(int(seconds * 20)):
        if await page.evaluate(expression):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"not within {seconds:g} s: {expression}")


async def picture(page: Page, name: str, *, whole: bool = False) -> None:
    """docs/img/NAME.png of the window, or of the `whole` page; only where PX_PICTURES is set."""
    if os.environ.get("PX_PICTURES"):
        await page.screenshot(path=PICTURES / f"{name}.png", full_page=whole)
