"""HTML mail to plain lines, because every later step reads lines.

Not a browser: tags go, blocks become lines, a quoted block becomes one `>` line. Every step is linear
in the length of the text, whatever is in it; unclosed tags lose at most the rest of their element.
"""

from __future__ import annotations

import re
from html import unescape

_LOOKS_HTML = re.compile(r"<(?:!doctype html|html|body|div|p|br|span|table|blockquote)\b[^<>]{0,400}>", re.I)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15})(?:\s[^<>]*|/)?>|<![^<>]*>")
_LINE_TAGS = frozenset(
    ["p", "div", "br", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "hr", "pre"]
)
_SILENT_TAGS = frozenset(["head", "style", "script", "title"])
_SNIFF = 8192


def is_html(text: str) -> bool:
    """Whether the beginning of a text carries the tags of an HTML mail."""
    return "<" in text and _LOOKS_HTML.search(text, 0, _SNIFF) is not None


def to_lines(html: str) -> str:
    """The words of an HTML mail as plain text; quoted blocks are reduced to a line `>`."""
    out: list[str] = []
    position = quotes = silent = 0
    html = _without_comments(html)
    for tag in _TAG.finditer(html):
        if not quotes and not silent:
            out.append(html[position : tag.start()])
        position = tag.end()
        closing, name = tag[1], (tag[2] or "").lower()
        if name == "blockquote":
            quotes = max(0, quotes - 1) if closing else quotes + 1
            out.append("\n>\n")
        elif name in _SILENT_TAGS:
            silent = 0 if closing else 1
        elif name in _LINE_TAGS:
            out.append("\n")
        elif closing and name in ("td", "th"):
            out.append(" ")
    if not quotes and not silent:
        out.append(html[position:])
    return unescape("".join(out))


def _without_comments(html: str) -> str:
    if "<!--" not in html:
        return html
    parts: list[str] = []
    position = 0
    while (start := html.find("<!--", position)) >= 0:
        parts.append(html[position:start])
        end = html.find("-->", start)
        if end < 0:
            return "".join(parts)
        position = end + 3
    parts.append(html[position:])
    return "".join(parts)
