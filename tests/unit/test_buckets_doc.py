"""The worked example of docs/clocks.md is what the code does."""

from __future__ import annotations

import json
import re

from connector.rules.assess import assess
from connector.ticketlog import instant, ticket_from_json
from tests.shared import ROOT
from tests.unit.desk import POLICY, at

DOC = (ROOT / "docs" / "clocks.md").read_text(encoding="utf-8")


def _example():
    block = re.search(r"```json\n(.*?)```", DOC, re.S)
    assert block is not None
    return ticket_from_json(json.loads(block[1]))


def test_the_table_of_the_worked_example_is_what_the_clocks_say():
    rows = re.findall(r"^\| (response|resplan|update|resolution) \| (\w+) \| (\d+) \| (\S+Z) \|", DOC, re.M)
    assert len(rows) == 4
    buckets = assess(*_example(), POLICY, at("17:00")).buckets
    for name, state, minutes, done_at in rows:
        clock = buckets[name]
        assert (clock.state, clock.elapsed_min, clock.done_at) == (state, int(minutes), instant(done_at))


def test_the_due_time_of_the_worked_example_is_what_the_clock_says():
    due = re.search(r"was due at (\S+Z)", DOC)
    assert due is not None
    ticket, events = _example()
    clock = assess(ticket, events, POLICY, at("13:30")).buckets["resolution"]
    assert clock.due_at == instant(due[1])
    assert 480 - clock.elapsed_min == 330
