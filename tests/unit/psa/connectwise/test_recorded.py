"""Rows as real servers of several years sent them; only where the shared material is at hand."""

import json

import pytest

from connector.psa.connectwise import mapping
from connector.psa.connectwise.fields import custom_fields, from_definition, from_value
from connector.psa.connectwise.mapping import Reader
from connector.psa.connectwise.people import People, member
from tests.shared import SHARED, shared

if SHARED:

    def recorded(*parts):
        return json.loads(shared("payloads", "connectwise", *parts)[0].read_text())

    @pytest.fixture
    def reader():
        return Reader(
            People([member(recorded("djcw_member.json"))]), site="https://psa.example", company="acme"
        )

    def test_a_ticket_of_2017_with_explicit_nulls(reader):
        row = recorded("djcw_service_ticket.json")
        ticket = mapping.snapshot(row, reader, {}).ticket
        assert (ticket.id, ticket.client, ticket.owner, ticket.status) == (
            "69",
            "TestCompany",
            "User1",
            "New",
        )
        assert ticket.opened_at.isoformat() == "2005-05-27T17:30:19+00:00"
        assert [f.caption for f in map(from_value, custom_fields(row)) if f] == ["Story Points"]

    def test_a_note_of_2010(reader):
        ticket = mapping.snapshot(recorded("djcw_service_ticket.json"), reader, {}).ticket
        events, bad = mapping.notes(recorded("djcw_service_note_list.json"), ticket, reader)
        assert bad == []
        assert [(e.key, e.actor.kind, e.direction) for e in events] == [("note:3", "staff", "out")]

    def test_a_time_entry_that_was_not_shared(reader):
        ticket_id, message = mapping.time_entry(recorded("djcw_time_entry.json"), reader)
        assert (ticket_id, message.direction, message.minutes, message.actor.id) == (
            "69",
            "internal",
            120,
            "User1",
        )

    def test_custom_fields_of_2026_unset_ones_included():
        rows = recorded("amp-labs", "read__one-contact.json")
        values = [f for row in rows for f in map(from_value, custom_fields(row)) if f]
        defined = [
            f for f in map(from_definition, recorded("amp-labs", "custom-fields__definitions.json")) if f
        ]
        assert {f.id for f in values} <= {f.id for f in defined}
        assert any(f.options == ("true", "false") for f in defined)
