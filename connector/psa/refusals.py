"""Words for what cannot be used, the same for every PSA: which it is, why, and what to do about it.

A field that a person named is told in one note at the start; its flag is not written and the others are.
"""

from __future__ import annotations

ELSEWHERE = "it is for another connection, or forged: check which connection's address it calls"
"""For a webhook that is not ours."""

_OR = "or name another field under `flags` in the client's file"


def wrong_type(caption: str, kind: str, right: str) -> str:
    """For a field of a type that holds no flag; `right` says which type it should have."""
    return f"the field {caption!r} is of type {kind}, which cannot carry a flag: make it {right}, {_OR}"


def twins(caption: str, ids: str, pin: str) -> str:
    """For a caption that several fields have: writing into the wrong one is worse than not writing."""
    return (
        f"the caption {caption!r} belongs to several fields ({ids}): write down under `fields` of the "
        f"connection which is meant, by its {pin}, {_OR}"
    )


def no_company_field(caption: str, found: int) -> str:
    """For a caption that no field, or more than one, of the PSA's companies has."""
    why = f"{found} company fields" if found else "no company field"
    return f"the PSA has {why} {caption!r}: nothing is written there"


def out_of_reach(caption: str, why: str) -> str:
    """For a field that tickets do not have, or that we may not write."""
    return f"the field {caption!r} {why}: make one on tickets that may be written, {_OR}"
