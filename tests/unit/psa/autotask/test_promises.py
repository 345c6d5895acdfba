"""The PSA's own verdict on its SLA, out of results that say less than they seem to."""

from datetime import UTC, datetime

import pytest

from connector.model import PsaVerdict
from connector.psa.autotask.promises import met

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ANSWERED, SOLVED = PsaVerdict(response_at=AT), PsaVerdict(response_at=AT, resolved_at=AT)


def row(first=None, plan=None, resolution=None):
    return {"isFirstResponseMet": first, "isResolutionPlanMet": plan, "isResolutionMet": resolution}


@pytest.mark.parametrize(
    ("says", "result", "verdict"),
    [
        (ANSWERED, row(first=True), None),
        (ANSWERED, row(first=False), False),
        (ANSWERED, row(first=True, plan=False, resolution=False), None),
        (SOLVED, row(first=True, resolution=True), True),
        (SOLVED, row(first=True, plan=False, resolution=True), True),
        (SOLVED, row(first=False, resolution=True), False),
        (SOLVED, row(first=True, resolution=False), False),
        (SOLVED, row(first=True), None),
        (SOLVED, row(first="yes", resolution=1), None),
        (SOLVED, {}, None),
        (PsaVerdict(), row(False, False, False), None),
    ],
)
def test_only_stages_that_are_over_are_believed(says, result, verdict):
    assert met(result, says) is verdict
