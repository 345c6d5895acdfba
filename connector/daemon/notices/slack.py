"""Slack: blocks for an incoming webhook, with a text for where blocks are not shown.

Everything a stranger may have written stands in elements of rich text, which are shown as they are; in the
fallback text the three characters that begin a mention or a link are escaped. Source: docs.slack.dev,
"Rich text block" and "Formatting message text" (escape & < >).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connector.daemon.notices.told import Item, Told

BOLD, QUIET = {"bold": True}, {"italic": True}


def payload(told: Told) -> dict[str, Any]:
    """The message."""
    blocks = [_rich(_text(told.title, BOLD))]
    for client, items in told.groups:
        if len(told.groups) > 1 or len(items) > 1:
            blocks.append(_rich(_text(client, BOLD)))
        blocks.append({"type": "rich_text", "elements": [_section(*_entry(item)) for item in items]})
    if told.more:
        blocks.append(_rich(_text(f"and {told.more} more", QUIET)))
    return {"text": _escaped(told.title), "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def _entry(item: Item) -> Iterator[dict[str, Any]]:
    yield _text(item.head, BOLD)
    if item.about:
        yield _text(" · ")
        link = {"type": "link", "url": item.url, "text": item.about}
        yield link if item.url else _text(item.about)
    yield _text(f" — {item.line}\n" if not item.meta else f" — {item.line} ")
    if item.meta:
        yield _text(f"({item.meta})\n", QUIET)


def _text(text: str, style: dict[str, bool] | None = None) -> dict[str, Any]:
    return {"type": "text", "text": text, **({"style": style} if style else {})}


def _section(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": list(elements)}


def _rich(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": [_section(*elements)]}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
