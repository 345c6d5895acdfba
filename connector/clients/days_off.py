"""Public holidays by country and subdivision, from the `holidays` library, once per country and process.

The years are fixed, not counted from today: the same file and library then always give the same calendar
and so the same policy digest. Old logs are judged with them, and promises made now end well before 2040.
The library is imported when the first holiday is asked for: that takes a third of a second.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from connector.clients.problems import suggestion

YEARS = range(2010, 2041)


def check_country(code: str | None) -> str | None:
    """The code, if its holidays are known; else ValueError naming near ones."""
    if code is not None and code not in _countries(aliases=True):
        hint = suggestion(code.upper(), _countries(aliases=False)) or "; write an ISO 3166 code like GB"
        raise ValueError(f"no holidays are known for country {code!r}{hint}")
    return code


def check_subdivision(country: str | None, code: str | None) -> str | None:
    """The code, if the country has it; else ValueError naming near ones."""
    if code is None:
        return None
    if country is None:
        raise ValueError("a subdivision needs its country")
    if code not in _countries(aliases=True).get(country, ()):
        ours = _countries(aliases=False).get(country) or _countries(aliases=True).get(country, [])
        if not ours:
            raise ValueError(f"{country} has no subdivisions: write null")
        hint = suggestion(code, ours) or f"; it has {', '.join(ours[:20])}"
        raise ValueError(f"{country} has no subdivision {code!r}{hint}")
    return code


@lru_cache(maxsize=256)
def public_holidays(country: str, subdivision: str | None) -> frozenset[date]:
    """Every public holiday of YEARS, observed days included."""
    import holidays

    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=YEARS))


@lru_cache(maxsize=2)
def _countries(*, aliases: bool) -> dict[str, list[str]]:
    import holidays

    return holidays.list_supported_countries(include_aliases=aliases)
