"""A ConnectWise adapter out of a connection's settings: what the entry point names."""

from __future__ import annotations

from connector.psa.connectwise.adapter import ConnectWise
from connector.psa.connectwise.config import Cases, ConnectWiseConfig
from connector.psa.connectwise.embed import asked
from connector.psa.embed import Frame
from connector.settings.connectwise import CasesPart
from connector.settings.connectwise import ConnectWise as Keys


def build(name: str, settings: Keys) -> ConnectWise:
    """The adapter of one connection; its secrets are read now. ConfigError when one cannot be."""
    return ConnectWise(
        name,
        ConnectWiseConfig(
            site=settings.site,
            company=settings.company,
            public_key=settings.public_key.reveal().get_secret_value(),
            private_key=settings.private_key.reveal().get_secret_value(),
            client_id=settings.client_id.reveal().get_secret_value(),
            api_version=settings.api_version,
            backfill_days=settings.backfill_days,
            requests_per_minute=settings.requests_per_minute,
            concurrency=settings.concurrency,
            timeout_s=settings.timeout.total_seconds(),
            fields=settings.fields,
            channel=settings.work_types.channel,
            automation_members=frozenset(settings.automation_members),
            allow_private=settings.allow_private,
            cases=_cases(settings.cases),
            frame=_frame(settings),
        ),
    )


def _frame(settings: Keys) -> Frame | None:
    """The API answers at `api-na.`, the pages that may show the card stand at `na.` without it."""
    key = settings.card_key()
    pages = settings.site.replace("://api-", "://")
    return Frame(origins=settings.origins(pages), secret=key, read=asked) if key else None


def _cases(written: CasesPart | None) -> Cases | None:
    if written is None:
        return None
    return Cases(
        board=written.board,
        type=written.type or "",
        status=written.status or "",
        priority=written.priority or "",
    )
