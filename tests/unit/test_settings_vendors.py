"""Every vendor has its own keys, found by entry point: ours, and those of a package nobody here knows."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from connector.clients.yaml12 import read
from connector.errors import ConfigError
from connector.psa.port import Psa
from connector.psa.vendors import build_psa
from connector.settings import Connection
from connector.settings.autotask import VENDOR_DEFAULT, Autotask
from connector.settings.halo import Halo
from connector.settings.schema import settings_schema
from connector.settings.vendors import installed, keys_of
from tests import packages
from tests.shared import ROOT
from tests.unit.test_settings import MAIN, errors, load

AUTOTASK = """\
connections:
  main:
    vendor: autotask
    user: api@example.com
    secret: {env: AT_SECRET}
    integration_code: {env: AT_CODE}
"""
HALO = """\
connections:
  main:
    vendor: halo
    site: acme.halopsa.com
    client_id: {env: HALO_ID}
    client_secret: {env: HALO_SECRET}
"""
ACME = """\
connections:
  main:
    vendor: acme
    desk: bright
    key: {env: ACME_KEY}
"""
_DOC = (ROOT / "docs" / "adapters.md").read_text(encoding="utf-8")
PACKAGE = _DOC.split("```python\n")[1].split("```")[0]
_POINTS = tomllib.loads(_DOC.split("```toml\n")[1].split("```")[0])["project"]["entry-points"]
POINTS = {group: f"acme = {points['acme']}" for group, points in _POINTS.items()}

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a package beside ours: its modules, and what it says of itself in its metadata."""

    def put(points: dict[str, str], **modules: str) -> None:
        packages.install(tmp_path_factory.mktemp("site"), monkeypatch, points, **modules)

    return put


def test_autotask_needs_little_and_has_the_vendors_defaults(tmp_path: Path) -> None:
    main = load(tmp_path, AUTOTASK).connections["main"]
    assert isinstance(main, Autotask)
    assert (main.site, main.zone) == ("https://webservices.autotask.net", None)
    assert (main.user, main.secret.env, main.integration_code.env) == (
        "api@example.com",
        "AT_SECRET",
        "AT_CODE",
    )
    assert main.quota_share == 40
    assert {(m.status, m.event, m.written) for m in main.status_meanings()} == {
        (status, event, False) for status, event in VENDOR_DEFAULT.items()
    }
    assert main.poll_every == timedelta(seconds=60)
    assert [secret.env for secret in main.secrets()] == ["AT_SECRET", "AT_CODE"]


def test_a_fingerprint_changes_with_every_key_and_secret_and_tells_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AT_CODE", "CODE4711")

    def fingerprint(secret: str, text: str = AUTOTASK) -> str:
        monkeypatch.setenv("AT_SECRET", secret)
        return load(tmp_path, text).connections["main"].fingerprint()()

    first = fingerprint("s3cr3t")
    assert first == fingerprint("s3cr3t")
    assert len({first, fingerprint("other"), fingerprint("s3cr3t", AUTOTASK + "    quota_share: 20\n")}) == 3
    assert "s3cr3t" not in first


def test_a_written_map_of_statuses_lies_over_the_vendors(tmp_path: Path) -> None:
    text = AUTOTASK + "    sla_events: {complete: none, On Hold: waiting_customer, '*': none}\n"
    main = load(tmp_path, text).connections["main"]
    assert isinstance(main, Autotask)
    assert main.status_meanings() == (
        ("New", "none", False),
        ("Waiting Customer", "waiting_customer", False),
        ("complete", "none", True),
        ("On Hold", "waiting_customer", True),
        ("*", "none", True),
    )


def test_halo_needs_little_and_takes_no_callbacks_it_could_not_verify(tmp_path: Path) -> None:
    web = "web: {public_url: 'https://px.example.com'}\n"
    settings = load(tmp_path, web + HALO)
    main = settings.connections["main"]
    assert isinstance(main, Halo)
    assert (main.site, main.auth_url, main.tenant) == ("https://acme.halopsa.com", None, None)
    assert (main.scores.best, main.scores.worst, main.closed_statuses) == (1, 4, [9])
    assert settings.hook_url("main") == ""
    signed = load(tmp_path, web + HALO + "    webhook_secret: {env: HALO_HOOK}\n")
    assert signed.hook_url("main") == "https://px.example.com/hooks/main"
    assert len(signed.missing_secrets()) == 3
    hosted = load(tmp_path, HALO + "    auth_url: https://login.example.com/acme/auth/\n").connections["main"]
    assert isinstance(hosted, Halo)
    assert hosted.auth_url == "https://login.example.com/acme/auth"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            AUTOTASK + "    company: acme\n",
            "7:5: unknown key 'company' for vendor autotask; known here: vendor, allow_private, ",
        ),
        (AUTOTASK + "    quota_shar: 3\n", "7:5: unknown key 'quota_shar' for vendor autotask; did you mean"),
        (
            AUTOTASK.replace("    user: api@example.com\n", ""),
            "2:3: 'connections.main.user' is missing for vendor",
        ),
        (AUTOTASK + "    quota_share: 40%\n", "7:18: "),
        (AUTOTASK + "    quota_share: 101\n", "7:18: must be less than or equal to 100"),
        (AUTOTASK + "    quota_share: 0\n", "7:18: must be greater than or equal to 0.01"),
        (
            AUTOTASK + "    sla_events: {Done: solved}\n",
            "7:24: expected 'none', 'first_response', 'resolution_plan', 'waiting_customer' or 'resolved'",
        ),
        (AUTOTASK + "    zone: 10.0.0.1\n", "7:11: a loopback or private address is refused"),
        (AUTOTASK + "    site: ws14.example.com/V1.0\n", "7:11: expected the host alone, without a path"),
        (AUTOTASK.replace("{env: AT_SECRET}", "hunter2"), "5:13: a secret is not written here"),
        (HALO + "    public_key: {env: X}\n", "7:5: unknown key 'public_key' for vendor halo; "),
        (
            HALO.replace("    site: acme.halopsa.com\n", ""),
            "2:3: 'connections.main.site' is missing for vendor halo",
        ),
        (HALO + "    scores: {best: 5, worst: 5}\n", "7:13: best and worst are the same score"),
        (HALO + "    auth_url: http://login.example.com/auth\n", "7:15: expected https://"),
        (HALO + "    auth_url: 10.0.0.1/auth\n", "7:15: a loopback or private address is refused"),
        (HALO + "    closed_statuses: [Closed]\n", "7:23: expected a whole number"),
        (HALO + '    webhook_header: "X-Y: Z"\n', "7:21: String should match pattern"),
        (
            HALO.replace("vendor: halo", "vendor: hallo"),
            "3:13: expected 'autotask', 'connectwise' or 'halo'; did you",
        ),
        (
            HALO.replace("vendor: halo", "vendor: [halo]"),
            "3:13: expected 'autotask', 'connectwise' or 'halo'",
        ),
        (HALO.replace("    vendor: halo\n", ""), "2:3: 'connections.main.vendor' is missing"),
        ("connections: {main: halo}\n", "1:21: "),
        ("connections: [main]\n", "1:14: expected keys and values"),
    ],
)
def test_a_mistake_is_told_in_that_vendors_terms(tmp_path: Path, text: str, words: str) -> None:
    (only,) = errors(tmp_path, text)
    assert only.startswith(f"connector.yaml:{words}")
    assert "hunter2" not in only


def test_mistakes_of_all_connections_are_told_together(tmp_path: Path) -> None:
    text = (
        AUTOTASK
        + HALO.partition("\n")[2].replace("main", "second")
        + MAIN.partition("\n")[2].replace("main", "third")
    )
    text = (
        text.replace("user:", "usr:").replace("site: acme", "site: 10.0.0.1#").replace("company:", "compny:")
    )
    told = [
        line.split(": ")[0].removeprefix("connector.yaml:")
        for line in errors(tmp_path, "log: {level: x}\n" + text)
    ]
    assert told == ["1:14", "3:3", "5:5", "10:11", "13:3", "16:5"]


def test_a_vendor_without_an_adapter_is_refused_by_name(tmp_path: Path, install: Install) -> None:
    install({"px_connector.settings": "acme = px_acme:Keys"}, px_acme=PACKAGE)
    (only,) = errors(tmp_path, ACME)
    assert only.startswith("connector.yaml:3:13: expected ")
    assert "'connectwise'" in only
    assert only.endswith(": no adapter for acme is installed")
    with pytest.raises(ConfigError, match=r"px_connector\.psa of 'acme'; expected .*'connectwise'"):
        build_psa("main", Connection.model_construct(vendor="acme"))


def test_a_fourth_psa_lives_in_another_package(
    tmp_path: Path, install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_KEY", "hunter2")
    install(POINTS, px_acme=PACKAGE)
    settings = load(tmp_path, ACME + "    poll_every: 90s\n")
    main = settings.connections["main"]
    assert (main.vendor, main.poll_every) == ("acme", timedelta(seconds=90))
    assert settings.missing_secrets() == []
    psa = build_psa("main", main)
    assert isinstance(psa, Psa)
    assert (psa.vendor, str(psa._desk), psa._key) == ("acme", "bright", b"hunter2")  # type: ignore[attr-defined]
    (only,) = errors(tmp_path, ACME.replace("desk: bright", "dsk: bright") + "    desk: x\n")
    assert only == "connector.yaml:4:5: unknown key 'dsk' for vendor acme; did you mean 'desk'?"


@pytest.mark.parametrize(
    ("settings", "psa", "words"),
    [
        (
            "acme = px_nowhere:Keys",
            "acme = px_acme:build",
            "cannot be loaded (px_nowhere:Keys): No module named",
        ),
        (
            "acme = px_acme:Kyes",
            "acme = px_acme:build",
            "cannot be loaded (px_acme:Kyes): module 'px_acme' has no",
        ),
        (
            "acme = px_acme:Acme",
            "acme = px_acme:build",
            "of acme is no kind of Connection: its package is broken",
        ),
        ("", "acme = px_acme:build", "nothing is installed as px_connector.settings of 'acme'"),
    ],
)
def test_a_broken_package_is_said_to_be_broken(
    tmp_path: Path, install: Install, settings: str, psa: str, words: str
) -> None:
    install({"px_connector.settings": settings, "px_connector.psa": psa}, px_acme=PACKAGE)
    (only,) = errors(tmp_path, ACME)
    assert only.startswith("connector.yaml:3:13: ")
    assert words in only


def test_an_adapter_that_is_none_is_not_taken_for_one(install: Install) -> None:
    install({"px_connector.psa": "acme = builtins:print"})
    with pytest.raises(ConfigError, match="adapter of acme is no Psa"):
        build_psa("main", Connection.model_construct(vendor="acme"))


@pytest.mark.parametrize("vendor", ["autotask", "connectwise", "halo"])
def test_the_example_of_a_vendor_shows_every_key_and_its_default(tmp_path: Path, vendor: str) -> None:
    text = (ROOT / "config" / "examples" / f"{vendor}.yaml").read_text(encoding="utf-8")
    (written,) = read(ROOT / "config" / "examples" / f"{vendor}.yaml").plain()["connections"].values()
    ((name, shown),) = load(tmp_path, text).connections.items()
    assert written.keys() == type(shown).model_fields.keys()
    needed = {key: value for key, value in written.items() if type(shown).model_fields[key].is_required()}
    bare = yaml.safe_dump({"connections": {name: needed}})
    assert load(tmp_path, bare).connections[name].model_dump() == shown.model_dump()
    Draft202012Validator(settings_schema()).validate({"connections": {name: written}})


def test_every_vendor_that_is_installed_has_an_example() -> None:
    assert sorted(path.stem for path in (ROOT / "config" / "examples").glob("*.yaml")) == installed()


def test_connectwise_is_found_as_any_other() -> None:
    assert keys_of("connectwise").__name__ == "ConnectWise"
