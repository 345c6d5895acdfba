"""What a connection's tickets taught about risk, where many make its turns: learnt by one, had by all."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import structlog

from connector.daemon import learn
from connector.daemon.connection import Connection
from connector.daemon.fleet.fenced import Superseded
from connector.errors import ConnectorError
from connector.store import models

log = structlog.get_logger(__name__)

LEARN_PAUSE = timedelta(seconds=20)
"""Between two connections of a fleet that learn for the first time: learning, and judging every ticket by
what was learnt, costs as much as fifty turns. Until then the shares used stand in; for a day at most."""


class Lessons:
    """Of one turn. `kept` is what the turns hand on: `learnt_at`, and when learning is looked at again.

    `fleet`: of how many connections; at the very first turn an instant is drawn: not all learn at once.
    """

    def __init__(self, c: Connection, kept: dict[str, Any], fleet: int = 1) -> None:
        self._c, self._kept = c, kept
        first = c.now() + min(LEARN_PAUSE * (fleet - 1), learn.EVERY) * random.random()
        kept.setdefault("learn_at", first.isoformat())

    async def recall(self) -> None:
        """Have the model that was learnt last, whoever learnt it."""
        learnt_at = self._kept.get("learnt_at")
        if learnt_at is None or (self._c.model and self._c.model.learnt_at.isoformat() == learnt_at):
            return
        async with self._c.store.glance() as tx:
            self._c.model = await models.get(tx, self._c.name)

    def due(self) -> bool:
        """Whether it is time to learn. Learning is work for the slow lane."""
        health = self._c.health.connections[self._c.name]
        ready = health.last_poll is not None and not health.backfilling
        return ready and self._c.now() >= datetime.fromisoformat(self._kept["learn_at"])

    async def learn(self) -> None:
        """Learn if it is time; what fails is logged and tried again, the shares used stand in meanwhile."""
        if not self.due():
            return
        c, again = self._c, self._c.now() + learn.LOOK_EVERY
        try:
            await learn.refresh(c)
        except Superseded:
            raise
        except ConnectorError as error:  # the store
            log.info("not learnt", connection=c.name, error=str(error))
        except Exception:  # a defect of ours must not end the turn; it is logged with its trace
            log.exception("learning failed", connection=c.name)
        if c.model is not None:
            self._kept["learnt_at"] = c.model.learnt_at.isoformat()
            again = max(again, c.model.learnt_at + learn.EVERY)
        self._kept["learn_at"] = again.isoformat()
