"""connector.yaml and the environment: defaults, precedence, bounds; every mistake at its line."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from connector.errors import ConfigErrors
from connector.settings import Settings, load_settings
from tests.shared import ROOT
from tests.unit.clients_kit import shown

MAIN = """\
connections:
  main:
    vendor: connectwise
    site: na.myconnectwise.net
    company: acme
    public_key: {env: CW_PUBLIC}
    private_key: {env: CW_PRIVATE}
    client_id: {env: CW_CLIENT}
"""


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.upper().startswith(("PX_", "CW_")):
            monkeypatch.delenv(name)


def load(folder: Path, text: str = MAIN) -> Settings:
    (folder / "connector.yaml").write_text(text, encoding="utf-8")
    return load_settings(folder)


def errors(folder: Path, text: str = MAIN) -> list[str]:
    with pytest.raises(ConfigErrors) as caught:
        load(folder, text)
    return shown(caught.value.errors)


def test_a_connection_is_enough(tmp_path: Path) -> None:
    settings = load(tmp_path)
    main = settings.connections["main"]
    assert settings.store == f"sqlite:///{tmp_path}/var/px-connector.db"
    assert (settings.web.host, settings.web.port, settings.web.token_text()) == ("127.0.0.1", 8765, None)
    assert (settings.log.format, settings.log.level) == ("json", "info")
    assert main.site == "https://na.myconnectwise.net"
    assert main.poll_every == timedelta(seconds=60)
    assert main.sweep_every == timedelta(minutes=30)
    assert main.timeout == timedelta(seconds=30)
    assert (main.write_back, main.callbacks, main.allow_private) == (False, True, False)
    assert (main.backfill_days, main.requests_per_minute, main.concurrency) == (90, 600, 4)
    assert main.api_version == "2025.16"
    assert settings.hook_url("main") == ""


def test_the_shipped_example_works_and_touches_nothing() -> None:
    settings = load_settings(ROOT / "config")
    assert [one.write_back for one in settings.connections.values()] == [False]
    assert settings.connections["main"].site.endswith(".invalid")
    assert len(settings.missing_secrets()) == 3


@pytest.mark.parametrize(
    ("written", "used"),
    [
        ("sqlite:///px.db", "sqlite:///{dir}/px.db"),
        ("sqlite+aiosqlite:///a/px.db", "sqlite+aiosqlite:///{dir}/a/px.db"),
        ("sqlite:////var/lib/px.db", "sqlite:////var/lib/px.db"),
        ("sqlite://", "sqlite://"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("postgresql://db/px", "postgresql://db/px"),
    ],
)
def test_a_relative_store_lies_below_the_config_folder(tmp_path: Path, written: str, used: str) -> None:
    assert load(tmp_path, f"store: '{written}'\n" + MAIN).store == used.format(dir=tmp_path)


def test_the_environment_lies_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PX_STORE", "postgresql://user:hunter2@db/px")
    monkeypatch.setenv("PX_WEB__PORT", "9000")
    monkeypatch.setenv("PX_LOG__LEVEL", "debug")
    monkeypatch.setenv("PX_CONNECTIONS__MAIN__WRITE_BACK", "true")
    monkeypatch.setenv("PX_CONNECTIONS__MAIN__COMPANY", "1042")
    monkeypatch.setenv("PX_CONNECTIONS__MAIN__PRIVATE_KEY__FILE", "/run/secrets/key")
    monkeypatch.setenv("PX_CONNECTIONS__MAIN__AUTOMATION_MEMBERS", '["robot", 29]')
    monkeypatch.setenv("PX_DEMO_PUBLIC_KEY", "not a setting")
    text = MAIN.replace("    private_key: {env: CW_PRIVATE}\n", "") + "web: {port: 1, host: localhost}\n"
    settings = load(tmp_path, text)
    main = settings.connections["main"]
    assert settings.store == "postgresql://user:hunter2@db/px"
    assert "hunter2" not in repr(settings) + str(settings)
    assert (settings.web.port, settings.web.host) == (9000, "localhost")
    assert settings.log.level == "debug"
    assert (main.write_back, main.company, main.private_key.file) == (True, "1042", "/run/secrets/key")
    assert main.automation_members == ["robot", "29"]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PX_WEB__PORT", "many", "environment variable PX_WEB__PORT: expected a whole number"),
        ("PX_WEB__PRT", "1", "environment variable PX_WEB__PRT: unknown key 'prt'; did you mean 'port'?"),
        ("PX_WEB", "garbage", "environment: a PX_ variable that stands for several keys"),
        ("PX_CONNECTIONS__MAIN__POLL_EVERY", "1d", "PX_CONNECTIONS__MAIN__POLL_EVERY: '1d': say hours"),
        ("PX_CONNECTIONS__MAIN__PRIVATE_KEY", "hunter2", "PRIVATE_KEY: a secret is not written here"),
    ],
)
def test_a_mistake_in_the_environment_is_told_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    (only,) = errors(tmp_path)
    assert words in only
    assert "hunter2" not in only


MISTAKES = [  # in place of the line "    company: acme", the fifth
    (
        "    company: acme\n    compny: x",
        "6:5: unknown key 'compny' for vendor connectwise; did you mean 'company'?",
    ),
    ("    # no company", "2:3: 'connections.main.company' is missing for vendor connectwise"),
    ("    company: 2.5", "5:14: expected text: put it in quotes"),
    ("    company: acme\n    poll_every: 60", "6:17: expected a duration with its unit, like 60m or 60h"),
    ("    company: acme\n    poll_every: 1s", "6:17: must be greater than or equal to 5 seconds"),
    ("    company: acme\n    poll_every: 1d", "6:17: '1d': say hours"),
    ("    company: acme\n    api_version: 2025.16", "6:18: expected text: put it in quotes"),
    ("    company: acme\n    api_version: newest", "6:18: String should match pattern"),
    ("    company: acme\n    write_back: yes", "6:17: expected true or false, not 'yes'"),
    ("    company: acme\n    write_back: 1", "6:17: expected true or false"),
    ("    company: acme\n    concurrency: 0", "6:18: must be greater than or equal to 1"),
    ("    company: acme\n    fields: {PX: seventeen}", "6:18: expected a whole number"),
    (
        "    company: acme\n    work_types: {fax: [Fax]}",
        "6:18: unknown key 'fax'; known here: phone, visit, chat",
    ),
    ("    company: acme\n    company: acme", "6:5: 'company' is written twice; first in line 5"),
]


@pytest.mark.parametrize(("line", "words"), MISTAKES)
def test_a_mistake_is_told_at_its_place(tmp_path: Path, line: str, words: str) -> None:
    (only,) = errors(tmp_path, MAIN.replace("    company: acme", line))
    assert only.startswith(f"connector.yaml:{words}")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("stroe: x\n" + MAIN, "1:1: unknown key 'stroe'; did you mean 'store'?"),
        ("_env_prefix: EVIL_\n" + MAIN, "1:1: unknown key '_env_prefix'"),
        ("store: mysql://db/px\n" + MAIN, "1:8: expected sqlite:///FILE or postgresql://HOST/DATABASE"),
        ("store: postgresql://px:hunter2@db/px\n" + MAIN, "1:8: a password is not written here: set"),
        ("log: {level: loud}\n" + MAIN, "1:14: expected 'debug', 'info', 'warning' or 'error'"),
        ("web: {port: 70000}\n" + MAIN, "1:13: must be less than or equal to 65535"),
        ("web: {host: 0.0.0.0}\n" + MAIN, "1:13: the board would be open to the network: set web.token"),
        ("web: {public_url: 'http://px.example.com'}\n" + MAIN, "1:19: expected https://"),
        ("web: {public_url: px.example.com}\n" + MAIN, "1:19: expected an address, like https://"),
        ("connections: {}\n", "1:14: "),
        ("connections: {Main: {}}\n", "1:15: expected a short name of small letters"),
        ("log: {}\n", "1:1: 'connections' is missing"),
        (
            MAIN.replace("connectwise", "connectwize"),
            "3:13: expected 'autotask', 'connectwise' or 'halo'; did you",
        ),
        ("", "1:1: the file is empty"),
        ("a: [\n", "2:1: not valid YAML"),
    ],
)
def test_settings_that_cannot_be_used(tmp_path: Path, text: str, words: str) -> None:
    found = errors(tmp_path, text)
    assert found[0].startswith(f"connector.yaml:{words}")
    assert "hunter2" not in "".join(found)


def test_no_settings_at_all(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors, match=r"connector\.yaml: no such file"):
        load_settings(tmp_path)


def test_all_mistakes_are_told_together(tmp_path: Path) -> None:
    found = errors(tmp_path, "web: {port: x}\n" + MAIN.replace("company: acme", "company: []") + "x: 1\n")
    assert [line.split(": ")[0] for line in found] == [
        f"connector.yaml:{at}" for at in ("1:13", "6:14", "10:1")
    ]


@pytest.mark.parametrize(
    ("site", "allow_private", "used"),
    [
        ("psa.example.com", False, "https://psa.example.com"),
        ("https://psa.example.com:8443/", False, "https://psa.example.com:8443"),
        ("8.8.8.8", False, "https://8.8.8.8"),
        ("https://10.0.0.7", True, "https://10.0.0.7"),
        ("http://127.0.0.1:4711", True, "http://127.0.0.1:4711"),
        ("http://[::1]:4711", True, "http://[::1]:4711"),
        ("http://localhost", True, "http://localhost"),
    ],
)
def test_where_a_psa_may_be(tmp_path: Path, site: str, allow_private: bool, used: str) -> None:
    text = MAIN.replace("na.myconnectwise.net", f"'{site}'\n    allow_private: {str(allow_private).lower()}")
    assert load(tmp_path, text).connections["main"].site == used


@pytest.mark.parametrize(
    ("site", "allow_private", "words"),
    [
        (
            "127.0.0.1",
            False,
            "a loopback or private address is refused; if it is meant, set allow_private: true",
        ),
        ("localhost", False, "a loopback or private address is refused"),
        ("psa.localhost", False, "a loopback or private address is refused"),
        ("10.1.2.3", False, "a loopback or private address is refused"),
        ("192.168.0.1", False, "a loopback or private address is refused"),
        ("169.254.169.254", False, "a loopback or private address is refused"),
        ("0.0.0.0", False, "a loopback or private address is refused"),
        ("[fd00::1]", False, "a loopback or private address is refused"),
        ("[::ffff:10.0.0.1]", False, "a loopback or private address is refused"),
        ("2130706433", False, "not a host name"),
        ("127.1", False, "not a host name"),
        ("0x7f.0.0.0x1", False, "not a host name"),
        ("http://psa.example.com", True, "expected https://: the credentials would go unencrypted"),
        ("http://10.0.0.7", True, "expected https://"),
        ("ftp://psa.example.com", False, "expected an address, like https://"),
        ("https://user:pw@psa.example.com", False, "no user name or password in an address"),
        ("https://psa.example.com/v4_6_release", False, "expected the host alone, without a path"),
        ("psa.example.com?x=1", False, "expected the host alone"),
        ("psa example", False, "not a host name"),
        ("psa.example.com:port", False, "not an address"),
        ("https://", False, "expected an address"),
    ],
)
def test_where_a_psa_may_not_be(tmp_path: Path, site: str, allow_private: bool, words: str) -> None:
    text = MAIN.replace("na.myconnectwise.net", f"'{site}'\n    allow_private: {str(allow_private).lower()}")
    (only,) = errors(tmp_path, text)
    assert only.startswith(f"connector.yaml:4:11: {words}")


def test_callbacks_come_to_the_public_address(tmp_path: Path) -> None:
    web = "web: {public_url: 'https://px.example.com/px/'}\n"
    assert load(tmp_path, web + MAIN).hook_url("main") == "https://px.example.com/px/hooks/main"
    assert load(tmp_path, web + MAIN + "    callbacks: false\n").hook_url("main") == ""
    local = "web: {public_url: 'http://127.0.0.1:8765'}\n"
    assert load(tmp_path, local + MAIN).hook_url("main") == "http://127.0.0.1:8765/hooks/main"


@pytest.mark.parametrize(
    ("work_type", "channel"),
    [
        ("Phone Support", "phone"),
        ("Client CALL", "phone"),
        ("Onsite", "visit"),
        ("On-Site after hours", "visit"),
        ("Live chat", "chat"),
        ("Remote", "time_entry"),
        ("", "time_entry"),
    ],
)
def test_work_types_speak_for_themselves(tmp_path: Path, work_type: str, channel: str) -> None:
    assert load(tmp_path).connections["main"].work_types.channel(work_type) == channel


def test_work_types_that_are_named_are_taken_as_named(tmp_path: Path) -> None:
    kinds = (
        load(tmp_path, MAIN + "    work_types: {phone: [Remote, 12], chat: []}\n")
        .connections["main"]
        .work_types
    )
    assert [kinds.channel(name) for name in ("remote", "12", "Phone Support", "Chat", "Site visit")] == [
        "phone",
        "phone",
        "time_entry",
        "time_entry",
        "visit",
    ]
