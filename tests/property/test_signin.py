"""Whatever a stranger sends, they are nobody; and one person's secret is never another's."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from connector.settings.signin import ProxyPart
from connector.web.door import _Visit
from connector.web.signin import Person, Refusal, SignIn

NOW = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
PROXY = ProxyPart.model_validate({"from": ["10.0.0.5", "fd00::/64"], "operators": ["dana"]})
TOKENS = ("open-7f3a91", "look-3ac0de")
DOOR = SignIn(*TOKENS, PROXY, lambda: NOW)

values = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=60)
names = st.sampled_from(
    ["authorization", "x-forwarded-user", "x-forwarded-for", "forwarded", "host", "cookie", "origin", "via"]
)
schemes = st.sampled_from(["Bearer ", "Basic ", "bearer  ", "Digest ", ""])
guesses = st.one_of(
    st.builds(str.__add__, schemes, values),
    values.map(lambda text: "Basic " + base64.b64encode(text.encode()).decode()),
    st.sampled_from([f"Bearer {TOKENS[0][:-1]}", f"Bearer {TOKENS[0]}{TOKENS[1]}", "Bearer dana", "dana"]),
)
headers = st.lists(st.tuples(names, st.one_of(values, guesses)), max_size=6)
strangers = st.one_of(
    st.sampled_from(["127.0.0.1", "::1", "10.0.0.6", "fd01::1", "", "10.0.0.5x", "10.0.0.5, 1.2.3.4"]),
    st.ip_addresses(v=4).map(str).filter(lambda ip: ip != "10.0.0.5"),
    values,
)


@given(headers, strangers)
def test_a_stranger_is_nobody(sent: list[tuple[str, str]], peer: str) -> None:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in sent]
    assert isinstance(DOOR.person(Headers(raw=raw), peer), Refusal)


@given(values)
def test_who_the_proxy_names_acts_only_under_an_operators_name(name: str) -> None:
    who = DOOR.person(Headers(raw=[(b"x-forwarded-user", name.encode("latin-1"))]), "10.0.0.5")
    assert isinstance(who, Refusal) or who.operates == (who.name == "dana")


people = st.builds(
    Person, st.text(st.characters(exclude_categories=["C"])), st.sampled_from(["view", "operate"])
)


@given(people, people)
def test_secrets_are_of_one_person_and_one_use(one: Person, other: Person) -> None:
    mine, theirs = _Visit(one, b"k" * 32), _Visit(other, b"k" * 32)
    assert (mine.sign("form") == theirs.sign("form")) is (one == other)
    assert mine.sign("form") != theirs.sign("cookie")
    assert mine.sign("form") != _Visit(one, b"l" * 32).sign("form")
