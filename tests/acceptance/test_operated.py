"""The real daemon as a service: what systemd hears of it, what is watched, what is handed on."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.acceptance.kit import Psa, cli, configure, psa, running, until
from tests.kit import write_client
from tests.shared import ROOT

pytestmark = pytest.mark.xdist_group("processes")


TOKEN = "t0ken-of-the-board-4711"
WORDS = "mein geheimer drucker brennt"


def test_systemd_hears_of_start_life_reload_and_end(tmp_path: Path) -> None:
    heard: list[str] = []
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as ear:
        ear.bind(str(tmp_path / "notify"))
        ear.setblocking(False)

        def lines() -> list[str]:
            with contextlib.suppress(BlockingIOError):
                while True:
                    heard.extend(ear.recv(4096).decode().splitlines())
            return heard

        with psa(tmp_path, tickets=10) as site:
            config, port = configure(tmp_path, site)
            token = plant(config, site)
            manager = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "200000"}
            with running(tmp_path / "run.log", "run", "--config", config, **manager) as daemon:
                until(lambda: "READY=1" in lines(), "READY=1")
                with socket.create_connection(("127.0.0.1", port), timeout=5):
                    pass  # whoever is told that we are ready may send webhooks
                try:
                    until(lambda: "STATUS=1 ok" in lines(), "the first turn")
                except AssertionError as error:
                    raise AssertionError(f"{heard[-4:]}\n{daemon.said()[-3000:]}") from error
                assert heard.count("WATCHDOG=1") >= 1
                numbers = httpx.get(f"http://127.0.0.1:{port}/metrics", headers=token)
                check_numbers(numbers.text)
                check_bundle(tmp_path, config, site, daemon.log)
                lines()  # what nobody listened to meanwhile leaves no room for more
                heard.clear()
                daemon.process.send_signal(1)
                until(lambda: "READY=1" in lines(), "the end of the reload")
                assert heard.index("RELOADING=1") < heard.index("READY=1")
                assert daemon.stop()[0] == 0
            assert lines()[-1] == "STOPPING=1"


def check_numbers(text: str) -> None:
    """Each number is explained, and none is watched that does not exist."""
    told = set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE))
    page = (ROOT / "docs" / "metrics.md").read_text("utf-8")
    assert set(re.findall(r"^\| `(\w+)`", page, re.MULTILINE)) == {n for n in told if n.startswith("px_")}
    for file in ("prometheus/rules.yml", "prometheus/rules_test.yml", "grafana/px-connector.json"):
        words = re.sub(r"runbook_url: .*", "", (ROOT / "deploy" / file).read_text("utf-8"))
        assert set(re.findall(r"\b(?:px|process)_[a-z_]+", words)) <= told, file


def plant(config: Path, site: Psa) -> dict[str, str]:
    """Secrets and customers' words wherever they can stand; the header that lets us look."""
    file = config / "token"
    file.write_text(TOKEN, encoding="utf-8")
    file.chmod(0o600)
    settings = (config / "connector.yaml").read_text("utf-8")
    settings = settings.replace("web:\n", f"web:\n  token: {{file: {file}}}\n")
    notify = "notify: {channels: {desk: {kind: mail, to: [jane.doe@zanzibar.example]}}}\n"
    mail = "mail: {host: smtp.zanzibar.example, from: jane.doe@zanzibar.example}\n"
    (config / "connector.yaml").write_text(settings + notify + mail, encoding="utf-8")
    write_client(config, "client: Zanzibar Printing\ntargets: {jane doe: 3}\n", "zanzibar")
    site.do("open_ticket", client="Acme Dental", summary=WORDS, text=f"{WORDS}, Jane Doe")
    return {"Authorization": f"Bearer {TOKEN}"}


def check_bundle(folder: Path, config: Path, site: Psa, log: Path) -> None:
    """Useful, and without a word that is not ours."""
    lines = (
        {"event": "write refused", "ticket": "7", "error": f"400 {WORDS}", "level": "error"},
        {"event": "turn failed", "exception": f"Traceback:\nValueError: {WORDS}", "level": "error"},
        {"event": WORDS, "level": "info"},
    )
    whole = log.read_text("utf-8") + "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "px.log").write_text(whole, encoding="utf-8")
    done = cli("diagnose", "--config", config, "--out", folder / "px.zip", "--log", folder / "px.log")
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(folder / "px.zip") as bundle:
        found = {name: bundle.read(name).decode() for name in bundle.namelist()}
    assert all(name in done.stdout for name in found), "it shows what it packed"
    for secret in (*site.secrets(), TOKEN, WORDS, "drucker", "zanzibar", "jane", str(folder)):
        assert not [name for name, text in found.items() if secret.casefold() in text.casefold()], secret
    said = json.loads(found["daemon.json"])
    assert said["readyz"]["ready"] is True, said
    assert "px_turns_total" in found["metrics.txt"]
    store, files = json.loads(found["store.json"]), json.loads(found["files.json"])
    assert store["rows"]["tickets"]["main"] >= 10
    assert {error["file"] for error in files["errors"]} == {"clients/4"}
    assert json.loads(found["settings.json"])["connections"]["main"]["vendor"] == "connectwise"
    logged = [json.loads(line) for line in found["log.jsonl"].splitlines()]
    assert logged[-1] == {"event": "turn failed", "exception": ["ValueError"], "level": "error"}
    assert logged[-2]["error"] == f"text of {len(WORDS) + 4} characters"
    assert cli("diagnose", "--config", config, "--out", folder / "px.zip").returncode == 1, (
        "never over a file"
    )
