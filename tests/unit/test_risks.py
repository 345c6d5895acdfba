"""What a card says of risk: the chance with its reasons, or only what is used; nothing once it is over."""

from __future__ import annotations

import pytest

from connector.history.risks import Risk, risks
from connector.model import Event, Ticket
from connector.rules.policy import Policy
from connector.rules.risk import Model
from tests.unit.desk import OPENED, at, closed, judged, mail, policy, reply, status, target, ticket
from tests.unit.test_foresight import learnt

BOTH = policy(targets={"*": target(response=60, resolution=480)})


def told(clock: str, *events: Event, model: Model | None, of: Ticket | None = None) -> list[Risk]:
    one, rules = of or ticket(), BOTH
    answer = judged(*events, now=at(clock), by=rules, of=one, model=model)
    return list(risks(answer, one, rules, model, at(clock)))


def test_a_learnt_chance_comes_with_its_reasons_and_the_likeliest_first() -> None:
    model = learnt(first=-1.0, share=2.0, untouched=1.5, speed=-0.5)
    resolution, response = told("09:30", reply(OPENED), model=model, of=ticket(group="Slow"))
    assert (response.bucket, response.learnt, response.chance) == ("response", False, 0.5)
    assert response.reasons == ("50 % used",)
    assert (resolution.bucket, resolution.learnt) == ("resolution", True)
    assert 0.5 < resolution.chance < 0.9
    assert resolution.reasons == ("6 % used", "group Slow is slow", "nobody has touched it")


@pytest.mark.parametrize("model", [None, learnt(first=9.0)])
def test_what_is_over_has_no_risk(model: Model | None) -> None:
    done = (mail(at("09:10")), status(at("09:20"), "New", "Resolved"), closed(at("09:25")))
    assert told("10:00", *done, model=model, of=ticket(closed=True)) == []


def test_a_late_promise_is_no_longer_a_risk() -> None:
    (only,) = told("11:00", reply(OPENED), model=None)
    assert (only.bucket, only.reasons) == ("resolution", ("25 % used",))


def test_a_policy_without_promises_risks_nothing() -> None:
    rules: Policy = policy(targets={})
    one = ticket()
    assert list(risks(judged(now=at("10:00"), by=rules, of=one), one, rules, None, at("10:00"))) == []
