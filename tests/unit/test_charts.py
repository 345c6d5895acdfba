"""Drawings of a client's page: within their frame, free of style and script, every word escaped."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import svg
from hypothesis import given
from hypothesis import strategies as st

from connector.history.clientwaits import spread
from connector.history.pxline import weekly
from connector.model import Rating
from connector.rules.policy import PxRule
from connector.web.charts import HIGH, px_chart, waits_chart
from connector.web.drawing import markup
from tests.unit.desk import BERLIN

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
NASTY = "</text><script>alert(1)</script>\" onload='x' &amp;"
SVG = "{http://www.w3.org/2000/svg}"


def tree(text: str) -> ElementTree.Element:
    """The drawing as it is read by a strict reader; what a page may not have is not in it."""
    root = ElementTree.fromstring(text)
    for element in root.iter():
        assert element.tag.removeprefix(SVG) not in ("script", "style", "image", "foreignObject")
        assert not [name for name in element.attrib if name == "style" or name.startswith("on")]
    return root


def numbers(root: ElementTree.Element) -> list[float]:
    """Every height that is drawn at."""
    found = [float(e.attrib[n]) for e in root.iter() for n in ("y1", "y2", "cy") if n in e.attrib]
    for element in root.iter():
        if points := element.attrib.get("points"):
            pairs = [pair.split(",") for pair in points.split()]
            assert all(0 <= float(x) <= 1000 for x, _ in pairs)
            found += [float(y) for _, y in pairs]
    return found


def places(root: ElementTree.Element) -> list[float]:
    names = ("x", "x1", "x2", "cx")
    said = [e.attrib[n] for e in root.iter() for n in names if n in e.attrib]
    return [float(one.removesuffix("%")) for one in said if one.endswith("%")]


given_ratings = st.lists(st.tuples(st.floats(0, 450), st.integers(0, 5)), max_size=40)


turned = st.lists(st.tuples(st.floats(0, 700), st.just(NASTY)), max_size=3)


@given(given_ratings, st.floats(1, 100), st.none() | st.floats(1, 100), turned)
def test_px_stays_in_its_frame(
    given: list[tuple[float, int]], target: float, reward: float | None, turned: list[tuple[float, str]]
) -> None:
    ratings = sorted((Rating(at=NOW - timedelta(days=d), score=s) for d, s in given), key=lambda one: one.at)
    points = weekly(ratings, PxRule(), NOW, BERLIN)
    turns = [(NOW - timedelta(days=days), told) for days, told in turned]
    root = tree(px_chart(points, target, reward, BERLIN, turns))
    assert all(0 <= y <= HIGH for y in numbers(root))
    assert all(0 <= x <= 100 for x in places(root))
    dots = list(root.iter(f"{SVG}circle"))
    assert len(dots) == sum(point.figure.percent is not None for point in points)


minutes = st.lists(st.floats(0, 1e7), max_size=60)


@given(minutes, minutes)
def test_how_long_it_took_stays_in_its_frame(told: list[float], felt: list[float]) -> None:
    root = tree(waits_chart("response", spread(told), spread(felt)))
    assert all(0 <= y <= HIGH for y in numbers(root))
    assert all(0 <= x <= 100 for x in places(root))
    assert len(list(root.iter(f"{SVG}polyline"))) == bool(told) + bool(felt)


def test_longer_is_further_right_and_the_median_is_told() -> None:
    text = waits_chart("response", spread([4, 5, 6]), spread([60, 192, 300]))
    told, felt = (float(x) for x in re.findall(r'cx="([\d.]+)%"', text)[::-1])
    assert told < felt
    assert "half of 3 within 5 min" in text
    assert "half of 3 within 3 h 12 min" in text


def test_a_turn_stands_where_it_happened_and_the_running_week_is_as_long_as_it_is() -> None:
    ratings = [Rating(at=NOW - timedelta(days=days), score=5) for days in range(430, 0, -30)]
    points = weekly(ratings, PxRule(), NOW, BERLIN)
    whole, at = points[-1].at - points[0].at, points[30].at + timedelta(days=3)
    text = px_chart(points, 95, None, BERLIN, [(at, "a plan was opened"), (NOW - timedelta(days=900), "old")])
    assert f'x1="{round(100 * ((at - points[0].at) / whole), 3)}%"' in text
    assert "a plan was opened" in text
    assert "old" not in text
    assert points[-1].at - points[-2].at < timedelta(days=6)
    dots = [float(place) for place in re.findall(r'cx="([\d.]+)%"', text)]
    assert dots[-1] == 100
    assert dots[-1] - dots[-2] < dots[1] - dots[0]


def test_weeks_without_answers_are_left_open() -> None:
    ratings = [Rating(at=NOW - timedelta(days=300), score=5), Rating(at=NOW - timedelta(days=2), score=1)]
    root = tree(px_chart(weekly(ratings, PxRule(), NOW, BERLIN), 95, None, BERLIN))
    assert len(list(root.iter(f"{SVG}polygon"))) == 2


@given(st.text())
def test_whatever_is_written_is_text(said: str) -> None:
    for words in (said, NASTY + said):
        drawing = svg.SVG(
            class_=[words],
            extra={"aria-label": words},
            elements=[svg.Title(text=words), svg.A(href=words, elements=[svg.Text(text=words, id=words)])],
        )
        text = markup(drawing)
        assert re.findall(r"<(\w+)", text) == ["svg", "title", "a", "text"]
        assert "<script" not in text
        assert " onload='" not in text
