"""When a failed request may be sent again, and how long to wait first: one rule for every PSA.

A read may always be repeated. A change may be repeated only when it surely did not happen: the
connection was never opened, or the PSA said "too many requests" to something idempotent. A creation is
never repeated once bytes were sent: none of the PSAs has an idempotency key.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, stop_before_delay

from connector.errors import Throttled, Unavailable

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 60.0
LONGEST_PATIENCE_S = 3600.0
_READS = ("GET", "HEAD")

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]


class NotSent(Unavailable):
    """The connection could not be opened: nothing reached the PSA."""


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds asked for by a `Retry-After` header (seconds or an HTTP date), an hour at most; None if it
    says nothing.

    No PSA counts over more than an hour; who asks for more has a broken clock, and we would fall silent.
    """
    seconds = _seconds(value, now) if value else None
    return None if seconds is None or math.isnan(seconds) else min(max(0.0, seconds), LONGEST_PATIENCE_S)


def _seconds(value: str, now: datetime) -> float | None:
    try:
        return float(value)
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(value)
        return (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds()
    except (ValueError, OverflowError):
        return None


def repeatable(method: str, error: BaseException) -> bool:
    """Whether a request that failed like this may be sent again."""
    if method in _READS:
        return isinstance(error, Throttled | Unavailable)
    if method == "POST":
        return isinstance(error, NotSent)
    return isinstance(error, Throttled | NotSent)


def wait_s(error: BaseException | None, attempt: int) -> float:
    """Seconds before the next attempt: what the PSA asked for, else doubling from 0.5 s with jitter."""
    if isinstance(error, Throttled):
        return error.retry_after
    return min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** (attempt - 1)) * random.uniform(0.5, 1.0)


async def again(
    once: Callable[[], Awaitable[T]], method: str, *, attempts: int, patience_s: float, sleep: Sleep
) -> T:
    """`once`, repeated by our rule: at most `attempts`, and never a wait beyond `patience_s` in all.

    Nearly every request is answered at once, so the loop is made only for one that has failed.
    """
    began = time.monotonic()
    try:
        return await once()
    except (Throttled, Unavailable) as error:
        failed: list[Exception] = [error]

    async def following() -> T:
        if failed:
            raise failed.pop()
        return await once()

    left = max(0.0, patience_s - (time.monotonic() - began))
    return await _retrying(method, attempts=attempts, patience_s=left, sleep=sleep)(following)


def _retrying(method: str, *, attempts: int, patience_s: float, sleep: Sleep) -> AsyncRetrying:

    def wait(state: RetryCallState) -> float:
        return wait_s(state.outcome.exception() if state.outcome else None, state.attempt_number)

    return AsyncRetrying(
        retry=retry_if_exception(lambda error: repeatable(method, error)),
        stop=stop_after_attempt(attempts) | stop_before_delay(patience_s),
        wait=wait,
        sleep=sleep,
        reraise=True,
    )
