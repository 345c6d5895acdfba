"""Audits a connection beside its turns, in a daemon that keeps one task for each."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from connector.daemon.auditor.audit import audit_once
from connector.daemon.connection import Connection
from connector.errors import ConnectorError

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 30.0


async def keep_auditing(c: Connection, stopping: asyncio.Event) -> None:
    """Until `stopping`. What fails is logged and tried again; a turn is never disturbed by it."""
    while not stopping.is_set():
        try:
            await audit_once(c, c.now())
        except ConnectorError as error:  # the store; the turns tell of it, too
            log.info("no audit", connection=c.name, error=str(error))
        except Exception:  # a defect of ours must not end the connection; it is logged with its trace
            log.exception("audit failed", connection=c.name)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), LOOK_EVERY_S)
