"""What a canary makes of two looks, what it says of a ticket, and what it stands for."""

from __future__ import annotations

import doctest
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.history.canary import sight
from connector.history.canary.aim import doubts
from connector.history.canary.setup import changed
from connector.history.canary.sight import Sight, moved
from connector.model import Actor, Message, Ticket
from connector.psa import whole
from connector.psa.port import Snapshot
from connector.psa.whole import RESTLESS, plain
from connector.settings.canary import stands_for
from connector.settings.connection import Connection
from connector.settings.halo import Halo
from connector.settings.secret import Secret

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
US = Actor("automation", marks=("self",))
ANN = Actor("staff", "ann", "Ann")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)


def seen(*messages: Message, editor: Actor = US, **fields: str) -> Sight:
    ticket = Ticket(id="7", opened_at=NOW, summary=fields.pop("summary", "A test"))
    snapshot = Snapshot(ticket=ticket, version="1", editor=editor)
    return Sight(snapshot=snapshot, messages={one.key: one for one in messages}, fields=fields)


def said(direction: str, text: str = "hello", actor: Actor = ANN, hours: float = 0) -> Message:
    at = NOW - timedelta(hours=hours)
    return Message(at=at, key=f"note:{direction}:{text}", direction=direction, text=text, actor=actor)


def test_the_examples_are_true():
    assert (doctest.testmod(whole).failed, doctest.testmod(sight).failed) == (0, 0)


@given(st.dictionaries(st.text(), JSON))
def test_whatever_a_psa_sends_becomes_text_by_name(row):
    found = plain(row)
    assert all(isinstance(name, str) and value for name, value in found.items())
    assert plain(row) == found


@given(st.dictionaries(st.text(), JSON))
def test_what_is_the_same_has_not_moved(row):
    one = seen(said("out"), **{})
    one = Sight(snapshot=one.snapshot, messages=one.messages, fields=plain(row))
    assert moved(one, one) == []


@pytest.mark.parametrize(
    "name",
    [
        *("_info", "lastUpdated", "last_update", "lastactiondate", "lastActivityDate", "slatimeleft"),
        *("lastTrackedModificationDateTime", "minutesWaiting", "currentelapsedhours", "seenby", "ticketage"),
    ],
)
def test_what_goes_on_by_itself_is_left_out(name):
    assert RESTLESS.search(name)
    assert plain({name: "x"}) == {}


@pytest.mark.parametrize(
    "name",
    ["status", "status_id", "slaStatus", "dateResponded", "respondbydate", "owner", "onhold", "dueDateTime"],
)
def test_what_others_decide_is_not(name):
    assert plain({name: "x"}) == {name: "x"}


def test_each_move_is_told_by_its_kind():
    before = seen(said("in"), **{"status.id": "1", "status.name": "New", "PX Why": "", "owner": "Ann"})
    after = seen(
        said("in"),
        said("out", "Your ticket was\n updated " + "x" * 200),
        said("internal"),
        editor=ANN,
        **{"status.id": "2", "status.name": "Done", "PX Why": "canary"},
    )
    told = [(move.kind, move.text) for move in moved(before, after, {"PX Why"})]
    assert [kind for kind, _ in told] == ["customer", "note", "field", "status", "editor"]
    assert told[0][1].startswith("note by Ann: 'Your ticket was updated x")
    assert len(told[0][1]) < 100
    assert told[2:] == [
        ("field", "owner: 'Ann' → ''"),
        ("status", "status.name: 'New' → 'Done'"),
        ("editor", "last changed by Ann (staff), not by us"),
    ]


def test_what_speaks_against_a_test_ticket():
    assert doubts(seen(), NOW) == []
    assert doubts(seen(summary="CANARY for px"), NOW) == []
    told = doubts(seen(said("in", hours=30), said("out", hours=100), summary="Protest: printer"), NOW)
    assert told == [
        "its summary does not say that it is a test",
        "the customer wrote on it, last 30 h ago",
        "somebody of the desk answered on it, last 4 days ago",
    ]


def test_what_is_no_longer_as_it_was_is_named():
    kept = {"keys": {"vendor": "halo", "site": "a"}, "captions": ["why: PX Why", "zone: SLA Zone"]}
    assert changed(kept, kept) == []
    assert changed(kept, {**kept, "captions": ["why: PX Why"]}) == [], "a field less"
    now = {"keys": {"vendor": "halo", "site": "b", "tenant": "t"}, "captions": ["why: Reason"]}
    assert changed(kept, now) == [
        "`site` has another value",
        "`tenant` has another value",
        "the field of 'why: Reason' is new",
    ]
    assert changed({}, kept) != [], "a row nobody understands stands for nothing"


KEYS = {"vendor": "halo", "site": "acme.halopsa.com", "client_secret": {"env": "PX_S"}}


def test_a_secret_is_never_told_and_its_place_does_not_matter(monkeypatch):
    monkeypatch.setenv("PX_A", "the-client-id")
    monkeypatch.setenv("PX_B", "the-client-id")
    first, second = (
        stands_for(Halo.model_validate({**KEYS, "client_id": {"env": name}})) for name in ("PX_A", "PX_B")
    )
    assert first == second
    assert "the-client-id" not in json.dumps(first)
    monkeypatch.setenv("PX_B", "another")
    assert stands_for(Halo.model_validate({**KEYS, "client_id": {"env": "PX_B"}})) != first


def test_what_has_nothing_to_do_with_writing_asks_for_no_new_canary(monkeypatch):
    monkeypatch.setenv("PX_A", "x")
    plain_ = Halo.model_validate({**KEYS, "client_id": {"env": "PX_A"}})
    tuned = plain_.model_copy(update={"concurrency": 9, "scope": "all:standard", "write_back": True})
    assert stands_for(tuned) == stands_for(plain_)


def test_a_vendor_that_names_no_keys_stands_by_all_its_own(monkeypatch):
    class Other(Connection):
        host: str
        key: Secret

    monkeypatch.setenv("PX_A", "x")
    one = Other.model_validate({"vendor": "other", "host": "h", "key": {"env": "PX_A"}})
    assert set(stands_for(one)) == {"vendor", "host", "key"}
