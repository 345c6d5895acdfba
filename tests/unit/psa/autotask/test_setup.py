"""The status map is a person's word over the vendor's default, and a connection's keys reach the adapter."""

import pytest

from connector.psa.autotask.build import build
from connector.psa.autotask.config import SLA_EVENTS
from connector.psa.autotask.setup import STAGES, stages, strangers
from connector.psa.port import Psa
from connector.settings.autotask import VENDOR_DEFAULT, Autotask

STATUSES = ("New", "In Progress", "Waiting Customer", "Complete", "Scheduled")


def test_the_vendors_default_is_one():
    assert dict(SLA_EVENTS) == VENDOR_DEFAULT
    assert set(VENDOR_DEFAULT.values()) <= STAGES.keys()


def test_statuses_get_their_stage_by_the_map():
    assert stages(STATUSES, SLA_EVENTS) == {
        "New": "NotResponded",
        "In Progress": "Responded",
        "Waiting Customer": "NoEscalation",
        "Complete": "Resolved",
        "Scheduled": "Responded",
    }
    own = {"scheduled": "resolution_plan", "Complete": "resolved"}
    assert stages(STATUSES, own)["Scheduled"] == "ResolutionPlan"
    assert stages(STATUSES, own)["In Progress"] == "NotResponded"


def test_a_status_that_is_not_there_is_said_whether_written_or_the_vendors_own():
    events = dict(SLA_EVENTS) | {"on hold": "waiting_customer"}
    assert strangers(STATUSES, SLA_EVENTS) == []
    (said,) = strangers(STATUSES, events)
    assert "'on hold'" in said
    assert "waiting_customer" in said
    renamed = tuple(name for name in STATUSES if name != "Waiting Customer")
    assert len(strangers(renamed, events)) == 2
    assert strangers((), events) == [], "where no status can be read there is another note"


@pytest.fixture
def keys(monkeypatch):
    monkeypatch.setenv("AT_SECRET", "s3cr3t-word")
    monkeypatch.setenv("AT_CODE", "CODE4711")
    written = {
        "vendor": "autotask",
        "user": "px@desk.example",
        "secret": {"env": "AT_SECRET"},
        "integration_code": {"env": "AT_CODE"},
        "quota_share": 25,
        "sla_events": {"Scheduled": "resolution_plan"},
        "fields": {"PX At Risk": "PXAtRisk"},
    }
    return Autotask.model_validate(written)


async def test_an_adapter_is_built_of_a_connections_keys(keys):
    psa = build("main", keys)
    config = psa._session.config
    await psa.close()
    assert isinstance(psa, Psa)
    assert psa.quota().limit_per_minute == pytest.approx(2500 / 60)
    assert (config.user, config.secret, config.integration_code) == (
        "px@desk.example",
        "s3cr3t-word",
        "CODE4711",
    )
    assert config.sla_events["Scheduled"] == "resolution_plan"
    assert config.fields == {"PX At Risk": "PXAtRisk"}
    assert config.channel("Phone Call") == "phone"
    assert "s3cr3t-word" not in repr(config)
