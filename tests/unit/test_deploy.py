"""What is handed out to run it as a service fits together, and fits the program."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from connector.cli import app
from connector.settings import load_settings
from tests.shared import ROOT

DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
OURS = [name for name, service in COMPOSE["services"].items() if service["image"] == "px-connector"]
CONNECTION = {"vendor": "connectwise", "site": "psa.example", "company": "c", "api_version": "2025.16"}
KEYS = {key: {"file": f"/run/secrets/cw_{key}"} for key in ("public_key", "private_key", "client_id")}


ANALYZE = shutil.which("systemd-analyze") or ""
RATES = ANALYZE and b"--offline" in subprocess.run([ANALYZE, "--help"], capture_output=True).stdout


def command_of(words: list[str]) -> None:
    """Fails unless these words are a command of ours with options it has."""
    command = get_command(app)
    with command.make_context("px-connector", words, resilient_parsing=True) as context:
        name, inner, rest = command.resolve_command(context, words)  # type: ignore[attr-defined]
        assert inner is not None, words
        options = {option for parameter in inner.params for option in parameter.opts}
        assert {word for word in rest if word.startswith("--")} <= options, (name, rest)


def unit(file: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, value in re.findall(r"^(\w+)=(.*)$", file.read_text("utf-8"), re.MULTILINE):
        found.setdefault(key, []).append(value)
    return found


@pytest.mark.parametrize("file", UNITS, ids=lambda file: file.stem)
def test_units_run_a_command_of_ours_and_are_as_locked_as_the_first(file: Path) -> None:
    here, first = unit(file), unit(DEPLOY / "px-connector.service")
    command_of(here["ExecStart"][0].split()[1:])
    assert here["Type"] == ["notify"], "all of them say when they are ready"
    assert here["WatchdogSec"] == ["60"]
    own = {"Description", "ExecStart", "Environment", "EnvironmentFile", "RestartPreventExitStatus"}
    own |= {"StateDirectory", "StateDirectoryMode"}
    assert {k: v for k, v in here.items() if k not in own} == {k: v for k, v in first.items() if k not in own}
    for key in ("NoNewPrivileges", "DynamicUser", "MemoryDenyWriteExecute", "PrivateUsers"):
        assert here[key] == ["yes"]


if RATES:

    @pytest.mark.parametrize("file", UNITS, ids=lambda file: file.stem)
    def test_systemd_rates_what_a_unit_may_do_below_two_of_ten(file: Path) -> None:
        words = [ANALYZE, "security", "--offline=yes", "--threshold=20", str(file)]
        done = subprocess.run(words, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-300:] + done.stderr


def test_compose_mounts_what_is_there_and_uses_every_secret_it_names() -> None:
    used = set()
    for name, service in COMPOSE["services"].items():
        used |= set(service.get("secrets", ()))
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            if source.startswith("./") and source != "./config":
                assert (DEPLOY / source).is_file(), (name, source)
        assert service.get("mem_limit"), f"{name} may take all memory"
        assert service.get("cap_drop") == ["ALL"] or name == "postgres", f"{name} keeps capabilities"
    assert used == COMPOSE["secrets"].keys()


@pytest.mark.parametrize("name", OURS)
def test_compose_starts_what_exists_with_settings_that_load(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = COMPOSE["services"][name]
    command_of(service.get("command", ["run", "--config", "/etc/px-connector"]))
    settings = {"connections": {"main": {**CONNECTION, **KEYS}}}
    (tmp_path / "connector.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    for key, value in service["environment"].items():
        monkeypatch.setenv(key, value)
    loaded = load_settings(tmp_path)
    assert loaded.store == "postgresql://px@postgres/px"
    mounted = {f"/run/secrets/{secret}" for secret in service["secrets"]}
    named = {str(error).split(" cannot")[0].split(": ")[-1] for error in loaded.missing_secrets()}
    assert named <= mounted
    assert {loaded.web.token.file, loaded.web.view_token.file} <= mounted  # type: ignore[union-attr]


def test_the_image_takes_in_what_its_file_copies_and_no_more() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE)
        for source in line.split()[:-1]
    }
    let_in = {
        line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")
    }
    assert copied == let_in
    assert all((ROOT / source).exists() for source in copied)
    last = text[text.rindex("FROM ") :]
    assert "USER 10001:10001" in last
    assert "pip" not in last
    assert all(
        "--require-hashes" in line for line in text.splitlines() if "install" in line and ".lock" in line
    )
