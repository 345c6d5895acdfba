"""Whatever a note, a webhook or a file holds: it is a rating on its scale, or it is said why not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.errors import ConfigError
from connector.history.ratingfiles import LAYOUTS, Reading, Source, read_ratings
from connector.model import Actor, Message
from connector.rules.marks import Marks
from connector.rules.ratednotes import NoteRule, pattern, rated_notes
from connector.rules.sentratings import KEYS, sent

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MARKS = st.sampled_from(
    [Marks(), Marks(best="low"), Marks(scale=10), Marks(scale=3, words={"-1": 1.0, "good": 3.0, "": 2.0})]
)
pieces = st.sampled_from(
    [
        "rated ",
        "{score}",
        "{scale}",
        "{comment}",
        "{contact}",
        "*",
        "/",
        ": ",
        "5",
        "good",
        "ß",
        "İ",
        "\n",
        "{x}",
    ]
)
written = st.lists(pieces, max_size=8).map("".join)


@given(written, st.one_of(written, st.text(max_size=60)), MARKS)
def test_a_pattern_reads_any_note_or_none(text: str, note: str, marks: Marks) -> None:
    try:
        rule = NoteRule(pieces=pattern(text), marks=marks)
    except ValueError:
        return
    told = text.replace("{score}", "5").replace("{scale}", "5")
    for said in (note, told):
        message = Message(at=NOW, key="note:1", actor=Actor("automation"), direction="internal", text=said)
        for rating in rated_notes([message], [rule]):
            assert 0 <= rating.score <= rating.scale == marks.scale


values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=30),
    st.sampled_from(["4", "5/5", "high", "annual", "2026-11-20T08:00:00Z", "Acme", 10**5000, "9" * 4000]),
    st.lists(st.text(max_size=5), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)
bodies = st.dictionaries(st.one_of(st.sampled_from(KEYS), st.text(max_size=4)), values, max_size=13)
USUAL = {"id": "1", "ticket": "42", "score": 4, "at": "2026-11-20T08:00:00Z"}


@given(bodies, st.booleans(), st.booleans())
def test_any_body_is_a_rating_or_says_why_not(body: dict[str, Any], whole: bool, usual: bool) -> None:
    try:
        found = sent({**USUAL, **body} if usual else body, now=NOW, whole=whole)
    except ValueError:
        return
    assert 0 <= found.rating.score <= found.rating.scale
    assert found.ticket or found.client
    assert found.rating.key.startswith("rating:")
    assert found.rating.at.tzinfo is not None


def test_the_usual_body_is_one() -> None:
    assert sent(USUAL, now=NOW).rating.score == 4


cells = st.sampled_from(
    [
        "",
        "5",
        "Rating",
        "Ticket ID",
        "Rated On",
        "2026-11-20",
        "Positive",
        '"',
        "a\nb",
        "\0",
        ";",
        "É",
        "-1",
        "score",
        "at",
    ]
)
sheets = st.lists(st.lists(cells, max_size=6).map(",".join), max_size=6).map("\n".join).map(str.encode)


@given(st.one_of(sheets, st.binary(max_size=80)), st.sampled_from(list(LAYOUTS)))
def test_any_file_is_read_or_refused(raw: bytes, source: Source) -> None:
    layout = LAYOUTS[source]
    reading = Reading(layout=layout, marks=layout.marks, zone=UTC)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "export.csv"
        path.write_bytes(raw)
        try:
            _, lines = read_ratings(path, reading, NOW)
            rows = list(lines)
        except ConfigError:
            return
    assert all((row.sent is None) == bool(row.error) for row in rows)


def test_a_field_longer_than_any_is_said(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("score,at,ticket\n5,2026-11-20," + "9" * 200_000 + "\n")
    layout = LAYOUTS["generic"]
    with pytest.raises(ConfigError, match="is not a CSV file: field larger than field limit"):
        list(read_ratings(path, Reading(layout=layout, marks=layout.marks, zone=UTC), NOW)[1])
