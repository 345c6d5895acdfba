"""A webhook is believed by its signature over the raw bytes, and carries a hint and nothing more."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import Rejected, Unproven
from connector.psa.autotask.adapter import Autotask
from connector.psa.autotask.webhook import genuine, read, signature
from tests.shared import shared
from tests.unit.psa.autotask.kit import CONFIG

BODY = (
    b'{"Action":"Update","Guid":"g-1","EntityType":"Ticket","Id":351182,"Fields":{"Status":"5"},'
    b'"SequenceNumber":2,"PersonId":30691780}'
)
NOTE = (
    b'{"Action":"Create","Guid":"g-2","EntityType":"TicketNote","Id":9,"Fields":{"TicketID":"100"},'
    b'"SequenceNumber":1}'
)


def signed(body):
    return {"x-hook-signature": signature(CONFIG.hook_secret, body)}


@pytest.fixture
async def psa():
    it = Autotask("main", CONFIG)
    yield it
    await it.close()


@given(st.binary(max_size=200), st.text(max_size=40))
def test_only_the_right_signature_is_genuine(body, claimed):
    assert genuine("k", body, signature("k", body))
    assert not genuine("k", body + b" ", signature("k", body))
    assert not genuine("other", body, signature("k", body))
    assert genuine("k", body, claimed) == (claimed.strip() == signature("k", body))


async def test_a_genuine_delivery_is_a_hint(psa):
    (hint,) = await psa.verify(BODY, signed(BODY), {})
    assert (hint.ticket_id, hint.action, hint.deliver_id) == ("351182", "update", "g-1:2")
    (of_note,) = await psa.verify(NOTE, signed(NOTE), {})
    assert of_note.ticket_id == "100"


@pytest.mark.parametrize(
    "headers", [{}, {"x-hook-signature": ""}, {"x-hook-signature": "sha1=AAAA"}, signed(b"{}")]
)
async def test_any_other_is_refused(psa, headers):
    with pytest.raises(Rejected):
        await psa.verify(BODY, headers, {})


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b"{}", b"[" * 5000, b'{"Action":""}'])
async def test_a_signed_body_of_another_shape_is_taken_and_says_nothing(psa, body):
    assert await psa.verify(body, signed(body), {}) == []
    with pytest.raises(Rejected):
        await psa.verify(body, {}, {})


@pytest.mark.parametrize("id_", ["x", "-1", "../5", None, {}, "12345678901"])
async def test_an_id_that_is_none_names_no_ticket(psa, id_):
    body = json.dumps({"Action": "Update", "EntityType": "Ticket", "Id": id_}).encode()
    assert await psa.verify(body, signed(body), {}) == []


async def test_other_entities_are_passed_over(psa):
    body = b'{"Action":"Update","EntityType":"Account","Id":5}'
    assert await psa.verify(body, signed(body), {}) == []


@pytest.mark.parametrize(
    ("body", "query"), [(b'{"action":"Deactivated","Guid":"g"}', {}), (b"", {"deactivated": "1"})]
)
async def test_being_switched_off_may_be_told_unsigned_and_proves_nothing(psa, body, query):
    with pytest.raises(Unproven):
        await psa.verify(body, {}, query)
    assert await psa.verify(BODY, signed(BODY), {})


if shared("payloads", "autotask", "webhook_signature_kat.json"):

    def test_the_signature_is_the_one_others_compute():
        for row in json.loads(shared("payloads", "autotask", "webhook_signature_kat.json")[0].read_text()):
            assert signature(row["secret"], row["body"].encode()) == row["header"]
            assert genuine(row["secret"], row["body"].encode(), row["header"])


if shared("payloads", "autotask", "webhook_deliveries_nango.json"):

    def test_deliveries_as_others_have_seen_them_are_read():
        rows = json.loads(shared("payloads", "autotask", "webhook_deliveries_nango.json")[0].read_text())
        found = [read(json.dumps(row).encode()) for row in rows]
        assert [one.ticket_id for one in found] == ["351181", "351182", "351181"]
        assert [one.action for one in found] == ["create", "update", "delete"]
        assert len({one.deliver_id for one in found}) == 3
        assert {one.person for one in found} == {"30691780"}
