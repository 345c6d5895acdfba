"""Teams: an Adaptive Card, as a Workflows webhook takes it.

Everything a stranger may have written stands in text runs, which know no Markdown, no HTML and no functions;
mentions need an entity of their own, and there is none. Source: learn.microsoft.com, "Format cards in Teams"
(Markdown in TextBlock and facts only) and "Create incoming webhooks with Workflows" (28 KB a message).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connector.daemon.notices.told import Item, Told


def payload(told: Told) -> dict[str, Any]:
    """The message with its one card."""
    body: list[dict[str, Any]] = [_text(_run(told.title, weight="Bolder", size="Medium"))]
    for client, items in told.groups:
        if len(told.groups) > 1 or len(items) > 1:
            body.append(_text(_run(client, weight="Bolder"), separator=True))
        body += [_entry(item) for item in items]
    if told.more:
        body.append(_text(_run(f"and {told.more} more", isSubtle=True)))
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "msteams": {"width": "Full"},
    }
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "contentUrl": None, "content": card}]}


def _entry(item: Item) -> dict[str, Any]:
    return _text(*_runs(item))


def _runs(item: Item) -> Iterator[dict[str, Any]]:
    yield _run(item.head, weight="Bolder", color="Attention")
    if item.about:
        link = {"selectAction": {"type": "Action.OpenUrl", "url": item.url}} if item.url else {}
        yield _run(" · ")
        yield _run(item.about, **link)
    yield _run(f" — {item.line}")
    if item.meta:
        yield _run(f" ({item.meta})", isSubtle=True)


def _run(text: str, **style: Any) -> dict[str, Any]:
    return {"type": "TextRun", "text": text, **style}


def _text(*runs: dict[str, Any], **style: Any) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": list(runs), **style}
