"""From bytes to decisions: the same bytes always decide the same, and bytes that have run out decide zero.

Pure Python and our own, because a finding must be replayable where atheris does not run.
"""

from __future__ import annotations

import copy
from collections.abc import MutableMapping, MutableSequence, Sequence
from typing import Any, TypeVar

T = TypeVar("T")

DEEP: Any = []
for _ in range(600):
    DEEP = [DEEP]

STRANGE: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63, -(10**400), 10**400, 1.5, -0.0, 1e308, float("nan")),
    *(float("inf"), "", " ", "0", "-1", "a\0b", "\ud800", "\udfff\ud800", "A" * 5000, "\u202eabc", "é" * 300),
    *("2026-13-45T99:99:99Z", "0001-01-01T00:00:00", "9999-12-31T23:59:59Z", "1990-01-01T00:00:00+23:59"),
    *("2100-12-31T23:59:59-23:59", "2026-11-20T10:00:00", "2026-11-20 10: 00: 00Z", "2026-11-20", "24:00"),
    *("<script>x()</script>", "=1+1", "../../etc/passwd", "https://evil.example/", "http://169.254.169.254/"),
    *(
        "\u0661\u0662\u0663",
        "\u00b2",
        "1e5",
        "007",
        "1" * 5000,
        [],
        {},
        [[]],
        [None],
        [{}],
        {"id": 1},
        {"": ""},
    ),
    *([0] * 300, {"id": "x", "name": None}, DEEP, "[cw_id]", "%s%n{0}{{7*7}}", "\r\nSet-Cookie: a=b"),
)
"""Values that have hurt somebody somewhere, and never belong where they are put."""

Place = tuple[Any, Any]  # a container and the key or index in it


class Dice:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def __bool__(self) -> bool:
        """Whether there is anything left to decide by."""
        return self._at < len(self._data)

    def byte(self) -> int:
        value = self._data[self._at] if self else 0
        self._at += 1
        return value

    def below(self, limit: int) -> int:
        """0 <= n < limit; two bytes where one is not enough."""
        value = self.byte() if limit <= 256 else self.byte() << 8 | self.byte()
        return value % max(1, limit)

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.below(len(choices))]

    def take(self, most: int = 255) -> bytes:
        """So many bytes as the next one says."""
        size = min(self.byte(), most)
        found = self._data[self._at : self._at + size]
        self._at += size
        return found

    def text(self) -> str:
        return self.take().decode("utf-8", "surrogateescape")

    def rest(self) -> bytes:
        found = self._data[self._at :]
        self._at = len(self._data)
        return found


def mangled(value: Any, dice: Dice, most: int = 5) -> Any:
    """A JSON value with some of its places made strange; `value` itself is changed."""
    for _ in range(1 + dice.below(most)):
        places = list(_places(value))
        if not places:
            return _strange(dice)
        _spoil(*dice.pick(places), dice)
    return value


def _places(value: Any) -> Sequence[Place]:
    found: list[Place] = []
    waiting = [value]
    while waiting and len(found) < 5000:
        inside = waiting.pop()
        if inside is DEEP:
            continue
        pairs = (
            inside.items()
            if isinstance(inside, dict)
            else enumerate(inside)
            if isinstance(inside, list)
            else ()
        )
        for key, one in pairs:
            found.append((inside, key))
            waiting.append(one)
    return found


def _spoil(inside: Any, key: Any, dice: Dice) -> None:
    act = dice.below(8)
    if act == 0:
        del inside[key]
    elif act == 1:
        inside[key] = dice.text()
    elif act == 2 and isinstance(inside, MutableMapping):
        inside[dice.pick((str(key).upper(), str(key).lower(), "", "\0", "__proto__"))] = inside.pop(key)
    elif act == 3 and isinstance(inside, MutableSequence):
        inside.extend([inside[key]] * dice.below(60))
    elif act == 4:
        inside[key] = [inside[key]]
    elif act == 5 and isinstance(inside[key], str):
        inside[key] = inside[key][: dice.byte()] + dice.text()
    else:
        inside[key] = _strange(dice)


def _strange(dice: Dice) -> Any:
    """One of those, not shared with another place."""
    found = dice.pick(STRANGE)
    return found if found is DEEP else copy.copy(found)
