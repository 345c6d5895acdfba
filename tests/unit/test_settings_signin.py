"""The sign-in's settings: beyond loopback only guarded, and a proxy believed only from where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.errors import ConfigErrors
from connector.settings import Settings, load_settings
from connector.settings.signin import ProxyPart
from tests.unit.test_settings import MAIN


def load(folder: Path, web: str) -> Settings:
    (folder / "connector.yaml").write_text(f"web: {web}\n{MAIN}")
    return load_settings(folder)


@pytest.mark.parametrize("guard", ["token: {env: T}", "proxy: {from: [10.0.0.5]}"])
def test_beyond_loopback_something_must_guard(tmp_path: Path, guard: str) -> None:
    assert load(tmp_path, f"{{host: 0.0.0.0, {guard}}}").web.host == "0.0.0.0"


def test_a_token_to_look_does_not_replace_one_to_act(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors, match=r"set web\.token or web\.proxy"):
        load(tmp_path, "{host: 0.0.0.0, view_token: {env: T}}")


def test_the_token_to_look_is_read_and_missed_like_any_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load(tmp_path, "{view_token: {env: PX_LOOK}}")
    assert "environment variable PX_LOOK is not set" in str(settings.missing_secrets()[0])
    monkeypatch.setenv("PX_LOOK", "look-3a")
    assert (settings.web.view_token_text(), settings.web.token_text()) == ("look-3a", None)
    assert "look-3a" not in repr(settings)


@pytest.mark.parametrize(
    ("proxy", "words"),
    [
        ("{}", "'web.proxy.from' is missing"),
        ("{from: []}", "expected at least one"),
        ("{from: [proxy.example]}", "expected an address or a network, like 10.0.0.5"),
        ("{from: [0.0.0.0/0]}", "this is everybody"),
        ("{from: ['::/0']}", "this is everybody"),
        ("{from: [10.0.0.5], header: 'X: y'}", "should match pattern"),
        ("{from: [10.0.0.5], operator: [dana]}", "unknown key 'operator'; did you mean 'operators'?"),
    ],
)
def test_a_proxy_that_cannot_be_believed(tmp_path: Path, proxy: str, words: str) -> None:
    with pytest.raises(ConfigErrors) as wrong:
        load(tmp_path, f"{{host: 0.0.0.0, proxy: {proxy}}}")
    assert words in str(wrong.value)
    assert "open to the network" not in str(wrong.value), "one mistake, one error"


def test_a_proxy_is_known_by_its_address() -> None:
    proxy = ProxyPart.model_validate({"from": ["10.1.2.3/24", "::1"]})
    assert proxy.header == "X-Forwarded-User"
    for known in ("10.1.2.9", "::ffff:10.1.2.9", "::1", "::1%lo"):
        assert proxy.believes(known)
    for stranger in ("10.1.3.1", "127.0.0.1", "", "proxy", "::ffff:10.1.3.1"):
        assert not proxy.believes(stranger)
