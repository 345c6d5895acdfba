"""Every mistake in a client's file is told at its line and column, with what was expected; all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.clients import load_policy
from connector.errors import ConfigError, ConfigErrors
from tests.unit.clients_kit import CALENDAR, HEAD, MINIMAL, TARGETS, errors, shown, write

MISTAKES = [  # the seventh line of a file
    # keys
    ("respones: {}", "7:1: unknown key 'respones'; did you mean 'response'?"),
    ("response: {chanels: [email]}", "7:12: unknown key 'chanels'; did you mean 'channels'?"),
    ("zones: {purple: 3}", "7:9: unknown key 'purple'; known here: yellow, orange, orange_when_left"),
    (
        "flags: {at_rsk: PX}",
        "7:9: expected 'at_risk', 'zone', 'due', 'felt_response', 'px', 'px_percent', 'why', 'watermelon', "
        "'loop' or 'survey', not 'at_rsk'; did you mean 'at_risk'?",
    ),
    ("<<: {}", "7:1: unknown key '<<'"),
    # kinds of value
    ("response: []", "7:11: expected keys and values"),
    ("response:", "7:10: nothing is written here: expected keys and values"),
    ("response: {channels: email}", "7:22: expected a list, like [one, two]"),
    ("response: {channels: []}", "7:22: expected at least one"),
    ("response: {channels: [email, fax]}", "7:30: expected 'email', 'note', 'portal'"),
    ("response: {machines: [2.5]}", "7:23: expected text: put it in quotes"),
    ("response: {machines: ['']}", "7:23: expected text, but it is empty"),
    (
        "response: {unknown: counts}",
        "7:21: expected 'counted', 'not_counted' or 'review', not 'counts'; did you",
    ),
    ("resplan: {appointment: 1}", "7:24: expected true or false, not 1"),
    ("resplan: {appointment: yes}", "7:24: expected true or false, not 'yes'"),
    ("px: {window_days: 90.5}", "7:19: expected a whole number, not 90.5"),
    ("px: {window_days: '90'}", "7:19: expected a whole number"),
    ("px: {window_days: 0}", "7:19: must be greater than or equal to 1, not 0"),
    ("px: {target: 101}", "7:14: must be less than or equal to 100, not 101"),
    ("px: {positive: 0.8}", "7:16: expected points of the scale, like 4/5"),
    ("px: {positive: 6/5}", "7:16: expected points of the scale, like 4/5"),
    ("px: {positive: 1/0}", "7:16: expected points of the scale, like 4/5"),
    ("px: {positive: 2/5}", "7:5: negative must end below where positive begins"),
    ("zones: {yellow: 80}", "7:8: orange (75) must come after yellow (80)"),
    ("risk: {raise_at: 100}", "7:18: expected per cent, above 0 and below 100, like 80; or off"),
    ("risk: {raise_at: 0}", "7:18: expected per cent, above 0 and below 100, like 80; or off"),
    ("risk: {raise_at: true}", "7:18: expected per cent, above 0 and below 100, like 80; or off"),
    ("risk: {raise_at: 80%}", "7:18: expected per cent, above 0 and below 100, like 80; or off"),
    ("risk: {raise_at: null}", "7:18: expected per cent, above 0 and below 100, like 80; or off"),
    ("risk: {rise_at: 80}", "7:8: unknown key 'rise_at'; did you mean 'raise_at'?"),
    ("zones: {orange_when_left: 15}", "7:27: expected a duration with its unit, like 15m or 15h"),
    ("enforce_from: 2026-02-30", "7:15: '2026-02-30' is not in the calendar"),
    ("enforce_from: 1 March", "7:15: expected a date as YYYY-MM-DD"),
    ("resolution: {statuses: []}", "7:24: expected at least one"),
    ("flags: {px: Same, why: same}", "7:19: 'why' and 'px' are the same field: keep one"),
]


@pytest.mark.parametrize(("line", "words"), MISTAKES)
def test_a_mistake_is_told_at_its_place(tmp_path: Path, line: str, words: str) -> None:
    (only,) = shown(errors(tmp_path, MINIMAL + line + "\n"))
    assert words in only
    assert only.startswith("acme.yaml:7:")


TARGET_MISTAKES = [
    ("1d", "'1d': say hours, like 8h: working days differ"),
    ("2 days", "'2 days': say hours, like 8h: working days differ"),
    ("0m", "a promise must be longer than zero; write null for no promise"),
    ("0h0m", "a promise must be longer than zero; write null for no promise"),
    ("-1h", "expected a duration: 15m, 1h or 1h30m"),
    ("-60", "expected a duration with its unit"),
    ("60", "expected a duration with its unit, like 60m or 60h"),
    ("1.5h", "expected a duration: 15m, 1h or 1h30m"),
    ("30s", "expected a duration: 15m, 1h or 1h30m"),
    ("''", "expected a duration: 15m, 1h or 1h30m"),
    ("true", "expected a duration: 15m, 1h or 1h30m"),
    ("[1h]", "expected a duration: 15m, 1h or 1h30m"),
]


@pytest.mark.parametrize(("value", "words"), TARGET_MISTAKES)
def test_a_promise_is_written_with_h_and_m(tmp_path: Path, value: str, words: str) -> None:
    text = HEAD + CALENDAR + f'targets:\n  "*": {{response: {value}}}\n'
    (only,) = shown(errors(tmp_path, text))
    assert only.startswith(f"acme.yaml:6:19: {words}")


CALENDAR_MISTAKES = [
    ("timezone: Europe/Lodnon", "4:13: unknown time zone 'Europe/Lodnon'; did you mean 'Europe/London'?"),
    ("timezone: ../etc/passwd", "4:13: unknown time zone '../etc/passwd'"),
    (
        "timezone: UTC\n  week: {mno: ['09:00-17:00']}",
        "5:10: 'mno': expected days as mon, mon-thu or mon,wed",
    ),
    ("timezone: UTC\n  week: {mon: ['9-17']}", '5:16: expected "HH:MM-HH:MM", like "09:00-17:30"'),
    ("timezone: UTC\n  week: {mon: ['09:00-25:00']}", '5:16: expected "HH:MM-HH:MM"'),
    ("timezone: UTC\n  week: {mon: ['24:00-25:00']}", '5:16: expected "HH:MM-HH:MM"'),
    ("timezone: UTC\n  week: {mon: 09:00-17:00}", "5:15: expected a list"),
    ("timezone: UTC\n  week: always", "5:9: expected keys and values"),
    ("timezone: UTC\n  week: {}", "5:9: the week has no working time at all"),
    ("timezone: UTC\n  week: {mon-sun: []}", "5:9: the week has no working time at all"),
    ("timezone: UTC\n  week: {mon: ['09:00-12:30', '12:00-17:00']}", "5:15: mon: two intervals overlap"),
    (
        "timezone: UTC\n  week: {fri: ['22:00-03:00'], sat: ['02:00-04:00']}",
        "5:9: sat: two intervals overlap",
    ),
    (
        "timezone: UTC\n  week:\n    mon-fri: ['09:00-17:00']\n    wed: ['10:00-11:00']",
        "7:5: wed is in 'mon-fri' already: name every day once",
    ),
    ("timezone: UTC\n  holidays: {country: XX}", "5:23: no holidays are known for country 'XX'"),
    (
        "timezone: UTC\n  holidays: {country: gb}",
        "5:23: no holidays are known for country 'gb'; did you mean 'GB'?",
    ),
    ("timezone: UTC\n  holidays: {country: GB, subdivision: EGN}", "did you mean 'ENG'?"),
    ("timezone: UTC\n  holidays: {country: GB, subdivision: QQ}", "it has ENG, NIR, SCT, WLS"),
    ("timezone: UTC\n  holidays: {country: LU, subdivision: X}", "5:40: LU has no subdivisions: write null"),
    ("timezone: UTC\n  holidays: {subdivision: ENG}", "5:27: a subdivision needs its country"),
    ("timezone: UTC\n  holidays: {add: [2026-13-01]}", "5:20: '2026-13-01' is not in the calendar"),
    ("timezone: UTC\n  closures: {Christmas: ['12:00-24:00']}", "5:14: expected a date as YYYY-MM-DD"),
    ("timezone: UTC\n  closures: {2026-12-24: 12:00}", "5:26: expected a list"),
]


@pytest.mark.parametrize(("lines", "words"), CALENDAR_MISTAKES)
def test_a_calendar_that_cannot_be(tmp_path: Path, lines: str, words: str) -> None:
    (only,) = shown(errors(tmp_path, HEAD + "calendar:\n  " + lines + "\n" + TARGETS))
    assert words in only


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (MINIMAL.replace("client: Acme\n", ""), "acme.yaml:1:1: 'client' is missing"),
        (MINIMAL.replace("connection: main, ", ""), "acme.yaml:2:1: 'match.connection' is missing"),
        (HEAD + TARGETS, "acme.yaml:1:1: 'calendar.timezone' is missing"),
        (HEAD + "calendar: {week: 24x7}\n" + TARGETS, "acme.yaml:3:1: 'calendar.timezone' is missing"),
        (HEAD + CALENDAR, "acme.yaml:1:1: 'targets' is missing"),
        (HEAD + CALENDAR + "targets: {}\n", "acme.yaml:5:10: expected at least one"),
        (MINIMAL + "  p1: {}\n  P1: {}\n", "acme.yaml:8:3: 'P1' and 'p1' are the same row: keep one"),
        (
            MINIMAL + "  P1: {calendar: 24/7}\n",
            "acme.yaml:7:18: expected '24x7', or a calendar of its own, not '24/7'",
        ),
        (MINIMAL.replace("[Acme, 7]", "[]"), "acme.yaml:2:38: expected at least one"),
        (MINIMAL + "\tx: 1\n", "acme.yaml:7:1: a tab"),
        ("", "acme.yaml:1:1: the file is empty"),
        (b"client: \xff\n", "acme.yaml:1:9: this is not UTF-8 text"),
        (b"#" * 2_000_000, "acme.yaml:1:1: the file is larger than 1 MB"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, text: str | bytes, words: str) -> None:
    (only,) = shown(errors(tmp_path, text))
    assert only.startswith(words)


def test_all_mistakes_of_a_file_are_told_together_in_its_order(tmp_path: Path) -> None:
    text = (
        "client: Acme\n"
        "mach: {connection: main, companies: [Acme]}\n"
        "calendar:\n"
        "  timezone: Europe/London\n"
        "  week: {mon: ['09:00-12:00', '11:00-17:00'], fri: ['09:00-12:00', '11:00-17:00']}\n"
        'targets: {"*": {response: 1d, resolution: 0m}}\n'
        "px: {target: 120}\n"
    )
    found = shown(errors(tmp_path, text))
    assert [line.split(": ")[0] for line in found] == [
        "acme.yaml:1:1",
        "acme.yaml:2:1",
        "acme.yaml:5:15",
        "acme.yaml:5:52",
        "acme.yaml:6:27",
        "acme.yaml:6:43",
        "acme.yaml:7:14",
    ]


def test_a_mistake_in_the_house_defaults_is_told_there(tmp_path: Path) -> None:
    (tmp_path / "defaults.yaml").write_text("zones:\n  yellow: lots\n")
    assert shown(errors(tmp_path, MINIMAL)) == ["defaults.yaml:2:11: expected a number"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("client: X\n", "defaults.yaml:1:1: 'client' belongs in a client's file, not in the defaults"),
        ("a: [\n", "defaults.yaml:2:1: not valid YAML"),
    ],
)
def test_defaults_that_cannot_be_used(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "defaults.yaml").write_text(text)
    assert shown(errors(tmp_path, MINIMAL))[0].startswith(words)


def test_defaults_that_lead_nowhere_are_not_taken_for_none(tmp_path: Path) -> None:
    (tmp_path / "defaults.yaml").symlink_to(tmp_path / "gone.yaml")
    assert shown(errors(tmp_path, MINIMAL)) == ["defaults.yaml: no such file"]


def test_raised_errors_are_one_line_each_and_a_config_error(tmp_path: Path) -> None:
    path = write(tmp_path, MINIMAL + "a: 1\nb: 2\n")
    with pytest.raises(ConfigError) as caught:
        load_policy(path)
    assert isinstance(caught.value, ConfigErrors)
    assert (caught.value.file, caught.value.line, caught.value.column) == (path, 7, 1)
    assert len(str(caught.value).splitlines()) == len(caught.value.errors) == 2


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors, match=r"nowhere\.yaml: no such file"):
        load_policy(tmp_path / "nowhere.yaml")
