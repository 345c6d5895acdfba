"""Secrets are named, read when used, and never shown."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from connector.errors import ConfigError, ConfigErrors
from connector.settings import Secret, load_settings
from tests.unit.clients_kit import shown
from tests.unit.test_settings import MAIN

LINE = "    private_key: {env: CW_PRIVATE}\n"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CW_PUBLIC", "CW_PRIVATE", "CW_CLIENT", "CW_TOKEN", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)


def secret(folder: Path, written: str) -> Secret:
    (folder / "connector.yaml").write_text(MAIN.replace("{env: CW_PRIVATE}", written), encoding="utf-8")
    return load_settings(folder).connections["main"].private_key


def why_not(folder: Path, written: str) -> str:
    with pytest.raises(ConfigError) as caught:
        secret(folder, written).reveal()
    (only,) = shown([caught.value])
    return only


def test_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = secret(tmp_path, "{env: CW_PRIVATE}")
    assert why_not(tmp_path, "{env: CW_PRIVATE}") == (
        "connector.yaml:7:5: environment variable CW_PRIVATE is not set"
    )
    monkeypatch.setenv("CW_PRIVATE", " \n")
    assert "environment variable CW_PRIVATE is empty" in why_not(tmp_path, "{env: CW_PRIVATE}")
    monkeypatch.setenv("CW_PRIVATE", "hunter2\n")
    assert named.reveal().get_secret_value() == "hunter2"  # read now, not when the settings were loaded
    assert named.problem() is None
    assert "hunter2" not in repr(named) + str(named.reveal()) + repr(named.reveal())


def test_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    written = f"{{file: {file}}}"
    assert (
        why_not(tmp_path, written) == f"connector.yaml:7:5: {file} cannot be read: No such file or directory"
    )
    for content, words in [
        (b"\n", "is empty"),
        (b"one\ntwo\n", "holds more than one line"),
        (b"\xff\xfe", "is not text"),
        (b"x" * 70_000, "is larger than 64 KB"),
    ]:
        file.write_bytes(content)
        assert words in why_not(tmp_path, written)
    file.write_bytes(b"hunter2\r\n")
    assert secret(tmp_path, written).reveal().get_secret_value() == "hunter2"


def test_from_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "not started by systemd with LoadCredential=cw" in why_not(tmp_path, "{credential: cw}")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "cw").write_text("hunter2")
    assert secret(tmp_path, "{credential: cw}").reveal().get_secret_value() == "hunter2"


def test_a_file_everybody_can_read_is_a_warning(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("hunter2")
    (tmp_path / "connector.yaml").write_text(MAIN.replace("{env: CW_PRIVATE}", f"{{file: {file}}}"))
    settings = load_settings(tmp_path)
    file.chmod(0o600)
    assert settings.exposed_secrets() == []
    file.chmod(0o644)
    (warning,) = shown(settings.exposed_secrets())
    assert warning == f"connector.yaml:7:5: every user can read {file}: chmod 600 it"


def test_the_board_needs_a_token_to_leave_loopback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "web: {host: 0.0.0.0, token: {env: CW_TOKEN}}\n" + MAIN
    (tmp_path / "connector.yaml").write_text(text)
    settings = load_settings(tmp_path)
    assert shown(settings.missing_secrets())[0] == (
        "connector.yaml:1:22: environment variable CW_TOKEN is not set"
    )
    monkeypatch.setenv("CW_TOKEN", "hunter2")
    assert settings.web.token_text() == "hunter2"
    assert len(settings.missing_secrets()) == 3


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("hunter2", "7:18: a secret is not written here: name where it stands, as {file: "),
        ("12345", "7:18: a secret is not written here"),
        ("", "7:17: a secret is not written here"),
        ("[hunter2]", "7:18: a secret is not written here"),
        ("{}", "7:18: expected exactly one of {file: "),
        ("{env: A, file: /x}", "7:18: expected exactly one of {file: "),
        ("{value: hunter2}", "7:19: unknown key 'value'"),
        ("{file: hunter2}", "7:25: expected the whole path of the file"),
        ("{env: 'hunter2/+='}", "7:24: expected a name of letters, digits and _; is this the secret itself?"),
        ("{env: [hunter2]}", "7:24: expected text"),
        ("{credential: ../hunter2}", "7:31: expected a name of letters"),
        ("&hunter2 x", "7:18: a secret is not written here"),
        ("*hunter2", "7:18: this alias has no anchor before it"),
        ("!hunter2 x", "7:18: tags (!…) are not used here"),
        ("'hunter2", "not valid YAML"),
    ],
)
def test_a_secret_in_the_wrong_place_is_refused_and_not_shown(
    tmp_path: Path, written: str, words: str
) -> None:
    with pytest.raises(ConfigErrors) as caught:
        secret(tmp_path, written)
    (only,) = shown(caught.value.errors)
    assert words in only
    everything = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert "hunter2" not in everything
