"""One TLS set-up for every client of the process: reading the certificates takes longer than a whole turn.

It holds no state of any connection; whom we speak to is checked for each by its own name.
"""

from __future__ import annotations

import ssl
from functools import cache

import httpx


@cache
def trusted() -> ssl.SSLContext:
    """httpx's own defaults, read when the first client is made."""
    return httpx.create_ssl_context()
