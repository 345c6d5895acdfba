"""A pass shows one ticket of one connection for some hours, and nothing can be made of it but that."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.web.passes import LIFE, Pass, Passes

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MAIN = Passes(connection="main", key=b"k" * 24)


def given_for(ticket: str, passes: Passes = MAIN) -> dict[str, str]:
    return dict(parse_qsl(passes.query(ticket, NOW)))


def test_it_says_which_ticket_until_when() -> None:
    assert MAIN.read(given_for("1004")) == Pass("1004", NOW + LIFE)


@pytest.mark.parametrize(
    "change",
    [
        {"ticket": "1005"},
        {"ticket": ""},
        {"until": str(int(NOW.timestamp()) + 10**7)},
        {"until": ""},
        {"pass": ""},
        {"pass": "0" * 64},
        {"pass": "ü\ud800"},
        {"ticket": "1004\x001763845200", "until": ""},
    ],
)
def test_changed_in_any_way_it_is_none_of_ours(change: dict[str, str]) -> None:
    assert MAIN.read({**given_for("1004"), **change}) is None


def test_missing_parts_are_none_of_ours() -> None:
    whole = given_for("1004")
    for lost in whole:
        assert MAIN.read({name: value for name, value in whole.items() if name != lost}) is None


def test_another_connection_or_secret_does_not_take_it() -> None:
    assert Passes(connection="other", key=MAIN.key).read(given_for("1004")) is None
    assert Passes(connection="main", key=b"n" * 24).read(given_for("1004")) is None


def test_the_secret_stands_in_no_address_and_no_repr() -> None:
    assert "kkkk" not in MAIN.query("1004", NOW) + repr(MAIN)


@given(st.text(), st.text(), st.text())
def test_whatever_is_made_up_is_refused(ticket: str, until: str, sign: str) -> None:
    assert MAIN.read({"ticket": ticket, "until": until, "pass": sign}) is None
