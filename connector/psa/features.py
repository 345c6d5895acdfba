"""What a connection does without: an API user may lack a right, a PSA a feature, and the rest goes on.

Said once in the log, shown by `start` among the notes, tried again at the next start.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from connector.errors import NotFound
from connector.psa.transport import Forbidden

log = structlog.get_logger(__name__)


class Features:
    """What is switched off on the connection `name`; `off`: the feature -> why, in the PSA's words."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.off: dict[str, str] = {}

    async def optional(self, feature: str, read: Callable[[], Awaitable[list[Any]]]) -> list[Any]:
        """The rows, or none if this feature is not permitted or not there; that is noted once."""
        if feature in self.off:
            return []
        try:
            return await read()
        except (Forbidden, NotFound) as error:
            self.switch_off(feature, error)
            return []

    def switch_off(self, feature: str, error: Exception) -> None:
        """Do without this until the next start, and say so once."""
        if feature not in self.off:
            self.off[feature] = str(error)
            log.warning("feature switched off", connection=self.name, feature=feature, reason=str(error))
