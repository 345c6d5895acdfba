"""Figures of a client's tickets, read from what was kept of them, are those of the tickets themselves."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connector.assessmentlog import assessment_to_json
from connector.history.clientwaits import POINTS, spread, waits
from connector.model import Event, PsaVerdict, Rating
from connector.rules.policy import Policy
from connector.store.clientpage import Known, known_of
from tests.unit.desk import CAROL, OPENED, POLICY, at, judged, mail, policy, reply, status, ticket

NOW = at("16:00", 9)


def known(id: str, *facts: Event, by: Policy = POLICY, **fields: object) -> Known:
    one = ticket(id=id, **fields)
    answer = judged(*facts, now=NOW, by=by, of=one)
    kept = {name: getattr(one, name) for name in ("id", "url", "summary", "owner", "priority", "opened_at")}
    return known_of(assessment_to_json(answer), {"conn": "main", **kept})


ASSIGNED = PsaVerdict(response_at=at("09:04"))


def test_both_clocks_and_what_was_kept_and_missed() -> None:
    found = waits(
        [
            known("1", reply(OPENED), mail(at("09:30")), psa=ASSIGNED),
            known("2", reply(OPENED), mail(at("14:00")), psa=ASSIGNED),
            known("3", reply(OPENED)),
        ],
        POLICY,
    )
    assert (found.tickets, found.apart) == (3, 0)
    assert found.felt["response"].curve == ((30.0, 0.5), (240.0, 1.0))  # over the hour of lunch
    assert (found.felt["response"].median, found.felt["response"].longest) == (135.0, 240.0)
    assert found.told["response"].curve == ((4.0, 1.0),)
    assert found.told["response"].n == 2
    assert found.told["resolution"].n == 0
    assert (found.kept["response"], found.missed["response"]) == (1, 2)


def test_what_is_apart_counts_for_nothing() -> None:
    rules = policy(enforce_from=date(2026, 1, 6))
    found = waits(
        [
            known("1", reply(OPENED), mail(at("09:30")), by=rules),
            known("2", type="Alert", opened_at=at("09:00", 7), by=rules),
            known("3", mail(at("09:30", 7)), opened_at=at("09:00", 7), by=rules),
        ],
        rules,
    )
    assert (found.tickets, found.apart) == (1, 2)
    assert found.felt["response"].n == 1


def test_a_watermelon_is_told_with_its_reasons() -> None:
    facts = (
        reply(OPENED),
        mail(at("09:30")),
        status(at("10:00"), "New", "Resolved"),
        Rating(at=at("11:00"), key="r", actor=CAROL, score=1, scale=5),
    )
    (melon,) = waits([known("1", *facts), known("2", *facts[:3])], POLICY).melons
    assert melon.id == "1"
    assert melon.melon == ("rated 1 of 5",)


def test_no_ticket_is_no_figure() -> None:
    found = waits([], POLICY)
    assert (found.tickets, found.melons) == (0, ())
    assert found.felt["response"] == spread([])
    assert spread([]).median is None


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=400))
def test_a_curve_rises_from_the_shortest_to_all_within_the_longest(minutes: list[float]) -> None:
    found = spread(minutes)
    along, shares = zip(*found.curve, strict=True)
    assert list(along) == sorted(set(along))
    assert list(shares) == sorted(shares)
    assert (along[0], along[-1], shares[-1]) == (min(minutes), max(minutes), 1.0)
    assert len(found.curve) <= POINTS
    for value, share in found.curve:
        assert share == sum(one <= value for one in minutes) / len(minutes)
    assert found.ninety is not None
    assert sum(one <= found.ninety for one in minutes) >= 0.9 * len(minutes)


def test_the_psas_time_before_the_opening_is_no_time() -> None:
    early = PsaVerdict(response_at=OPENED - timedelta(days=1))
    assert waits([known("1", psa=early)], POLICY).told["response"].longest == 0.0
