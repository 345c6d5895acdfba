"""Facts in a chain: each one's hash is over the hash before it and its own content.

Whoever keeps the last hash can tell later whether any of the facts was changed, left out or added.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

Record = dict[str, Any]


def canonical(value: object) -> str:
    """JSON in one agreed form: equal values are equal text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def sealed(contents: Iterable[Record]) -> list[Record]:
    """The same records, each with its `hash`, in the very form in which they are read back.

    Half characters, which no file can hold, become question marks.
    """
    before, records = "", []
    for content in contents:
        record = json.loads(canonical(content).encode(errors="replace"))
        before = _hash(before, record)
        records.append({**record, "hash": before})
    return records


def broken(records: Iterable[Record]) -> Iterator[tuple[int, Record]]:
    """The records, numbered from 1, whose hash is not that of their content after the one before."""
    before = ""
    for number, record in enumerate(records, 1):
        content = {key: value for key, value in record.items() if key != "hash"}
        told = record.get("hash")
        if told != _hash(before, content):
            yield number, record
        before = str(told)


def _hash(before: str, content: Record) -> str:
    return sha256((before + canonical(content)).encode(errors="surrogatepass")).hexdigest()
