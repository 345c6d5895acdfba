"""The gates over the labelled messages, where the shared material is present."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from bench import classify
from bench.classify import Case
from tests.shared import shared

LABELLED = shared("data", "messages", "labelled.jsonl")


@cache
def _cases() -> list[Case]:
    return list(classify.cases(LABELLED[0]))


if LABELLED:

    @pytest.mark.parametrize("slice_", ["human-quotes-auto", "relayed-human", "human-short-polite"])
    def test_no_human_is_called_automated(slice_: str) -> None:
        some = [case for case in _cases() if slice_ in case.hard]
        assert some
        assert [case.id for case in some if case.verdict.cause != "human"] == []

    def test_no_human_at_all_is_called_automated() -> None:
        some = [case for case in _cases() if case.label in ("human", "boilerplate")]
        assert [case.id for case in some if case.verdict.cause == "automated"] == []

    def test_no_machine_is_called_human() -> None:
        some = [case for case in _cases() if case.label in ("automated", "ooo")]
        assert [case.id for case in some if case.verdict.cause == "human"] == []

    def test_automated_on_mail_with_headers() -> None:
        found = classify.automated([case for case in _cases() if case.message.headers])
        assert found.precision >= 0.99
        assert found.recall >= 0.93

    def test_absence() -> None:
        found = classify.absence(_cases())
        assert found.precision >= 0.98
        assert found.recall >= 0.95

    def test_bounces() -> None:
        found = classify.bounce(_cases())
        assert found.precision >= 0.98
        assert found.recall >= 0.95

    def test_nothing_is_automated_by_phrases_alone() -> None:
        assert classify.by_phrases_alone(_cases()) == []

    def test_stock_texts_are_learnt_and_no_persons_text_is_taken_for_one() -> None:
        found = classify.boilerplate(classify.as_a_desk_meets_them(_cases()))
        assert found.precision == 1.0
        assert found.recall >= 0.9

    def test_what_names_the_source_is_no_feature() -> None:
        rows = [
            {"subject": "x", "text": "y", "headers": {}, **extra}
            for extra in ({}, {"group": "g", "author": "a"})
        ]
        assert classify.to_message(rows[0]) == classify.to_message(rows[1])
        assert all(case.message.actor.kind == "unknown" for case in _cases())


def test_the_bench_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PX_SHARED", str(tmp_path))
    monkeypatch.setattr(classify, "microseconds", lambda message, **_: 1.0)
    classify.main()
    assert "not there (set PX_SHARED" in capsys.readouterr().out
