"""What is planted for the canary: workflows by name, and rights that lack for one verb only."""

from __future__ import annotations

import pytest

from connector.simulator.faults import Faults, off_limits


def test_workflows_are_named_and_a_wrong_name_is_refused():
    assert Faults.parse(["workflow=note,mail"]).workflow == "note,mail"
    faults = Faults()
    with pytest.raises(ValueError, match=r"expected some of .*touch, not nail"):
        faults.update({"workflow": "note,nail"})
    assert faults.workflow == "", "then none is set"


@pytest.mark.parametrize(
    ("forbidden", "method", "path", "refused"),
    [
        ("/time", "GET", "/time/entries", True),
        ("/Time, /x", "GET", "/time/entries", True),
        ("PATCH /service/tickets", "PATCH", "/service/tickets/7", True),
        ("patch /service/tickets", "PATCH", "/service/tickets/7", True),
        ("PATCH /service/tickets", "GET", "/service/tickets/7", False),
        ("", "GET", "/time", False),
        (" , ", "GET", "/time", False),
    ],
)
def test_a_right_may_lack_for_one_verb(forbidden, method, path, refused):
    assert off_limits(forbidden, method, path) is refused
