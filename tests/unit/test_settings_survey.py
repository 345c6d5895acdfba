"""Settings of the survey's page and of the mail server: what is refused, and where it is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.errors import ConfigError, ConfigErrors
from connector.settings import Settings, load_settings
from tests.unit.clients_kit import shown
from tests.unit.test_settings import MAIN

PAGE = "survey: {key: {env: KEY_OF_TEST}, url: https://px.example.com/}\n"
POST = "mail: {host: smtp.example.com, from: Desk <desk@example.com>}\n"


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY_OF_TEST", "0123456789abcdef")


def load(folder: Path, text: str) -> Settings:
    (folder / "connector.yaml").write_text(text + MAIN, encoding="utf-8")
    return load_settings(folder)


def wrong(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigErrors) as caught:
        load(folder, text)
    return shown(caught.value.errors)


def test_nobody_is_asked_and_nothing_mailed_unless_it_is_written(tmp_path: Path) -> None:
    settings = load(tmp_path, "")
    assert (settings.survey, settings.mail) == (None, None)


def test_links_are_made_with_the_key_under_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load(tmp_path, PAGE)
    assert settings.survey is not None
    links = settings.survey.links()
    assert (links.base, links.key) == ("https://px.example.com", b"0123456789abcdef")
    assert "0123456789abcdef" not in repr(settings) + repr(links)
    monkeypatch.setenv("KEY_OF_TEST", "0123456789abcde")
    with pytest.raises(ConfigError) as caught:
        settings.survey.links()
    said = (
        "connector.yaml:1:10: environment variable KEY_OF_TEST is too short: expected 16 characters or more"
    )
    assert shown([caught.value]) == [said]
    assert said in shown(settings.missing_secrets())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("survey: {url: https://px.example.com}\n", "survey.key"),
        ("survey: {key: {env: KEY_OF_TEST}}\n", "survey.url"),
        ("survey: {key: secret, url: https://px.example.com}\n", "a secret is not written here"),
        ("survey: {key: {env: KEY_OF_TEST}, url: http://px.example.com}\n", "expected https://"),
        (
            f"survey: {{key: {{env: KEY_OF_TEST}}, url: https://{'x' * 43}.de}}\n",
            "expected at most 53 characters: a link must fit into a PSA's field of 100",
        ),
        ("mail: {host: smtp.example.com}\n", "from"),
        ("mail: {host: smtp.example.com, from: desk}\n", "expected a mail address"),
        ('mail: {host: smtp.example.com, from: "a@b.de\\r\\nBcc: x@y.de"}\n', "expected a mail address"),
        (POST.replace("from", "user: desk, from"), "user and password belong together"),
        (POST.replace("from", "tls: none, from"), "only on loopback"),
        (POST.replace("from", "tls: always, from"), "tls"),
        (POST.replace("from", "password: hunter2, user: desk, from"), "a secret is not written here"),
    ],
)
def test_what_cannot_work_is_refused_at_its_place(tmp_path: Path, text: str, said: str) -> None:
    (error,) = wrong(tmp_path, text)
    assert error.startswith("connector.yaml:1:")
    assert said in error
    assert "hunter2" not in error


def test_mail_goes_encrypted_unless_it_stays_in_the_machine(tmp_path: Path) -> None:
    mail = load(tmp_path, POST).mail
    assert mail is not None
    assert (mail.port, mail.tls, mail.user, mail.sender) == (587, "starttls", None, "Desk <desk@example.com>")
    assert load(tmp_path, POST.replace("smtp.example.com", "127.0.0.1, tls: none")).mail is not None
