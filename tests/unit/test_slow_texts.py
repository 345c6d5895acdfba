"""Texts made to be slow to search: every pattern of ours takes a moment for them, not minutes.

Customers write the texts, so a pattern that tries every way to fail would stand the daemon still.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

import connector
from connector.clients import default_policy
from connector.rules.assess import assess
from connector.ticketlog import ticket_from_json

PIECES = [" ", "\n", "\u00a0", "a", "aA", "-", "_", ">", "*", ".", "@", "<a ", "1", "1,", "12/", "15:00 "]
PIECES += ["a b ", ", ", " and ", "until ", "(", "\\", "ä", "\n> ", "https://a.", "changed from  "]
SHORT, SHORT_S = 700, 0.2
"""Characters that any pattern may be given, and CPU seconds it may take: 60 times what the slowest needs."""
LONG, LONG_S = 100_000, 4.0
"""As much of a text as is ever kept, twice in one ticket: the slowest takes an eighth of a second."""


def patterns() -> dict[re.Pattern[Any], str]:
    """Every pattern that a module of ours holds, with where it stands."""
    for module in pkgutil.walk_packages(connector.__path__, "connector."):
        if not re.search(r"\.simulator|\.migrations|__main__", module.name):
            importlib.import_module(module.name)
    found: dict[re.Pattern[Any], str] = {}
    for name, module in sorted(sys.modules.items()):
        if name.startswith("connector.") and ".simulator" not in name:
            for key, value in list(vars(module).items()):
                found |= dict.fromkeys(inside(value, 0), f"{name}.{key}")
    return found


def inside(value: Any, depth: int) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 4 and isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from inside(one, depth + 1)
    elif depth < 4 and isinstance(value, dict):
        yield from inside(list(value.values()), depth)
    elif depth < 4 and is_dataclass(value) and not isinstance(value, type):
        yield from inside([getattr(value, field.name, None) for field in fields(value)], depth)


def slow(piece: str, size: int) -> str:
    return (piece * (size // len(piece) + 1))[:size] + "\n!"


def test_no_pattern_tries_every_way_to_fail() -> None:
    found = patterns()
    assert len(found) > 150
    for pattern, where in found.items():
        for piece in PIECES:
            text = slow(piece, SHORT)
            began = time.process_time()
            pattern.search(text if isinstance(pattern.pattern, str) else text.encode())
            assert time.process_time() - began < SHORT_S, f"{where} on {piece!r}"


@pytest.mark.parametrize(
    "said", ["", "We will call you tomorrow by 3 pm ", "Wir rufen Sie morgen um 15 Uhr an "]
)
def test_a_ticket_of_the_longest_texts_is_judged_in_time(said: str) -> None:
    policy, now = default_policy(), datetime(2026, 11, 20, 12, tzinfo=UTC)
    for piece in PIECES:
        text = said + slow(piece, LONG)
        body = {
            "id": "1",
            "opened_at": "2026-11-19T08:00:00Z",
            "summary": text[:1000],
            "events": [
                {"at": "2026-11-19T08:00:00Z", "type": "message", "direction": "in", "text": text},
                {
                    "at": "2026-11-19T09:00:00Z",
                    "type": "message",
                    "actor": {"kind": "staff", "id": "ann"},
                    "subject": text[:1000],
                    "headers": {"X-Mailer": text[:1000]},
                    "text": text,
                },
            ],
        }
        ticket, timeline = ticket_from_json(body)
        began = time.process_time()
        assess(ticket, timeline, policy, now)
        assert time.process_time() - began < LONG_S, repr(piece)
