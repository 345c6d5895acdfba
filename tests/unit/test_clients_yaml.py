"""YAML as people read it, its places, and its bounds; with the C parser and with the pure one."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.clients import yaml12
from connector.errors import ConfigError

FILE = Path("some.yaml")


@pytest.fixture(params=["c", "pure"])
def _either_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "pure":
        monkeypatch.setattr(yaml12, "_LOADER", yaml.SafeLoader)


def refused(text: str | bytes) -> ConfigError:
    raw = text.encode() if isinstance(text, str) else text
    with pytest.raises(ConfigError) as caught:
        yaml12.parse(raw, FILE)
    return caught.value


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("on", "on"),
        ("22:30", "22:30"),
        ("2026-12-25", "2026-12-25"),
        ("007", "007"),
        ("0x1F", "0x1F"),
        ("0o17", "0o17"),
        ("1_000", "1_000"),
        (".inf", ".inf"),
        ("24x7", "24x7"),
        ("4/5", "4/5"),
        ("'12'", "12"),
        ("!!str 12", "12"),
        ("9" * 5000, "9" * 5000),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("", None),
        ("''", ""),
        ("12", 12),
        ("-3", -3),
        ("1.5", 1.5),
        ("1e3", 1000.0),
    ],
)
@pytest.mark.usefixtures("_either_parser")
def test_a_scalar_means_what_it_shows(written: str, meant: object) -> None:
    value = yaml12.parse(f"key: {written}\n".encode(), FILE).plain()["key"]
    assert value == meant
    assert type(value) is type(meant)


@pytest.mark.usefixtures("_either_parser")
def test_keys_are_text_as_written() -> None:
    tree = yaml12.parse(b"true: a\n1042: b\n2026-12-24: c\n~: d\n'': e\n", FILE)
    assert tree.plain() == {"true": "a", "1042": "b", "2026-12-24": "c", "~": "d", "": "e"}


@pytest.mark.usefixtures("_either_parser")
def test_every_value_and_key_knows_its_place() -> None:
    tree = yaml12.parse("a: 1\nb:\n  - x\n  - {ä: y, z: [1,\n    2]}\n".encode(), FILE)
    assert str(tree.error("m", ["b", 1, "z", 1])) == "some.yaml:5:5: m"
    assert str(tree.error("m", ["b", 1, "z"])) == "some.yaml:4:15: m"
    assert str(tree.error("m", ["b", 1, "z"], key=True)) == "some.yaml:4:12: m"
    assert str(tree.error("m", ["b", "absent", "more"])) == "some.yaml:2:1: m"
    assert str(tree.error("m", ["absent"])) == "some.yaml:1:1: m"


@pytest.mark.usefixtures("_either_parser")
def test_an_alias_brings_what_its_anchor_holds() -> None:
    tree = yaml12.parse(b"a: &hours [x, y]\nb: *hours\nc: [*hours, z]\n", FILE)
    assert tree.plain() == {"a": ["x", "y"], "b": ["x", "y"], "c": [["x", "y"], "z"]}


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a:\n\tb: 1\n", 2, 1, "a tab: YAML is indented with spaces"),
        ("a:\n  b: 1\n \t c: 2\n", 3, 2, "a tab: YAML is indented with spaces"),
        ("a: [1, 2\nb: 3\n", 2, 2, "not valid YAML"),
        ('a: "open\nb: 3\n', 3, 1, "not valid YAML"),
        ("a: 1\nb: 2\na: 3\n", 3, 1, "'a' is written twice; first in line 1"),
        ("a: {x: 1, x: 2}\n", 1, 11, "'x' is written twice; first in line 1"),
        ("? [a, b]\n: c\n", 1, 3, "a key must be plain text"),
        ("a: &x k\n*x : c\n", 2, 1, "a key must be plain text"),
        ("a: *gone\n", 1, 4, "no anchor before it"),
        ("a: &me [*me]\n", 1, 9, "no anchor before it"),
        ("a: !!python/object:os.system x\n", 1, 4, "tags (!…) are not used here"),
        ("a: !!int 3\n", 1, 4, "tags (!…) are not used here"),
        ("a: 1\n---\nb: 2\n", 2, 1, "a second document begins here"),
        ("", 1, 1, "the file is empty"),
        ("# only a comment\n", 1, 1, "the file is empty"),
        ("- a\n- b\n", 1, 1, "expected keys and values"),
        ("just words\n", 1, 1, "expected keys and values"),
        (b"a: 1\nb: caf\xe9\n", 2, 7, "not UTF-8"),
        ("a: 1\n".encode("utf-16"), 1, 1, "not UTF-8"),
        ("a: 1\nb: x\x00y\n", 2, 5, "control character U+0000"),
        ("a: " + "[" * 40 + "]" * 40, 1, 35, "nested deeper than 32 levels"),
    ],
)
@pytest.mark.usefixtures("_either_parser")
def test_bad_yaml_is_refused_at_its_place(text: str | bytes, line: int, column: int, words: str) -> None:
    error = refused(text)
    assert words in error.message
    assert (error.file, error.line) == (FILE, line)
    if "not valid" not in words:  # where exactly the grammar breaks differs between the two parsers
        assert error.column == column


def test_what_was_left_open_is_named() -> None:
    error = refused("week: {mon: [a, b\nfri: c}\n")
    assert error.line == 2
    assert "begins in line 1" in error.message


@pytest.mark.usefixtures("_either_parser")
def test_a_billion_laughs_are_refused_before_they_grow() -> None:
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 25)]
    begun = time.process_time()
    error = refused("\n".join(lines))
    assert time.process_time() - begun < 1
    assert "aliases grow beyond 100,000 values" in error.message
    assert error.line == 5


@pytest.mark.usefixtures("_either_parser")
def test_a_tower_of_aliases_is_refused() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 60)]
    assert "32 levels" in refused("\n".join(lines)).message


def test_very_deep_nesting_does_not_exhaust_the_stack() -> None:
    assert "nested deeper" in refused("a: " + "[" * 500_000).message


def test_files_that_are_none(tmp_path: Path) -> None:
    big = tmp_path / "big.yaml"
    big.write_bytes(b"# padding\n" * 200_000)
    for path, words in [
        (big, "larger than 1 MB"),
        (tmp_path / "absent.yaml", "no such file"),
        (tmp_path, "not a file"),
    ]:
        with pytest.raises(ConfigError) as caught:
            yaml12.read(path)
        assert words in caught.value.message
        assert caught.value.file == path


def test_a_byte_order_mark_is_no_matter() -> None:
    assert yaml12.parse("\ufeffa: 1\n".encode(), FILE).plain() == {"a": 1}


@settings(deadline=None)
@given(st.binary(max_size=300) | st.text("ab:-[]{}&*!|>'\"\n\t #?,%@", max_size=60).map(str.encode))
def test_any_bytes_give_a_mapping_or_a_config_error(raw: bytes) -> None:
    try:
        tree = yaml12.parse(raw, FILE)
    except ConfigError as refusal:
        places = [refusal.line, refusal.column]
    else:
        places = [place for pair in (tree.place, *tree.keys.values()) for place in pair]
        assert isinstance(tree.plain(), dict)
    assert min(places) >= 1


_TEXT = st.text(st.characters(max_codepoint=0xD7FF), max_size=8)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.dictionaries(_TEXT, _VALUES, min_size=1, max_size=4))
def test_json_comes_back_as_it_went_in(value: dict[str, object]) -> None:
    """JSON is YAML 1.2: quoted text is text, numbers and words are themselves."""
    assert yaml12.parse(json.dumps(value).encode(), FILE).plain() == value
