"""Settings of the ticket card inside the PSA: off unless written, and only for pages that are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.errors import ConfigError, ConfigErrors
from connector.psa.embed import Framed
from connector.psa.vendors import build_psa
from tests.unit.test_settings import MAIN, load
from tests.unit.test_settings_vendors import AUTOTASK, HALO

CARD = "    card_secret: {env: CARD}\n"


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CW_PUBLIC", "CW_PRIVATE", "CW_CLIENT", "HALO_ID", "HALO_SECRET", "AT_SECRET", "AT_CODE"):
        monkeypatch.setenv(name, "x" * 16)
    monkeypatch.setenv("CARD", "c" * 24)


async def frame_of(folder: Path, text: str) -> tuple[str, ...] | None:
    """Who may frame the card; None: nobody."""
    psa = build_psa("main", load(folder, text).connections["main"])
    try:
        frame = psa.frame if isinstance(psa, Framed) else None
        return frame and frame.origins
    finally:
        await psa.close()


@pytest.mark.parametrize("text", [HALO, AUTOTASK])
async def test_no_card_unless_a_secret_is_named(tmp_path: Path, text: str) -> None:
    assert await frame_of(tmp_path, text) is None


async def test_the_psas_own_pages_may_show_it(tmp_path: Path) -> None:
    assert await frame_of(tmp_path, HALO + CARD) == ("https://acme.halopsa.com",)
    named = CARD + "    card_origins: ['https://Desk.example.com:8443', https://acme.halopsa.com]\n"
    assert await frame_of(tmp_path, HALO + named) == (
        "https://desk.example.com:8443",
        "https://acme.halopsa.com",
    )


async def test_connectwise_shows_its_pages_at_another_address_than_its_api(tmp_path: Path) -> None:
    text = """\
connections:
  main:
    vendor: connectwise
    site: api-na.myconnectwise.net
    company: acme
    public_key: {env: CW_PUBLIC}
    private_key: {env: CW_PRIVATE}
    client_id: {env: CW_CLIENT}
"""
    assert await frame_of(tmp_path, text + CARD) == ("https://na.myconnectwise.net",)


@pytest.mark.parametrize(
    "origin",
    ["http://psa.example.com", "https://a.example.com/path", "https://x; script-src *", "*", "'self'"],
)
def test_what_is_no_origin_is_refused(tmp_path: Path, origin: str) -> None:
    with pytest.raises(ConfigErrors):
        load(tmp_path, f'{HALO}{CARD}    card_origins: ["{origin}"]\n')


def test_autotask_has_no_frames_and_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors, match="unknown key 'card_secret' for vendor autotask"):
        load(tmp_path, AUTOTASK + CARD)


def test_a_short_secret_is_told_by_check_and_by_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARD", "c" * 23)
    settings = load(tmp_path, HALO + CARD)
    (error,) = settings.missing_secrets()
    assert "CARD is too short: expected 24 characters or more" in str(error)
    with pytest.raises(ConfigError, match="too short"):
        build_psa("main", settings.connections["main"])


def test_the_other_settings_need_none(tmp_path: Path) -> None:
    assert load(tmp_path, MAIN).connections["main"].lengths() == {}
