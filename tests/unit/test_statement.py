"""Every figure of a statement by hand, from a month of four tickets; and what it does not know."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest

from connector.history.statement.chain import sealed
from connector.history.statement.check import problems
from connector.history.statement.collect import month_of
from connector.history.statement.facts import Step, from_records, to_records
from connector.history.statement.figures import figures
from connector.history.statement.page import document, json_document
from connector.history.statement.standing import contract_state
from connector.model import PxFigure
from connector.rules.contract import Happening
from connector.rules.policy import PlanRule
from tests.statement_kit import RULES, at, facts_of, line, rating, usual


def page(*lines: dict[str, Any], **more: Any) -> str:
    return document(to_records(facts_of(*lines, **more)))


def words(html: str) -> str:
    """What a reader sees, on one line."""
    plain = re.sub(r"<script.*?</script>|<style>.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(plain).split())


def test_a_month_by_hand() -> None:
    found = figures(facts_of(*usual()))
    assert (found.answers.px.percent, found.answers.px.n, found.answers.target, found.answers.ambition) == (
        50,
        2,
        90,
        98,
    )
    assert (found.tickets, found.opened, found.finished) == (4, 4, 3)
    assert (found.answers.lost.total, found.answers.lost.mean, found.answers.lost.few) == (100, 50, ("1002",))
    assert (found.answers.rate.answers, found.answers.rate.of_asked, found.answers.resolved) == (2, None, 3)
    kept = {one.bucket: (one.kept, one.missed) for one in found.promises}
    assert kept["response"] == (2, 2)  # 30 and 10 minutes; two hours, and never
    assert kept["resolution"] == (3, 1)  # the open one ran out of its eight hours on the 29th
    assert (found.felt["response"].median, found.told["response"].median) == (30, 3.5)
    assert [(one.kind, one.tickets) for one in found.causes] == [("owner", ("1002", "1003"))]
    assert (found.flattery.reported_share, found.flattery.felt_share) == (100, pytest.approx(200 / 3))
    assert found.watermelons["1002"].reasons == ("rated 1 of 5",)
    assert (found.followups.open, found.followups.late) == (("1002",), ("1002",))
    assert (found.answers.bias.rated, found.answers.bias.unrated) == (2, 1)
    assert {name: list(groups) for name, groups in found.answers.groups.items()} == {
        "board": ["Desk"],
        "contact": ["carol"],
        "channel": ["email"],
    }


def test_an_excluded_ticket_is_apart() -> None:
    found = figures(facts_of(*usual(), rules=RULES + "exclude: {types: [Alert]}\n"))
    assert found.flattery.excluded == 1
    assert {one.bucket: one.kept for one in found.promises}["response"] == 1


def test_what_was_opened_before_promises_are_enforced_is_apart() -> None:
    found = figures(facts_of(*usual(), rules=RULES + "enforce_from: 2026-10-06\n"))
    assert (found.flattery.excluded, found.answers.px.n) == (1, 2)
    assert {one.bucket: (one.kept, one.missed) for one in found.promises}["response"] == (1, 2)


def test_only_ratings_of_the_window_count_and_only_counted_ones() -> None:
    old = line(900, "01 09:00", "01 09:10", "01 09:20", ratings=[{"at": "2026-07-01T09:00:00Z", "score": 1}])
    twice = line(901, "02 09:00", "02 09:10", ratings=[rating("02 10:00", 5), rating("02 11:00", 1)])
    found = figures(facts_of(old, twice))
    assert (found.answers.px.n, found.answers.px.percent, found.answers.refused) == (1, 100, 1)


def test_what_comes_after_the_end_is_not_known_yet() -> None:
    early = facts_of(*usual(), until=datetime(2026, 10, 6, 11, 30, tzinfo=UTC))
    found = figures(early)
    assert (found.answers.px.n, found.tickets) == (1, 2)
    assert found.answers.px.percent == 100
    assert "The month is not over: this is how it stood until then." in found.unknown


def test_nothing_is_known_of_nothing() -> None:
    text = words(page())
    for said in (
        "Nobody rated in the 90 days up to the end of the statement: PX is not known.",
        "Nobody told how much working time was lost.",
        "No ticket was open or finished in the month",
        "there is no NPS",
    ):
        assert said in text
    assert "not known Nobody has rated yet" in text


def test_answers_of_the_yearly_questionnaire_are_told_apart() -> None:
    facts = facts_of(*usual())
    yearly = replace(facts.ratings[0].rating, kind="annual")
    told = replace(
        facts, ratings=[*facts.ratings, replace(facts.ratings[0], rating=yearly, ticket_id="", key="y")]
    )
    found = figures(told)
    assert (found.answers.px.n, found.answers.px.annual, found.answers.rate.answers) == (3, 1, 2)
    text = words(document(to_records(told)))
    assert "1 of them are answers to the yearly questionnaire." in text
    assert "the desk as a whole" in text


def test_nps_is_told_where_the_scale_goes_to_ten() -> None:
    scores = [9, 9, 10, 7, 3]
    lines = [
        line(n, f"0{n} 09:00", f"0{n} 09:10", ratings=[rating(f"0{n} 10:00", score, scale=10)])
        for n, score in enumerate(scores, 1)
    ]
    found = figures(facts_of(*lines))
    assert found.answers.nps is not None
    assert (found.answers.nps.value, found.answers.nps.n) == (pytest.approx(40), 5)
    assert "NPS of the answers on a scale to 10: 40.0 ±" in words(page(*lines))


def test_a_log_without_messages_judges_only_the_resolution() -> None:
    bare = {**line(1, "05 09:00", "", "05 10:00"), "made_sla": True}
    bare["events"] = bare["events"][1:]
    found = figures(facts_of(bare))
    assert [one.bucket for one in found.promises] == ["resolution"]
    assert (found.flattery.felt, found.flattery.felt_kept) == (1, 1)
    assert any("No ticket has any message" in one for one in found.unknown)
    assert any("its clocks are not known" in one for one in found.unknown)


def test_messages_without_text_are_said() -> None:
    one = line(1, "05 09:00", "05 09:10")
    for event in one["events"]:
        event.pop("text")
    assert "Of 2 of 2 messages the text is not known" in words(page(one))


def test_people_of_the_desk_are_named_only_where_asked_for() -> None:
    said = page(*usual())
    assert "dana" not in said
    named = facts_of(*usual(), engineers=True)
    assert list(figures(named).answers.groups["engineer"]) == ["dana"]
    assert "dana" in document(to_records(named))


def test_the_page_needs_nothing_else_and_carries_no_script() -> None:
    html = page(*usual())
    assert re.findall(r"<script[^>]*>", html) == ['<script type="application/json" id="facts">']
    assert html.count("</script>") == 1
    assert "&lt;/script&gt;&lt;b&gt;too slow &amp; rude" in html
    assert re.findall(r'(?:src|href)="([^"]*)"', html) == ["https://psa.example/1002"] * html.count("href=")
    assert "@import" not in html
    assert "url(" not in html
    facts = json.loads(html.split('id="facts">')[1].split("</script>")[0])
    assert any(one.get("rating", {}).get("comment", "").startswith("</script>") for one in facts)


def test_only_web_addresses_become_links() -> None:
    assert "javascript:" not in page(line(1, "05 09:00", url="javascript:alert(1)")).split("<script")[0]


def test_the_facts_come_back_as_they_were() -> None:
    facts = facts_of(*usual())
    records = to_records(facts)
    assert figures(from_records(json.loads(json.dumps(records)))) == figures(facts)
    assert document(json.loads(json.dumps(records))) == document(records)


def test_a_statement_that_is_what_its_facts_make_has_no_problems() -> None:
    records = to_records(facts_of(*usual()))
    assert problems(document(records)) == []
    assert problems(json_document(records)) == []


@pytest.mark.parametrize("text", ["", "{", "{}", "[]", "<html></html>", '{"facts": []}', '{"facts": [1]}'])
def test_what_is_no_statement_is_said(text: str) -> None:
    assert "no statement" in problems(text)[0]


def test_line_ends_and_half_characters_that_people_wrote_do_no_harm() -> None:
    odd = "one\r\ntwo\rthree \ud800 \x00 \u2028 \x1b[31m"
    facts = facts_of(
        line(1, "05 09:00", "05 09:10", summary=odd, ratings=[rating("05 10:00", 5, comment=odd)])
    )
    html = document(to_records(facts))
    assert "\r" not in html
    assert problems(html.encode("utf-8").decode("utf-8")) == []
    assert problems(json_document(to_records(facts))) == []


def test_an_older_statement_says_which_version_to_check_it_with() -> None:
    facts = facts_of(*usual())
    old = replace(facts, head=replace(facts.head, made_by="px-connector 0.0.9"))
    html = document(to_records(old))
    assert problems(html) == []
    assert "made by px-connector 0.0.9" in problems(html.replace("50 % (n 2)", "60 % (n 2)", 1))[-1]
    form = replace(facts, head=replace(facts.head, form=0))
    assert "made in another form, form 0" in problems(document(to_records(form)))[-1]


def test_a_number_on_the_page_is_named_with_what_it_should_be() -> None:
    html = page(*usual())
    told = problems(
        html.replace('<td class="number">50 % (n 2)</td>', '<td class="number">90 % (n 2)</td>', 1)
    )
    assert told == ["PX: what you told us: shows “90 % (n 2)”, the facts give “50 % (n 2)”"]


def test_a_changed_fact_breaks_the_chain_even_where_no_number_shows_it() -> None:
    html = page(*usual())
    told = problems(html.replace('"contact":"carol"', '"contact":"cyril"', 1))
    assert told[0].startswith("the chain is broken at record 3: ticket 1001")


def test_rules_that_do_not_belong_to_the_yaml_are_noticed_under_a_new_chain() -> None:
    """Somebody who can make hashes lowers the target in the facts alone."""
    records = to_records(facts_of(*usual()))
    contents = [{key: value for key, value in one.items() if key != "hash"} for one in records]
    contents[1]["terms"]["px"]["target"] = 40.0
    assert problems(document(sealed(contents))) == [
        "the YAML inside gives other rules than those the figures were worked out by"
    ]


def test_another_yaml_is_noticed_under_a_new_chain() -> None:
    records = to_records(facts_of(*usual()))
    contents = [{key: value for key, value in one.items() if key != "hash"} for one in records]
    contents[1]["files"][1]["text"] = RULES.replace("target: 90", "target: 40")
    told = problems(document(sealed(contents)))
    assert "acme.yaml: its sha256 is not that of its text" in told
    assert "the YAML inside gives other rules than those the figures were worked out by" in told


def test_another_digest_is_noticed_under_a_new_chain() -> None:
    records = to_records(facts_of(*usual()))
    contents = [{key: value for key, value in one.items() if key != "hash"} for one in records]
    contents[1]["digest"] = "sha256:0"
    assert any("the digest of the rules is" in one for one in problems(document(sealed(contents))))


@pytest.mark.parametrize("text", ["2026", "2026-13", "October", "2026-1x", ""])
def test_a_month_is_written_one_way(text: str) -> None:
    with pytest.raises(ValueError, match="expected a month like 2026-10"):
        month_of(text, "UTC", datetime(2026, 11, 1, tzinfo=UTC))


def test_a_month_is_the_clients_own() -> None:
    month = month_of("2026-10", "Europe/London", datetime(2027, 1, 1, tzinfo=UTC))
    assert month.since == datetime(2026, 9, 30, 23, tzinfo=UTC)
    assert month.until == month.ends == datetime(2026, 11, 1, tzinfo=UTC)
    assert month_of("2026-12", "UTC", datetime(2027, 2, 1, tzinfo=UTC)).ends == datetime(
        2027, 1, 1, tzinfo=UTC
    )
    with pytest.raises(ValueError, match="has not begun"):
        month_of("2027-03", "UTC", datetime(2027, 2, 1, tzinfo=UTC))


def happened(kind: Any, when: str, number: int = 1, day: int = 0) -> Step:
    figure = PxFigure(percent=80.0, positive=8, neutral=0, negative=2, n=10, low=49.0, high=94.3, weight=10.0)
    what = Happening(kind=kind, at=datetime.fromisoformat(when), number=number, figure=figure, day=day)
    return Step(
        happening=what, plan=PlanRule(days=60, checkpoints=(20, 60)) if kind == "plan_opened" else None
    )


def test_the_contract_stands_as_it_stood_then() -> None:
    facts = facts_of()
    steps = [
        happened("review_opened", "2026-09-10T10:00:00Z"),
        happened("plan_opened", "2026-10-02T10:00:00Z", 2),
        happened("score_line", "2026-10-09T10:00:00Z", 2, 7),
        happened("checkpoint", "2026-10-22T10:00:00Z", 2, 20),
    ]
    state = contract_state(replace(facts, steps=steps))
    assert state.review_since is None
    assert state.plan is not None
    assert (state.plan.day, state.plan.days, state.plan.checked, state.plan.checkpoints) == (
        29,
        60,
        (20,),
        (20, 60),
    )
    assert state.steps == (1, 3)
    failed = [*steps, happened("plan_failed", "2026-10-30T10:00:00Z", 2, 28)]
    state = contract_state(replace(facts, steps=failed))
    assert (state.plan, state.release_since) == (None, datetime(2026, 10, 30, 10, tzinfo=UTC))
    text = words(document(to_records(replace(facts, steps=failed))))
    assert "Right to leave: active since 30 Oct 2026 10:00" in text
    assert "An improvement plan was opened." in text


def test_at_is_london() -> None:
    assert datetime.fromisoformat(at("05 09:30")) == datetime(2026, 10, 5, 8, 30, tzinfo=UTC)
