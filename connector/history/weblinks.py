"""Which addresses from outside may become links."""

from __future__ import annotations

from urllib.parse import urlsplit


def web_address(text: str) -> str:
    """`text` if it is an http or https address, else '': nothing else may become a link."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in ("http", "https") and parts.netloc else ""
