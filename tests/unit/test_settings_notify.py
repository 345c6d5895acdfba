"""Channels of connector.yaml and `notify` of a client's file: what is refused, and where it is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.clients import load_clients
from connector.errors import ConfigError, ConfigErrors
from connector.settings import Settings, load_settings
from tests.unit.clients_kit import MINIMAL, errors, policy, shown, write
from tests.unit.test_settings import MAIN

HOOK = "{kind: webhook, url: {env: URL_OF_TEST}, secret: {env: KEY_OF_TEST}}"
POST = "mail: {host: 127.0.0.1, tls: none, from: desk@our-msp.example}\n"


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("URL_OF_TEST", "https://chat.example/services/hidden?sig=hidden")
    monkeypatch.setenv("KEY_OF_TEST", "0123456789abcdef")


def load(folder: Path, channel: str, operators: str = "{}", more: str = "") -> Settings:
    text = f"notify:\n  channels:\n    ops: {channel}\n  operators: {operators}\n{more}{MAIN}"
    (folder / "connector.yaml").write_text(text, encoding="utf-8")
    return load_settings(folder)


def told(settings: Settings) -> list[str]:
    """What `check` says of secrets."""
    return shown(settings.missing_secrets())


def test_a_channel_reads_its_address_and_key_when_they_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load(tmp_path, HOOK, "{at_once: {connection_stopped: ops}, digest: {quarantined: [ops]}}")
    ops = settings.notify.channels["ops"]
    assert ops.address() == "https://chat.example/services/hidden?sig=hidden"
    assert ops.key() == b"0123456789abcdef"
    assert "hidden" not in repr(settings)
    rule = settings.notify.operators.rule()
    assert (rule.at_once, rule.digest) == ({"connection_stopped": ("ops",)}, {"quarantined": ("ops",)})
    monkeypatch.setenv("URL_OF_TEST", "https://chat.example/another")
    assert ops.address() == "https://chat.example/another"
    monkeypatch.setenv("KEY_OF_TEST", "short")
    said = (
        "connector.yaml:3:51: environment variable KEY_OF_TEST is too short: expected 16 characters or more"
    )
    assert said in shown(settings.missing_secrets())


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://chat.example/hidden", "expected https://"),
        ("https://127.0.0.1/hidden", "a loopback or private address is refused"),
        ("https://169.254.169.254/hidden", "a loopback or private address is refused"),
        ("https://user:hidden@chat.example/", "no user name or password in an address"),
        ("file:///etc/hidden", "no address"),
        ("https://[::1/hidden", "no address"),
        ("https://chat.example/hid\u202eden", "no address"),
        ("https://chat.example/" + "hidden" * 400, "longer than 2048 characters"),
        ("https:///hidden", "expected an address"),
    ],
)
def test_an_address_that_cannot_be_right_is_refused_without_telling_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, said: str
) -> None:
    monkeypatch.setenv("URL_OF_TEST", url)
    settings = load(tmp_path, HOOK)
    with pytest.raises(ConfigError) as caught:
        settings.notify.channels["ops"].address()
    assert said in str(caught.value)
    assert "URL_OF_TEST" in str(caught.value)
    assert "hidden" not in str(caught.value)
    assert caught.value.line == 3
    assert shown([caught.value])[0] in told(settings)


@pytest.mark.parametrize(
    ("channel", "operators", "said"),
    [
        ("{kind: fax}", "{}", "expected 'webhook', 'teams', 'slack' or 'mail'"),
        ("{kind: teams}", "{}", "a teams channel needs where its address stands"),
        ("{kind: slack, url: https://hooks.example/hidden}", "{}", "a secret is not written here"),
        ("{kind: webhook, url: {env: URL_OF_TEST}}", "{}", "a webhook is signed and needs one"),
        ("{kind: slack, url: {env: URL_OF_TEST}, secret: {env: K}}", "{}", "teams and slack have none"),
        ("{kind: slack, url: {env: URL_OF_TEST}, to: [a@b.example]}", "{}", "only a mail channel has"),
        ("{kind: mail}", "{}", "needs whom to write to"),
        ('{kind: mail, to: ["a@b.example\\nBcc: x@y.example"]}', "{}", "expected a mail address"),
        ("{kind: mail, to: [a@b.example], url: {env: URL_OF_TEST}}", "{}", "no url and no secret"),
        (HOOK, "{at_once: {connection_stopped: [oops]}}", "no channel 'oops' under channels"),
        (HOOK, "{at_once: {missed: [ops]}}", "connection_stopped"),
        (HOOK, "{digest_at: 8}", "expected a time of day"),
        (HOOK.replace("kind", "per_hour: 0, kind"), "{}", "must be greater than or equal to 1"),
    ],
)
def test_what_cannot_work_is_refused_at_its_place(
    tmp_path: Path, channel: str, operators: str, said: str
) -> None:
    with pytest.raises(ConfigErrors) as caught:
        load(tmp_path, channel, operators, POST)
    (error,) = shown(caught.value.errors)
    assert error.startswith("connector.yaml:")
    assert said in error
    assert "hidden" not in error


def test_a_mail_channel_needs_the_mail_server(tmp_path: Path) -> None:
    channel = "{kind: mail, to: [Maria <maria@our-msp.example>]}"
    assert load(tmp_path, channel, more=POST).notify.channels["ops"].to == ["Maria <maria@our-msp.example>"]
    with pytest.raises(ConfigErrors) as caught:
        load(tmp_path, channel)
    assert "needs the mail server under `mail`" in str(caught.value)


def test_nobody_is_told_unless_it_is_written(tmp_path: Path) -> None:
    assert not policy(tmp_path, MINIMAL).notify


def test_a_client_says_what_is_told_to_whom_and_when(tmp_path: Path) -> None:
    written = (
        "notify:\n  at_once: {missed: dispatch, release: [boss, dispatch]}\n  digest: {at_risk: [boss]}\n"
        "  digest_at: hourly\n  hours: {mon-fri: ['07:00-19:00']}\n"
    )
    rule = policy(tmp_path, MINIMAL + written).notify
    assert rule.at_once == {"missed": ("dispatch",), "release": ("boss", "dispatch")}
    assert rule.digest == {"at_risk": ("boss",)}
    assert rule.digest_minute is None
    assert not isinstance(rule.hours, str)
    assert rule.hours.timezone == "Europe/London"


def test_who_is_told_is_no_part_of_a_verdict(tmp_path: Path) -> None:
    told = policy(tmp_path, MINIMAL + "notify: {at_once: {missed: [dispatch]}}\n")
    assert told.digest == policy(tmp_path, MINIMAL).digest


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{at_once: {mised: [a]}}", "expected 'followup_late'"),
        ("{at_once: {connection_stopped: [a]}}", "expected 'followup_late'"),
        ("{at_once: {missed: []}}", "expected at least one"),
        ("{at_once: {missed: [a, a]}}", "expected every channel once"),
        ("{at_once: {missed: [a]}, digest: {missed: [a]}}", "a is told of missed at once and in the digest"),
        ("{digest_at: '25:00'}", "expected a time of day"),
        ("{hours: nights}", "working_hours"),
        ("{hours: {mon: ['09:00-17:00'], mon-fri: ['09:00-17:00']}}", "mon is named twice"),
        ("{hours: {}}", "no working time at all"),
    ],
)
def test_what_a_clients_file_cannot_mean_is_refused(tmp_path: Path, written: str, said: str) -> None:
    found = shown(errors(tmp_path, MINIMAL + f"notify: {written}\n"))
    assert any(said in error for error in found), found
    assert all(error.startswith("acme.yaml:") for error in found)


def test_a_channel_that_is_not_there_is_told_at_its_place(tmp_path: Path) -> None:
    write(tmp_path, MINIMAL + "notify:\n  at_once: {missed: [ops]}\n  digest: {at_risk: [dispach, ops]}\n")
    book = load_clients(tmp_path)
    assert shown(book.unknown_channels({"ops", "dispatch"})) == [
        "acme.yaml:9:22: no channel 'dispach' in connector.yaml; did you mean 'dispatch'?"
    ]
    assert len(book.unknown_channels(())) == 3
    assert book.errors == (), "its rules hold all the same"
