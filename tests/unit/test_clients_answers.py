"""Templates, count rules, expressions and tests of a client's file: what they become, and every mistake."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from connector.clients import default_policy, expressions, load_clients, load_policy
from connector.model import Message
from connector.rules.authorship import decide, judge
from connector.rules.policy import ResponseRule
from tests.unit.authorship_kit import message_of
from tests.unit.clients_kit import MINIMAL, errors, policy, shown, write

VOICEMAIL = """\
templates:
  left-voicemail:
    match: ["left a * voicemail", left vm]
    min_words: 2
    tests:
      match: [I left a quick voicemail., Left VM at 3.]
      no_match: [The voicemail is full.]
"""
RULES = """\
response:
  count:
    - {id: long-calls, templates: [left-voicemail], when: 'note.minutes >= 5 && note.kind == "staff"'}
  never:
    - id: night-robot
      authors: [Rewst, 29]
  tests:
    - {text: Left VM., minutes: 6, counts: true, content: boilerplate}
    - {text: Left VM., minutes: 4, counts: false}
    - {text: Done., author: 29, counts: false, cause: human}
    - {text: Done., by: unknown, team: Desk, subject: x, channel: note, direction: internal, counts: false}
"""
WHOLE = MINIMAL + VOICEMAIL + RULES


def sent(text: str, **fields: object) -> Message:
    return message_of(text, **{"actor": {"kind": "staff", "id": "a1"}, "direction": "out"} | fields)


def why(message: Message, rule: ResponseRule) -> tuple[bool, str]:
    counted, reason = decide(message, judge(message, rule), rule)
    return counted, reason.rule if reason else ""


# ── what they become ──────────────────────────────────────────────────────────────────────────


def test_a_file_with_all_of_it(tmp_path: Path) -> None:
    rule = policy(tmp_path, WHOLE).response
    (template,) = rule.templates
    assert (template.match, template.min_words) == ((("left a", "voicemail"), ("left vm",)), 2)
    assert (template.content, template.counts) == ("boilerplate", None)
    assert why(sent("Left vm.", channel="phone", minutes=7), rule) == (True, "count.long-calls")
    assert why(sent("Left vm.", channel="phone", minutes=2), rule) == (False, "")
    assert why(sent("Done.", actor={"kind": "staff", "name": "REWST"}), rule) == (False, "never.night-robot")


def test_one_pattern_may_stand_alone(tmp_path: Path) -> None:
    text = MINIMAL + "templates: {vm: {match: left vm, content: specific, counts: counted}}\n"
    (template,) = policy(tmp_path, text).response.templates
    assert (template.match, template.content, template.counts) == ((("left vm",),), "specific", "counted")


def test_by_default_there_are_none(tmp_path: Path) -> None:
    for rule in (policy(tmp_path, MINIMAL).response, default_policy().response):
        assert (rule.templates, rule.count, rule.never) == ((), (), ())


def test_a_clients_template_lies_over_the_houses_key_by_key(tmp_path: Path) -> None:
    (tmp_path / "defaults.yaml").write_text(VOICEMAIL)
    own = MINIMAL + "templates: {left-voicemail: {counts: counted}, ours: {match: ours}}\n"
    vm, ours = load_policy(write(tmp_path, own)).response.templates
    assert (vm.min_words, vm.counts, ours.name) == (2, "counted", "ours")


def test_the_digest_is_over_the_source_of_an_expression(tmp_path: Path) -> None:
    first = policy(tmp_path, WHOLE)
    assert policy(tmp_path, WHOLE).digest == first.digest
    assert policy(tmp_path, WHOLE) == first
    assert policy(tmp_path, WHOLE.replace(">= 5", "> 4")).digest != first.digest
    assert policy(tmp_path, WHOLE.replace("left a *", "left * a *")).digest != first.digest
    fewer = WHOLE.replace("    - {text: Left VM., minutes: 4, counts: false}\n", "")
    assert fewer != WHOLE
    assert policy(tmp_path, fewer).digest == first.digest


# ── mistakes ──────────────────────────────────────────────────────────────────────────────────

MISTAKES = [
    ("templates: {Left VM: {match: x}}", "7:13: expected a short name of small letters"),
    ("templates: {vm: {}}", "7:13: 'templates.vm.match' is missing"),
    ("templates: {vm: {match: []}}", "7:25: expected at least one"),
    ("templates: {vm: {match: '*'}}", 'expected words, like "left a * voicemail"'),
    ("templates: {vm: {match: [x, 3]}}", "7:29: expected words, like"),
    ("templates: {vm: {match: x, min_words: 0}}", "7:39: must be greater than or equal to 1, not 0"),
    ("templates: {vm: {match: x, regex: y}}", "7:28: unknown key 'regex'; known here: match"),
    ("response: {count: [{id: a}]}", "7:20: expected a condition beside id"),
    ("response: {never: [{authors: [x]}]}", "'response.never.0.id' is missing"),
    ("response: {never: [{id: a b, authors: [x]}]}", "7:25: expected a short name"),
    ("response: {never: [{id: a, content: [boiler]}]}", "7:38: expected 'specific', 'boilerplate'"),
    ("response: {tests: [{text: x}]}", "'response.tests.0.counts' is missing"),
    ("response: {tests: [{text: x, counts: yes}]}", "7:38: expected true or false, not 'yes'"),
    (
        "response: {never: [{id: a, authors: [x]}], count: [{id: a, authors: [y]}]}",
        "7:25: there is a rule 'a' already",
    ),
    ("response: {never: [{id: a, templates: [vm]}]}", "7:40: no template 'vm'; describe it under templates"),
    # expressions
    (
        "response: {never: [{id: a, when: note.minuts > 5}]}",
        "7:34: character 5 of the expression: note has no 'minuts'; did you mean 'minutes'?",
    ),
    ("response: {never: [{id: a, when: note.x}]}", "note has no 'x'; known: cause, content, template"),
    ("response: {never: [{id: a, when: note == 1}]}", "character 1 of the expression: note has no ''; known"),
    (
        'response: {never: [{id: a, when: note.minutes > "5"}]}',
        "7:34: character 14 of the expression: > cannot be used with (int, string)",
    ),
    ("response: {never: [{id: a, when: note.minutes}]}", "7:34: expected true or false of it, not int"),
    ("response: {never: [{id: a, when: '(('}]}", "character 3 of the expression: Syntax error"),
    (
        "response: {never: [{id: a, when: 'note.text.matches(\"(\")'}]}",
        "7:34: cannot be worked out: invalid regular expression",
    ),
    (
        "response: {never: [{id: a, when: 'note.minutes/0 > 1'}]}",
        "7:34: cannot be worked out: divide by zero",
    ),
    ("response: {never: [{id: a, when: ''}]}", "of the expression: Syntax error"),
    (f"response: {{never: [{{id: a, when: '{'(' * 3000}true{')' * 3000}'}}]}}", "at most 4000 characters"),
    (f"response: {{never: [{{id: a, when: '{'(' * 99}true{')' * 99}'}}]}}", "recursion limit exceeded"),
]


@pytest.mark.parametrize(("line", "words"), MISTAKES, ids=[words[:50] for _, words in MISTAKES])
def test_a_mistake_is_told_at_its_place(tmp_path: Path, line: str, words: str) -> None:
    (only,) = shown(errors(tmp_path, MINIMAL + line + "\n"))
    assert words in only
    assert only.startswith("acme.yaml:7:")


def test_an_expression_over_two_lines_tells_the_line(tmp_path: Path) -> None:
    text = (
        MINIMAL
        + "response:\n  never:\n    - id: a\n      when: |\n        true &&\n        note.words > true\n"
    )
    assert "line 2, character 12 of the expression: > cannot" in shown(errors(tmp_path, text))[0]


def test_its_tests_must_pass(tmp_path: Path) -> None:
    wrong = WHOLE.replace("Left VM at 3.", "Called at 3.").replace("[The voicemail is full.]", "[Left vm.]")
    assert shown(errors(tmp_path, wrong)) == [
        "acme.yaml:12:42: this test fails: it is human, specific (actor.staff)",
        "acme.yaml:13:18: this test fails: it is human, boilerplate, the template 'left-voicemail' "
        "(actor.staff, template.left-voicemail)",
    ]
    wrong = WHOLE.replace("minutes: 4", "minutes: 5").replace("cause: human", "cause: automated")
    assert shown(errors(tmp_path, wrong)) == [
        "acme.yaml:22:44: this test fails: counts is true; it is human, boilerplate, the template "
        "'left-voicemail' (count.long-calls, actor.staff, template.left-voicemail)",
        "acme.yaml:23:55: this test fails: cause is human; it is human, specific "
        "(never.night-robot, actor.staff)",
    ]


def test_a_reload_whose_tests_fail_keeps_the_rules_in_force(tmp_path: Path) -> None:
    write(tmp_path, WHOLE)
    before = load_clients(tmp_path)
    write(tmp_path, WHOLE.replace(">= 5", ">= 50"))
    fresh = load_clients(tmp_path)
    assert [str(error).rpartition("acme.yaml:")[2][:5] for error in fresh.errors] == ["21:44"]
    kept = fresh.keeping(before)
    assert kept.digest == before.digest
    assert [p.response.count[0].when for p in kept.policies] == [before.policies[0].response.count[0].when]


# ── expressions ───────────────────────────────────────────────────────────────────────────────


def test_without_the_extra_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cel_expr_python", None)
    expressions._environment.cache_clear()
    (only,) = shown(errors(tmp_path, WHOLE))
    assert only == (
        "acme.yaml:16:59: `when` needs an extra that is not installed: "
        "pip install 'px-connector[expressions]'"
    )
    plain = policy(tmp_path, MINIMAL + VOICEMAIL)
    assert plain.response.templates
    monkeypatch.undo()
    assert expressions.compiled("true")


def test_what_cannot_be_worked_out_holds_for_nobody() -> None:
    holds = expressions.compiled("8 / (note.words - 7) < 0 || note.minutes > 100")
    note = {name: kind("1") for name, kind in expressions.NOTE_FIELDS.items()}
    assert holds(note) is True
    assert holds({**note, "words": 7}) is None
    assert holds({**note, "words": 7, "minutes": 101}) is True


def test_odd_and_hostile_texts_are_read_at_once() -> None:
    holds = expressions.compiled('note.text.matches("(a+)+b") || note.subject == "?"')
    note = {name: kind("1") for name, kind in expressions.NOTE_FIELDS.items()}
    start = time.perf_counter()
    assert holds({**note, "text": "a" * 65_000}) is False
    assert time.perf_counter() - start < 2
    assert holds({**note, "subject": "\ud800"}) is True
    assert holds({**note, "text": "\0\u202e\U0001f600"}) is False
