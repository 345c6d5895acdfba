"""A whole demo with a secret wherever one can stand, and everything said that can be said; then a look.

What is looked through: the log at its most talkative, both outputs, every file of the folder, every page,
the metrics, and the bundle for whoever helps.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

import httpx
import pytest

from connector.app import Connector
from connector.cli.demo import START
from connector.cli.demo.desks import DESKS, Site, write_config
from connector.cli.demo.play import caught_up, play
from connector.cli.diagnose import _gather
from connector.logs import configure_logging
from connector.settings import load_settings
from tests.integration.test_demo import a_short_day
from tests.kit import free_port

PLANTED = {
    "PX_T_TOKEN": "planted-token-operate-4711",
    "PX_T_VIEW": "planted-token-view-4711",
    "PX_T_RATINGS": "planted-secret-of-ratings-4711",
    "PX_T_SURVEY": "planted-key-of-the-survey-4711",
    "PX_T_MAIL": "planted-password-of-mail-4711",
    "PX_T_HOOK": "http://127.0.0.1:9/planted-address-of-a-hook-4711",
    "PX_T_HOOK_KEY": "planted-key-of-a-hook-4711",
    "PX_T_TEAMS": "http://127.0.0.1:9/planted-address-of-teams-4711",
}
AUTH = {"authorization": f"Bearer {PLANTED['PX_T_TOKEN']}"}
MOST_PAGES = 80


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", os.environ | PLANTED)


def settings_of(folder: Path) -> None:
    """Every key that names a secret, beside those of the three connections."""
    file = folder / "connector.yaml"
    written = json.loads(file.read_text("utf-8"))
    web = {"token": "TOKEN", "view_token": "VIEW", "ratings_secret": "RATINGS"}
    written["web"] |= {key: {"env": f"PX_T_{name}"} for key, name in web.items()}
    written["survey"] = {"key": {"env": "PX_T_SURVEY"}, "url": written["web"]["public_url"]}
    written["mail"] = {
        **{"host": "127.0.0.1", "port": 9, "tls": "none", "user": "desk", "password": {"env": "PX_T_MAIL"}},
        "from": "desk@example.com",
    }
    channels = {
        "hook": {"kind": "webhook", "url": {"env": "PX_T_HOOK"}, "secret": {"env": "PX_T_HOOK_KEY"}},
        "teams": {"kind": "teams", "url": {"env": "PX_T_TEAMS"}},
        "mail": {"kind": "mail", "to": ["desk@example.com"]},
    }
    for channel in ("hook", "teams"):
        channels[channel]["allow_private"] = True
    told = {"at_once": {key: list(channels) for key in ("missed", "red", "at_risk", "followup_due")}}
    written["notify"] = {"channels": channels}
    file.write_text(json.dumps(written), encoding="utf-8")
    for client in (folder / "clients").iterdir():
        client.write_text(f"{client.read_text('utf-8')}\nnotify: {json.dumps(told)}\n", encoding="utf-8")


def secrets_of(sites: Sequence[Site]) -> dict[str, str]:
    """What must be nowhere, by what it is: each as it is, and as it goes over the line."""
    found = {name: value for name, value in os.environ.items() if name.startswith(("PX_DEMO_", "PX_T_"))}
    found = {name: value for name, value in found.items() if not name.endswith("_CLIENT_ID")}  # no secret
    london = next(site.sim.credentials for site in sites if site.desk.vendor == "connectwise")
    login = f"{london.company}+{london.public_key}:{london.private_key}"
    found["the login of ConnectWise"] = base64.b64encode(login.encode()).decode()
    for name, value in list(found.items()):
        found[f"{name}, in base64"] = base64.b64encode(value.encode()).decode().rstrip("=")
        found[f"{name}, in an address"] = quote(value, safe="")
    return found


async def crawl(base: str) -> dict[str, str]:
    """Every page that leads from the first, as who may act sees it; and what a stranger gets."""
    seen: dict[str, str] = {}
    waiting = [
        "/",
        "/operations",
        "/outbox",
        "/quarantine",
        "/rulings",
        "/notices",
        "/metrics",
        "/wallboard",
        "/clients",
    ]
    async with httpx.AsyncClient(base_url=base, timeout=30) as http:
        while waiting and len(seen) < MOST_PAGES:
            path = waiting.pop(0)
            if path in seen or path.startswith("/events"):
                continue
            answer = await http.get(path, headers=AUTH)
            seen[path] = answer.text + str(answer.headers)
            for link in re.findall(r'(?:href|src|action)="([^"#]+)"', answer.text):
                inside = urlsplit(urljoin(f"{base}{path}", link.replace("&amp;", "&")))
                if inside.netloc == urlsplit(base).netloc and inside.path not in ("/", "/wallboard"):
                    waiting.append(inside.path + (f"?{inside.query}" if inside.query else ""))
        for path in ("/", "/healthz", "/readyz", "/s/x", "/psa/london/card?key=x", "/nothing"):
            stranger = await http.get(path)
            seen[f"stranger {path}"] = stranger.text + str(stranger.headers)
        for vendor in ("london", "berlin", "leeds"):
            for path in (f"/hooks/{vendor}", f"/ratings/{vendor}"):
                forged = await http.post(path, content=b"{}", headers={"token": "x", "x-px-signature": "x"})
                seen[f"forged {path}"] = forged.text
    return seen


async def trouble(connector: Connector, sites: Sequence[Site]) -> None:
    """The PSA repeats what it was sent, refuses us, and is not there: what is said then has most to tell."""
    for fault, value in {"truncated_next": 1, "auth": "401"}.items():
        now = sites[0].world.now() + timedelta(minutes=5)
        for site in sites:
            site.world.set_time(now)
            setattr(site.sim.faults, fault, value)
            connector.supervisor.wake(site.desk.name)
        await connector.supervisor.settled()


def bytes_of(folder: Path) -> Iterator[tuple[str, bytes]]:
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            yield str(file.relative_to(folder)), file.read_bytes()


def found_in(said: Mapping[str, bytes], secrets: Mapping[str, str]) -> list[str]:
    return [
        f"{what} in {where}"
        for where, raw in said.items()
        for what, one in secrets.items()
        if one.encode() in raw
    ]


async def test_no_secret_is_in_anything_a_whole_demo_wrote(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    configure_logging("json", "debug")
    async with AsyncExitStack() as house:
        sites = [a_short_day(desk, seed=7 + n, tickets=3, start=START) for n, desk in enumerate(DESKS)]
        for site in sites:
            await house.enter_async_context(site.sim)
        port = free_port()
        write_config(tmp_path, sites, port)
        settings_of(tmp_path)
        settings = load_settings(tmp_path)
        connector = await Connector.build(settings, tmp_path, now=sites[0].world.now)
        work = asyncio.create_task(connector.serve())
        try:
            await caught_up(connector, sites, work)
            await play(connector, sites)
            await trouble(connector, sites)
            pages = await crawl(f"http://127.0.0.1:{port}")
            log = capfd.readouterr()
            (tmp_path / "px.log").write_text(log.err, encoding="utf-8")
            bundle = await _gather(tmp_path, tmp_path / "px.log")
        finally:
            connector.stop()
            await work
    after = capfd.readouterr()
    secrets = secrets_of(sites)
    said: dict[str, bytes] = {f"page {path}": text.encode() for path, text in pages.items()}
    said |= {f"bundle {name}": text.encode() for name, text in bundle.items()}
    said |= {"stdout": (log.out + after.out).encode(), "stderr": (log.err + after.err).encode()}
    said |= dict(bytes_of(tmp_path))
    said["the settings"] = repr(settings).encode() + repr(connector.supervisor.connections).encode()
    assert len(pages) > 25
    assert b"webhook rejected" in said["stderr"]
    assert all(one.state == "stopped" for one in connector.health.connections.values())
    assert b"notice waits" in said["stderr"]
    assert found_in(said, secrets) == []


def test_a_secret_would_be_found() -> None:
    said = {
        "a page": b"<p>planted-token-view-4711</p>",
        "a file": base64.b64encode(b"planted-token-view-4711"),
    }
    secrets = {
        "t": "planted-token-view-4711",
        "t64": base64.b64encode(b"planted-token-view-4711").decode().rstrip("="),
    }
    assert found_in(said, secrets) == ["t in a page", "t64 in a file"]
