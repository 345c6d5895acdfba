"""A Halo adapter out of a connection's settings: what the entry point names."""

from __future__ import annotations

from connector.psa.embed import Frame
from connector.psa.halo.adapter import Halo
from connector.psa.halo.config import Cases, HaloConfig
from connector.psa.halo.embed import keyed, signed
from connector.settings.halo import CasesPart
from connector.settings.halo import Halo as Keys


def build(name: str, settings: Keys) -> Halo:
    """The adapter of one connection; its secrets are read now. ConfigError when one cannot be."""
    hook_secret = settings.webhook_secret
    return Halo(
        name,
        HaloConfig(
            site=settings.site,
            client_id=settings.client_id.reveal().get_secret_value(),
            client_secret=settings.client_secret.reveal().get_secret_value(),
            tenant=settings.tenant or "",
            auth_url=settings.auth_url or "",
            scope=settings.scope,
            hook_secret=hook_secret.reveal().get_secret_value() if hook_secret else "",
            hook_header=settings.webhook_header,
            backfill_days=settings.backfill_days,
            requests_per_5_minutes=settings.requests_per_5_minutes,
            concurrency=settings.concurrency,
            timeout_s=settings.timeout.total_seconds(),
            fields=settings.fields,
            channel=settings.work_types.channel,
            automation_agents=frozenset(settings.automation_members),
            people_applications=frozenset(settings.people_applications),
            closed_statuses=frozenset(settings.closed_statuses),
            best_score=settings.scores.best,
            worst_score=settings.scores.worst,
            cases=_cases(settings.cases),
            frame=_frame(settings),
        ),
    )


def _frame(settings: Keys) -> Frame | None:
    key, read = settings.card_key(), signed if settings.card_proof == "hmac" else keyed
    return Frame(origins=settings.origins(settings.site), secret=key, read=read) if key else None


def _cases(written: CasesPart | None) -> Cases | None:
    if written is None:
        return None
    return Cases(
        ticket_type=written.ticket_type,
        team=written.team or "",
        status=written.status or "",
        sla=written.sla or "",
        priority=written.priority or "",
    )
