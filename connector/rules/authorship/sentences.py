"""Sentences of a message's own words, whatever a mail program did to its lines."""

from __future__ import annotations

import re

_END = re.compile(r"[.!?\n;。！？](?:(?<=[\n;。！？])|(?=\s|$)(?<!\d\.))")  # "17. März" does not end one
_WRAPPED = 55  # characters of a line from which it may have been wrapped by a mail program


def sentences(own: str) -> list[str]:
    """As written, without their full stops. A line wrapped at its full width, or in mid-sentence, goes on
    in the next one. Linear in the text."""
    return [one for one in map(str.strip, _END.split(joined(own))) if one]


def joined(own: str) -> str:
    """The same text, lines that a mail program wrapped put together again."""
    if "\n" not in own:
        return own
    lines = own.split("\n")
    return "".join(
        line + (" " if after[:1].islower() or (len(line) > _WRAPPED and after) else "\n")
        for line, after in zip(lines, [*lines[1:], ""], strict=True)
    )
