"""Names under `cases` of a connection, looked up in what its PSA has.

A name that is not there is said once, at the start, with those that are: no ticket is opened in a place
that nobody meant.
"""

from __future__ import annotations

from collections.abc import Iterable

SHOWN = 12  # names that are listed in a note at most


class Names:
    """`missing`: what a person should put right, a sentence each."""

    def __init__(self, psa: str) -> None:
        self.psa = psa
        self.missing: list[str] = []

    def number(self, what: str, wanted: str, known: Iterable[tuple[str, int]]) -> int | None:
        """The id of the thing of this name, in any case; None for '', or where it is not there.

        >>> names = Names("ConnectWise")
        >>> names.number("board", "service desk", [("Service Desk", 7)])
        7
        >>> names.number("board", "Reviews", [("Service Desk", 7)])
        >>> names.missing
        ["cases: ConnectWise has no board 'Reviews', so no ticket is opened; it has: Service Desk"]
        """
        if not wanted:
            return None
        listed = list(known)
        found = sorted({number for name, number in listed if name.casefold() == wanted.casefold()})
        if len(found) == 1:
            return found[0]
        if found:
            self.missing.append(
                f"cases: {self.psa} has several of the name {wanted!r} for {what}, so no ticket is opened"
            )
            return None
        names = list(dict.fromkeys(name for name, _ in listed if name))
        more = ", …" if len(names) > SHOWN else ""
        there = f"it has: {', '.join(names[:SHOWN])}{more}" if names else "none may be read"
        self.missing.append(f"cases: {self.psa} has no {what} {wanted!r}, so no ticket is opened; {there}")
        return None
