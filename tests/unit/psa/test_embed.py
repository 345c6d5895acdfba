"""Which addresses prove that the PSA itself asks for a ticket's card, and which do not."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import Rejected
from connector.psa.connectwise.embed import ADDRESS, asked
from connector.psa.embed import Asked, Frame
from connector.psa.halo.embed import ADDRESSES, keyed, signature, signed

SECRET = b"halo-shared"
SIGNED_42 = "X1dV+GEoQ3pnh8J3mVAt8iGacdAWoUFFnRJWMDORSXM="  # openssl dgst -sha256 -hmac halo-shared


def query(text: str) -> dict[str, str]:
    """As the web app reads an address."""
    return dict(parse_qsl(text.lstrip("?"), keep_blank_values=True))


def test_connectwise_puts_ticket_and_screen_into_the_address() -> None:
    address = ADDRESS.replace("[cw_id]", "1004").replace("[cw_screen]", "ticket").replace("SECRET", "k" * 24)
    assert asked(query(address), b"k" * 24) == Asked("1004")
    assert asked(query(address.replace("=ticket", "=Ticket")), b"k" * 24) == Asked("1004")


@pytest.mark.parametrize("key", ["", "k", "k" * 23, "k" * 25, "K" * 24, "кккк", "k" * 24 + "\0"])
def test_connectwise_without_the_secret_is_refused(key: str) -> None:
    with pytest.raises(Rejected) as caught:
        asked({"ticket": "1004", "screen": "ticket", "key": key}, b"k" * 24)
    assert "k" * 24 not in str(caught.value)


@pytest.mark.parametrize("screen", ["company", "contact", "", "[cw_screen]"])
def test_the_number_of_another_screen_is_never_taken_for_a_tickets(screen: str) -> None:
    found = asked({"ticket": "1004", "screen": screen, "key": "s"}, b"s")
    assert found.ticket == ""
    assert "belongs on the ticket screen" in found.wrong


def test_halo_signs_the_agent_and_the_known_vector_holds() -> None:
    assert signature("42", SECRET) == SIGNED_42
    assert signed({"ticket": "77", "agent": "42", "hmac": SIGNED_42}, SECRET) == Asked("77")


def test_a_plus_sign_that_halo_did_not_encode_is_still_right() -> None:
    assert "+" in SIGNED_42
    given = query(f"?ticket=77&agent=42&hmac={SIGNED_42}")
    assert given["hmac"] != SIGNED_42
    assert signed(given, SECRET) == Asked("77")
    encoded = SIGNED_42.replace("+", "%2B").replace("=", "%3D")
    assert signed(query(f"?ticket=77&agent=42&hmac={encoded}"), SECRET) == Asked("77")


@pytest.mark.parametrize(
    "wrong",
    [
        {"agent": "43"},
        {"agent": ""},
        {"hmac": ""},
        {"hmac": SIGNED_42[:-2]},
        {"hmac": SIGNED_42.lower()},
        {"hmac": "$HMAC"},
        {"hmac": "\ud800"},
        {"hmac": signature("42", b"another")},
    ],
)
def test_halo_with_a_wrong_signature_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(Rejected):
        signed({"ticket": "77", "agent": "42", "hmac": SIGNED_42, **wrong}, SECRET)


def test_no_agent_is_not_signed_for_either() -> None:
    with pytest.raises(Rejected):
        signed({"ticket": "77", "agent": "", "hmac": signature("", SECRET)}, SECRET)


def test_halo_by_the_secret_alone() -> None:
    assert keyed(query(ADDRESSES["key"].replace("$FAULTID", "77").replace("SECRET", "s")), b"s") == Asked(
        "77"
    )
    with pytest.raises(Rejected):
        keyed({"ticket": "77", "agent": "42", "hmac": signature("42", b"s")}, b"s")


@pytest.mark.parametrize(
    ("came", "told"), [("$FAULTID", "'$FAULTID'"), ("", "there is none"), ("7x", "'7x'")]
)
def test_a_variable_that_was_not_replaced_is_told_to_whoever_set_it_up(came: str, told: str) -> None:
    found = keyed({"ticket": came, "key": "s"}, b"s")
    assert found.ticket == ""
    assert "ticket=$FAULTID" in found.wrong
    assert told in found.wrong


@given(st.dictionaries(st.sampled_from(["ticket", "screen", "agent", "hmac", "key"]), st.text()))
def test_nothing_but_the_secret_opens_and_nothing_breaks(given: dict[str, str]) -> None:
    for read in (asked, signed, keyed):
        with pytest.raises(Rejected):
            read(given, b"\x00a secret nobody types\xff")


def test_a_secret_is_in_no_repr() -> None:
    frame = Frame(origins=("https://na.myconnectwise.net",), secret=b"top-secret", read=asked)
    assert "top-secret" not in repr(frame)
    assert frame.asked({"ticket": "5", "screen": "ticket", "key": "top-secret"}) == Asked("5")
