"""SVG as text that is safe to show: svg.py makes the elements, here every word in them is escaped.

svg.py writes what it is given; escaping one value at a time would be forgotten once. So a drawing becomes
markup in one place only, which escapes all of it. Drawings carry no style and no script: colours are classes
of the style sheets, so that a strict content policy and a dark screen are no special cases.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import svg
from markupsafe import Markup, escape

Anchor: TypeAlias = Literal["start", "middle", "end"]


def markup(drawing: svg.Element) -> Markup:
    """The drawing as it stands in a page, every text and attribute escaped. It is used up by this."""
    _escape(drawing)
    return Markup(drawing.as_str())  # noqa: S704  nothing in it is unescaped any more


def _escape(element: svg.Element) -> None:
    for name, value in vars(element).items():
        setattr(element, name, _safe(value))


def _safe(value: Any) -> Any:
    match value:
        case svg.Element():
            _escape(value)
            return value
        case str():
            return str(escape(value))
        case list():
            return [_safe(one) for one in value]
        case dict():
            return {str(escape(name)): _safe(one) for name, one in value.items()}
    return value


def at(place: float) -> svg.Length:
    """A place of 0..1 in per cent of the width: drawings stretch with the page, their letters do not."""
    return svg.Length(round(100 * place, 3), "%")


def words(text: str, x: svg.Length | float, y: float, kind: str, anchor: Anchor = "start") -> svg.Text:
    return svg.Text(text=text, x=x, y=y, class_=[kind], text_anchor=anchor)


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> svg.Line:
    """From one point to another; `x1` and `x2` are places, `y1` and `y2` pixels."""
    return svg.Line(x1=at(x1), y1=y1, x2=at(x2), y2=y2, class_=[kind])


def titled(shape: svg.Element, *, text: str) -> svg.G:
    """A shape with a text that shows where the mouse rests."""
    return svg.G(elements=[svg.Title(text=text), shape])


def box(since: float, until: float, y: float, height: float, kind: str, text: str = "") -> svg.Rect:
    """A box from place to place, with a text that shows where the mouse rests."""
    told: list[svg.Element] | None = [svg.Title(text=text)] if text else None
    width = max(0.0, until - since)
    return svg.Rect(x=at(since), y=y, width=at(width), height=height, class_=[kind], elements=told)
