"""What the time line looks like: an axis, a row of marks for each side, two lanes for each promise.

Every mark is a link to the line of the story that tells the whole of it. Shapes differ, not only colours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import svg
from markupsafe import Markup

from connector.history.explain import duration
from connector.web.axis import Axis
from connector.web.drawing import at, box, line, markup, titled, words
from connector.web.lanes import Bar, Lane, Promise
from connector.web.marks import Mark
from connector.web.timeline import TimeLine

TOP, STEP, BAR = 36, 15, 10
"""Pixels: of the axis' labels, from one level of marks to the next, of a lane's bar."""
NAMES = {
    "opened": "opened",
    "wrote": "the customer wrote",
    "counted": "an answer that counted",
    "not": "a message that did not count",
    "machine": "a machine wrote",
    "internal": "an internal note",
    "rated": "the customer rated",
    "appointment": "an appointment",
    "priority": "the priority changed",
    "change": "status, owner, group or client changed",
    "foreseen": "a miss was foreseen",
    "several": "several at once",
}
WHO = {"psa": "PSA says", "felt": "customer felt"}


def drawn(told: TimeLine, anchor: Callable[[int], str]) -> Markup:
    """The drawing. `anchor`: the id of the table's row that tells a line of the story."""
    parts: list[svg.Element] = []
    y = float(TOP)
    for name, marks in told.rows:
        levels = max((mark.level for mark in marks), default=0) + 1
        parts.append(words(name, at(0), y + 12, "row"))
        parts += [_mark(mark, y + 25 + STEP * mark.level, anchor) for mark in marks]
        y += 25 + STEP * levels
    for promise in told.promises:
        y += 10
        parts.append(line(0, y, 1, y, "rule"))
        lanes = list(_promise(promise, y))
        parts += lanes
        y += 22 + len(promise.lanes) * (BAR + 20)
    ground = list(_axis(told.axis, y))
    if told.now is not None:
        parts += [line(told.now, TOP - 6, told.now, y, "now"), _now(told.now)]
    return markup(
        svg.SVG(
            class_=["timeline"],
            width=svg.Length(100, "%"),
            height=y + 4,
            extra={
                "role": "group",
                "aria-label": "Time line; each mark leads to its line below",
            },
            elements=[*ground, *parts],
        )
    )


def legend(told: TimeLine) -> list[tuple[str, Markup, str]]:
    """The shapes that stand in this drawing: kind, its picture and what it means."""
    shown = {_kind(mark) for _, marks in told.rows for mark in marks}
    return [(kind, _sample(kind), name) for kind, name in NAMES.items() if kind in shown]


def _sample(kind: str) -> Markup:
    return markup(
        svg.SVG(
            width=18,
            height=16,
            viewBox=svg.ViewBoxSpec(-9, -8, 18, 16),
            extra={"aria-hidden": "true"},
            class_=["mark", kind],
            elements=[_shape(kind)],
        )
    )


def _axis(axis: Axis, height: float) -> Iterator[svg.Element]:
    for one in axis.shut:
        text = f"closed for {duration(one.length.total_seconds() / 60)}"
        yield box(one.since, one.until, TOP - 6, height - TOP + 6, "shut", text)
    yield line(0, TOP - 6, 1, TOP - 6, "rule")
    for tick in axis.ticks:
        yield line(tick.place, TOP - 12, tick.place, height, "tick")
        yield words(tick.day, at(tick.place), 10, "label day")
        yield words(tick.time, at(tick.place), 23, "label")


def _now(place: float) -> svg.Text:
    if place > 0.9:
        return words("now", at(place), TOP + 4, "label before", "end")
    return words("now", at(place), TOP + 4, "label")


def _mark(mark: Mark, y: float, anchor: Callable[[int], str]) -> svg.Element:
    kind, first = _kind(mark), mark.facts[0]
    more = len(mark.facts) - 1
    text = first.text if not more else f"{len(mark.facts)} facts; the first: {first.text}"
    shape = _shape(kind)
    inside: list[svg.Element] = [svg.Title(text=text), shape]
    if more:
        inside.append(svg.Text(text=str(len(mark.facts)), x=0, y=4, text_anchor="middle", class_=["number"]))
    link = svg.A(
        href="#" + anchor(first.line),
        class_=["mark", kind],
        extra={"aria-label": text},
        elements=inside,
    )
    return svg.SVG(xmlns=None, x=at(mark.place), y=y, overflow="visible", elements=[link])


def _kind(mark: Mark) -> str:
    return mark.facts[0].kind if len(mark.facts) == 1 else "several"


def _shape(kind: str) -> svg.Element:
    points = {
        "opened": "-5,-6 6,0 -5,6",
        "counted": "0,-7 7,0 0,7 -7,0",
        "not": "0,-7 7,0 0,7 -7,0",
        "internal": "-4,-4 4,-4 4,4 -4,4",
        "change": "-4,-4 4,-4 4,4 -4,4",
        "priority": "0,-6 6,5 -6,5",
        "foreseen": "0,6 6,-5 -6,-5",
        "appointment": "-6,0 -3,-6 3,-6 6,0 3,6 -3,6",
        "rated": "0,-7 2,-2 7,-2 3,1 4,6 0,3 -4,6 -3,1 -7,-2 -2,-2",
    }
    if kind == "several":
        return svg.Rect(x=-9, y=-7, width=18, height=14, rx=7)
    if kind not in points:
        return svg.Circle(r=3.5 if kind == "machine" else 5.5)
    corners = (pair.split(",") for pair in points[kind].split())
    return svg.Polygon(points=[svg.Point(int(x), int(y)) for x, y in corners])


def _promise(promise: Promise, y: float) -> Iterator[svg.Element]:
    yield words(promise.words, at(0), y + 15, "row")
    y += 22
    for lane in promise.lanes:
        yield words(f"{WHO[lane.who]}: {lane.words}", at(0), y + 10, "label")
        yield from _lane(lane, y + 15)
        y += BAR + 20


def _lane(lane: Lane, y: float) -> Iterator[svg.Element]:
    yield box(0, 1, y, BAR, "lane")
    for bar in lane.bars:
        yield _bar(bar, lane, y)
    if lane.ends is not None:
        yield line(lane.ends, y - 3, lane.ends, y + BAR + 3, f"end {lane.who}")
    if lane.due is not None:
        mark = line(lane.due, y - 3, lane.due, y + BAR + 3, "due")
        yield titled(mark, text=f"{WHO[lane.who]}: {lane.due_text}")


def _bar(bar: Bar, lane: Lane, y: float) -> svg.Rect:
    return box(bar.since, bar.until, y, BAR, f"bar {bar.kind}", f"{WHO[lane.who]}: {bar.text}")
