"""What can be made to go wrong, by name, at run time: each fault is something the field has seen."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

WORKFLOWS = frozenset(
    {"note", "mail", "reply", "status", "priority", "owner", "field", "overwrite", "touch", "loop"}
)
MALFORMED = ("dates", "no-id", "no-status", "not-an-object", "too-deep")


@dataclass
class Faults:
    """Probabilities are 0..1 and rolled with the world's seed; `*_next` counts API requests down."""

    latency: float = 0.0  # ms before every answer
    jitter: float = 0.0  # ms more, at random
    limit_per_minute: int = 0  # requests a minute before 429
    throttle: float = 0.0  # probability of a 429
    throttle_next: int = 0  # the next N requests get a 429
    retry_after: int = 1  # seconds a 429 asks for
    silent_429: bool = False  # a 429 does not say for how long
    html_429: bool = False  # the proxy in front answers 429 with a web page
    errors: float = 0.0  # probability of a 500
    errors_next: int = 0  # the next N requests get a 500
    truncated_next: int = 0  # the next N good answers end in the middle
    hang_up_next: int = 0  # the next N requests are carried out, but the answer is never sent
    hang_up_after: int = 0  # the Nth request from now, and no other, is carried out and never answered
    reset_next: int = 0  # the next N requests are cut off before they are looked at
    drop_callbacks: float = 0.0
    duplicate_callbacks: float = 0.0
    reorder_callbacks: float = 0.0
    bad_signatures: float = 0.0
    clock_ahead: int = 0  # seconds the PSA's clock is ahead of the true time
    clock_behind: int = 0  # seconds it is behind
    stale_lists: float = 0.0  # lists show the world as it was this many seconds ago
    codebase: str = ""  # after an upgrade or a move: "v2026_1/"; the old path is no good
    notes_dont_touch: bool = False  # notes and time entries leave lastUpdated alone and send no callback
    whole_array_customfields: bool = False  # custom fields left out of a PATCH become null
    missing_field: str = ""  # a custom field, by caption, that this PSA does not have
    auth: str = ""  # "401"; "404" as ConnectWise's cloud answers wrong keys; "expired": no new token
    forbidden: str = ""  # paths our role may not use, by their beginning: "/time,PATCH /service/tickets"
    unseen: str = ""  # endpoints where our role sees nothing, by their beginning: empty lists, no error
    quota_used: int = 0  # requests of the hour that other integrations have made
    no_allnotes: bool = False  # an old server without /allNotes
    token_lifetime: int = 3600  # seconds a token of Halo is good for, on the world's clock
    token_ends_in: int = 0  # at the Nth request from now all tokens are ended, in the middle of whatever
    page_cap: int = 0  # lists give no more than this many rows a page, whatever is asked
    ignores_paging: str = ""  # endpoints, by their beginning, that send page 1 whatever page is asked for
    limit_per_5_minutes: int = 0  # requests in any five minutes of the world's clock before 429
    no_global_actions: bool = False  # a Halo that lists actions for one ticket only
    deaf_search: bool = False  # a Halo that ignores the search for a summary and lists everything
    feedback_high: bool = False  # surveys scored 1 to 5, more is better, instead of 1 to 4, less is better
    arrays: bool = False  # every body is an array: records come as one of one, lists without their envelope
    batched_callbacks: bool = False  # a webhook's body is an array
    workflow: str = ""  # what answers each change by an API member: "note,mail", see WORKFLOWS
    rules: bool = False  # a rule of the PSA answers each write that does not tell it to be quiet
    malformed: dict[int, str] = field(default_factory=dict)  # ticket id -> one of MALFORMED

    @classmethod
    def parse(cls, words: Iterable[str]) -> Faults:
        """Faults from `name=value` words as on a command line; ValueError says which word is wrong."""
        faults = cls()
        for word in words:
            name, _, text = word.partition("=")
            faults.set(name.strip(), text.strip() or "true")
        return faults

    def update(self, values: dict[str, Any]) -> None:
        """Set several at once, by name; ValueError says which is wrong, and then none is set."""
        trial = dataclasses.replace(self)
        for name, value in values.items():
            trial.set(name, value)
        self.__dict__.update(trial.__dict__)

    def set(self, name: str, value: Any) -> None:
        """Set one by name, from text or from a value of its type."""
        attribute = name.replace("-", "_")
        known = {item.name: item for item in dataclasses.fields(self)}
        if attribute not in known:
            names = ", ".join(key.replace("_", "-") for key in known)
            raise ValueError(f"no fault is called {name!r}; there are: {names}")
        try:
            setattr(self, attribute, _convert(getattr(self, attribute), value))
            _check(self.workflow)
        except (TypeError, ValueError) as error:
            raise ValueError(f"fault {name}: cannot use {value!r}: {error}") from error


def off_limits(forbidden: str, method: str, path: str) -> bool:
    """Whether a request is among these, each the beginning of a path or of "METHOD /path"."""
    asked = (path.casefold(), f"{method} {path}".casefold())
    closed = [part.strip().casefold() for part in forbidden.split(",")]
    return any(part and one.startswith(part) for part in closed for one in asked)


def _check(workflow: str) -> None:
    unknown = {name.strip() for name in workflow.split(",")} - WORKFLOWS - {""}
    if unknown:
        raise ValueError(f"expected some of {', '.join(sorted(WORKFLOWS))}, not {', '.join(sorted(unknown))}")


def _convert(old: Any, value: Any) -> Any:
    if isinstance(old, bool):
        if str(value).casefold() not in ("true", "false", "1", "0"):
            raise ValueError("expected true or false")
        return str(value).casefold() in ("true", "1")
    if isinstance(old, int | float):
        number = type(old)(value)
        if number < 0:
            raise ValueError("expected a number that is not negative")
        return number
    if isinstance(old, dict):
        return _malformed(value)
    return "" if value in ("true", None) else str(value)


def nested(record: dict[str, Any]) -> dict[str, Any]:
    """The record with a field of 300 lists in each other."""
    inner: list[Any] = []
    for _ in range(299):
        inner = [inner]
    return {**record, "nested": inner}


def _malformed(value: Any) -> dict[int, str]:
    """From "1001:dates,1002" or {"1001": "dates"}; without a kind it is "dates"."""
    if isinstance(value, str):
        parts = (part.partition(":") for part in value.split(",") if part)
        value = {ticket: kind or "dates" for ticket, _, kind in parts}
    for kind in value.values():
        if kind not in MALFORMED:
            raise ValueError(f"expected one of {', '.join(MALFORMED)}")
    return {int(ticket): kind for ticket, kind in value.items()}
