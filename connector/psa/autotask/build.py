"""An Autotask adapter out of a connection's settings: what the entry point names."""

from __future__ import annotations

from connector.psa.autotask.adapter import Autotask
from connector.psa.autotask.config import AutotaskConfig, Cases
from connector.settings.autotask import Autotask as Keys
from connector.settings.autotask import CasesPart


def build(name: str, settings: Keys) -> Autotask:
    """The adapter of one connection; its secrets are read now. ConfigError when one cannot be."""
    return Autotask(
        name,
        AutotaskConfig(
            user=settings.user,
            secret=settings.secret.reveal().get_secret_value(),
            integration_code=settings.integration_code.reveal().get_secret_value(),
            site=settings.site,
            zone=settings.zone or "",
            backfill_days=settings.backfill_days,
            quota_share=settings.quota_share,
            concurrency=settings.concurrency,
            timeout_s=settings.timeout.total_seconds(),
            sla_events={one.status: one.event for one in settings.status_meanings()},
            fields=settings.fields,
            channel=settings.work_types.channel,
            automation_members=frozenset(settings.automation_members),
            cases=_cases(settings.cases),
        ),
    )


def _cases(written: CasesPart | None) -> Cases | None:
    if written is None:
        return None
    return Cases(
        queue=written.queue,
        priority=written.priority,
        status=written.status,
        category=written.category or "",
        type=written.type or "",
    )
