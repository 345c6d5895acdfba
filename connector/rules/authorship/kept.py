"""What is known of a word, kept: a few thousand words make up most of what a desk reads.

What is kept is bounded in bytes, too: a key or a picture pasted into a mail is one word of sixty thousand
letters, each time another one, and would never be asked for again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

LONGEST = 50
"""Letters of a word worth keeping; no language this reads puts more into one."""


class _Kept(dict[str, T]):
    """Found with `find` where a word is asked for the first time."""

    def __init__(self, find: Callable[[str], T], most: int) -> None:
        super().__init__()
        self._find, self._most = find, most

    def __missing__(self, word: str) -> T:
        found = self._find(word)
        if len(word) <= LONGEST:
            if len(self) >= self._most:
                self.clear()  # what is common is soon back
            self[word] = found
        return found


def kept(most: int) -> Callable[[Callable[[str], T]], Callable[[str], T]]:
    """Let a function of a word remember what it returned, for so many words at most.

    >>> @kept(most=1000)
    ... def length(word: str) -> int:
    ...     print("counting", word)
    ...     return len(word)
    >>> length("away"), length("away")
    counting away
    (4, 4)
    """

    def keeping(find: Callable[[str], T]) -> Callable[[str], T]:
        return _Kept(find, most).__getitem__

    return keeping
