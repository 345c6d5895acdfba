"""The drawings of a client's page: PX over time with what chance leaves of it, and how long things took.

Places along are per cent of the width, heights are pixels. The numbers of every drawing stand in a table
beside it, so nothing is said by a picture alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from math import floor, log1p
from zoneinfo import ZoneInfo

import svg
from markupsafe import Markup

from connector.history.clientwaits import Spread
from connector.history.pxline import Point
from connector.model import PxFigure
from connector.rules.experience import px_text
from connector.rules.lines import moment, span
from connector.web.drawing import at, line, markup, titled, words

BESIDE = -6
"""Pixels: the scale stands left of the drawing, in the margin the style sheet gives it."""
TOP, FOOT = 12, 26
HIGH = 220
MINUTES = (0, 1, 5, 15, 60, 240, 480, 1440, 2880, 7200, 14400, 43200, 129600)
"""Working minutes with a label, as far as they are needed."""


def px_chart(
    points: Sequence[Point],
    target: float,
    reward: float | None,
    zone: ZoneInfo,
    turns: Sequence[tuple[datetime, str]] = (),
) -> Markup:
    """PX at the end of each week with its 95 % interval; weeks without answers are left open.

    `turns`: instants that are marked, each with what happened then.
    """
    least = _floor(points, target)
    parts = [*_percent_scale(least), *_months(points, zone), _flat(_band(points, least))]
    parts.append(line(0, _y(target, least), 1, _y(target, least), "target"))
    if reward is not None:
        parts.append(line(0, _y(reward, least), 1, _y(reward, least), "reward"))
    parts += [_turn(when, told, points, zone) for when, told in turns if when >= points[0].at]
    places = _places(points)
    heights = [None if one.figure.percent is None else _y(one.figure.percent, least) for one in points]
    for (x1, y1), (x2, y2) in pairwise(zip(places, heights, strict=True)):
        if y1 is not None and y2 is not None:
            parts.append(line(x1, y1, x2, y2, "px"))
    for point, place, height in zip(points, places, heights, strict=True):
        if height is not None:
            dot = svg.Circle(cx=at(place), cy=height, r=3.5, class_=["dot"])
            parts.append(titled(dot, text=f"{moment(point.at, zone)}: {figure_words(point.figure)}"))
    now = figure_words(points[-1].figure)
    return _whole(parts, f"PX over time, now {now}; promised {target:g} %. The table below has the numbers.")


def figure_words(figure: PxFigure) -> str:
    """`93 % (n 14), 68 to 99 %`, or that there are no answers."""
    if figure.percent is None or figure.low is None or figure.high is None:
        return "no answers"
    return f"{px_text(figure)}, {figure.low:.0f} to {figure.high:.0f} %"


def waits_chart(bucket: str, told: Spread, felt: Spread) -> Markup:
    """The share of tickets that were done after so long, by the PSA's clock and by the felt one."""
    most = max(told.longest or 0, felt.longest or 0, 60.0)
    parts: list[svg.Element] = []
    for share in (0, 25, 50, 75, 100):
        y = _y(share, 0)
        parts.append(line(0, y, 1, y, "grid"))
        parts.append(words(f"{share} %", BESIDE, y + 4, "label", "end"))
    last = -1.0
    for minutes in MINUTES:
        place = _along(minutes, most)
        if minutes <= most and place - last >= 0.07:
            parts.append(line(place, TOP, place, HIGH - FOOT, "grid"))
            parts.append(words(span(minutes), at(place), HIGH - FOOT + 14, "label", "middle"))
            last = place
    for spread, kind in ((felt, "felt"), (told, "told")):
        if spread.n:
            parts.append(_flat([_curve(spread, most, kind)]))
            parts.append(_median(spread, most, kind))
    return _whole(parts, f"{bucket}: how long it took, by share of tickets. The table below has the numbers.")


def _whole(parts: list[svg.Element], said: str) -> Markup:
    # a picture to whoever hears the page; its points have titles for whoever points at them
    return markup(
        svg.SVG(
            class_=["chart"],
            width=svg.Length(100, "%"),
            height=HIGH,
            extra={"role": "img", "aria-label": said},
            elements=parts,
        )
    )


def _flat(parts: list[svg.Element]) -> svg.SVG:
    """Shapes whose corners are given as a thousandth of the width and pixels of the height."""
    return svg.SVG(
        xmlns=None,
        width=svg.Length(100, "%"),
        height=HIGH,
        viewBox=svg.ViewBoxSpec(0, 0, 1000, HIGH),
        preserveAspectRatio=svg.PreserveAspectRatio("none"),
        elements=parts,
    )


def _y(percent: float, least: float) -> float:
    return round(TOP + (HIGH - FOOT - TOP) * (100 - max(percent, least)) / (100 - least), 1)


def _places(points: Sequence[Point]) -> list[float]:
    return [_when(one.at, points) for one in points]


def _when(moment: datetime, points: Sequence[Point]) -> float:
    """An instant between the first and the last point, to scale: the week that still runs is shorter."""
    first, last = points[0].at, points[-1].at
    return min(1.0, (moment - first) / (last - first)) if first < last else 0.0


# ── PX ────────────────────────────────────────────────────────────────────────────────────────


def _floor(points: Sequence[Point], target: float) -> float:
    """The lowest per cent of the scale: ten below what has to be seen, so that a fall is seen, too."""
    low = min((point.figure.low for point in points if point.figure.low is not None), default=target)
    return float(max(0, 10 * floor(min(low, target, 89) / 10)))


def _percent_scale(least: float) -> Iterator[svg.Element]:
    step = 10 if least >= 40 else 20
    for percent in range(100, int(least) - 1, -step):
        y = _y(percent, least)
        yield line(0, y, 1, y, "grid")
        yield words(f"{percent} %", BESIDE, y + 4, "label", "end")


def _months(points: Sequence[Point], zone: ZoneInfo) -> Iterator[svg.Element]:
    """The first week's end of each month; of January the year. A phone leaves out the odd ones."""
    month, last, odd = 0, -1.0, False
    for point, place in zip(points, _places(points), strict=True):
        local = point.at.astimezone(zone)
        if local.month != month and place - last >= 0.06 and place <= 0.97:
            text = f"{local.year}" if local.month == 1 else f"{local:%b}"
            yield line(place, TOP, place, HIGH - FOOT, "grid")
            yield words(text, at(place), HIGH - FOOT + 14, "label odd" if odd else "label")
            last, odd = place, not odd
        month = local.month


def _turn(when: datetime, told: str, points: Sequence[Point], zone: ZoneInfo) -> svg.Element:
    """An upright with a flag."""
    place = _when(when, points)
    flag = svg.Polygon(points=[svg.Point(0, 0), svg.Point(9, 4), svg.Point(0, 8)], class_=["flag"])
    stands = svg.SVG(xmlns=None, x=at(place), y=TOP, overflow="visible", elements=[flag])
    pole = line(place, TOP, place, HIGH - FOOT, "pole")
    return titled(svg.G(elements=[pole, stands]), text=f"{moment(when, zone)}: {told}")


def _band(points: Sequence[Point], least: float) -> list[svg.Element]:
    """The interval, as one shape for each run of weeks with answers."""
    found: list[svg.Element] = []
    upper: list[svg.Point] = []
    lower: list[svg.Point] = []
    ends = [*zip(points, _places(points), strict=True), None]
    for one in ends:
        figure = one[0].figure if one else None
        if one is None or figure is None or figure.low is None or figure.high is None:
            if upper:
                found.append(svg.Polygon(points=[*upper, *lower[::-1]], class_=["band"]))
            upper, lower = [], []
            continue
        x = round(1000 * one[1], 1)
        upper.append(svg.Point(x, _y(figure.high, least)))
        lower.append(svg.Point(x, _y(figure.low, least)))
    return found


# ── how long it took ──────────────────────────────────────────────────────────────────────────


def _along(minutes: float, most: float) -> float:
    """Minutes crowd near nothing and thin out towards days, so the axis is that of their logarithm."""
    return log1p(min(minutes, most)) / log1p(most)


def _curve(spread: Spread, most: float, kind: str) -> svg.Element:
    """Steps from nobody to everybody."""
    corners = [svg.Point(0, _y(0, 0))]
    done = 0.0
    for minutes, share in spread.curve:
        x = round(1000 * _along(minutes, most), 1)
        corners += [svg.Point(x, _y(100 * done, 0)), svg.Point(x, _y(100 * share, 0))]
        done = share
    corners.append(svg.Point(1000, _y(100 * done, 0)))
    return svg.Polyline(points=corners, class_=["curve", kind])


def _median(spread: Spread, most: float, kind: str) -> svg.Element:
    middle = spread.median or 0.0
    place = _along(middle, most)
    mark = svg.Circle(cx=at(place), cy=_y(50, 0), r=5.5, class_=["median", kind])
    return titled(mark, text=f"half of {spread.n} within {span(middle)}")
