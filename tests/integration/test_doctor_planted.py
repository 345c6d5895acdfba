"""Faults planted in each pretend PSA or in the files, and the one finding that `doctor` must have of each.

A clean one has none: `test_doctor.py` holds it to that. What answers a write is planted in `test_canary.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from connector.history.doctor import Severity
from connector.simulator.records import Status
from tests.contract.psa.tongues import TONGUES
from tests.integration.doctor_kit import OFFICE, Clinic, clean, clinic
from tests.kit import free_port


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault, how it is planted, and the code, severity and words of what is found; `only` some PSAs."""

    name: str
    plant: Callable[[Clinic], object]
    code: str
    severity: Severity = "warning"
    words: str = ""
    only: tuple[str, ...] = tuple(TONGUES)


def faults(**values: object) -> Callable[[Clinic], None]:
    return lambda c: c.sim.faults.__dict__.update(values)


def rules(**values: object) -> Callable[[Clinic], None]:
    return lambda c: c.write(clean(c.vendor, **values))


def forbidden(**paths: str) -> Callable[[Clinic], None]:
    return lambda c: c.sim.faults.__dict__.update(forbidden=paths[c.vendor])


def wrong_key(c: Clinic) -> None:
    name = {"connectwise": "PX_CONTRACT_PRIVATE"}.get(c.vendor, "PX_CONTRACT_SECRET")
    c.patch.setenv(name, "an-old-password-9")


def no_key(c: Clinic) -> None:
    c.patch.delenv({"connectwise": "PX_CONTRACT_PRIVATE"}.get(c.vendor, "PX_CONTRACT_SECRET"))


def hooks_off(c: Clinic) -> None:
    for hook in c.world.hooks.values():
        hook.inactive = True


def unnamed_status(c: Clinic) -> None:
    board = c.world.boards[1]
    new = Status(99, 1, "Waiting Parts", "waiting")
    c.world.boards[1] = replace(board, statuses=(*board.statuses, new))
    c.world.statuses[99] = new


def no_days_off(c: Clinic) -> None:
    c.world.calendars[2] = replace(c.world.calendars[2], days_off=None)


def targets(*names: str) -> dict[str, object]:
    return {name: {"response": "1h"} for name in names}


PSA = (
    Planted("a wrong key", wrong_key, "login-refused", "error"),
    Planted("no key", no_key, "secret-unreadable", "error", "PX_CONTRACT"),
    Planted(
        "nobody there",
        lambda c: c.write(site=f"http://127.0.0.1:{free_port()}"),
        *("unreachable", "error", "no connection"),
        only=("connectwise",),
    ),
    Planted(
        "a missing right",
        forbidden(connectwise="/schedule/entries", autotask="/ServiceCalls", halo="/Appointment"),
        "right-missing",
    ),
    Planted(
        "a missing field", faults(missing_field="SLA Zone"), "field-missing", words="no field 'SLA Zone'"
    ),
    Planted(
        "a missing field of companies",
        faults(missing_field="Release Right"),
        *("field-unusable", "warning", "company field"),
    ),
    Planted("webhooks off", hooks_off, "webhook-off", words="switched off"),
    Planted(
        "no webhook",
        lambda c: c.write(public_url="https://elsewhere.example.com"),
        *("webhook-missing", "warning", "not there"),
    ),
    Planted(
        "webhooks unseen",
        forbidden(connectwise="/system/callbacks", autotask="/TicketWebhooks", halo="/Webhook"),
        "webhook-not-seen",
    ),
    Planted("no address", lambda c: c.write(public_url=None), "webhook-not-asked-for", "note"),
    Planted("a clock ahead", faults(clock_ahead=600), "clock-off", words="10 min ahead of"),
    Planted("a clock behind", faults(clock_behind=600), "clock-off", words="10 min behind"),
    Planted("patience lost", faults(retry_after=0, throttle_next=1), "requests-throttled"),
    Planted(
        "a status nobody named",
        unnamed_status,
        *("status-not-named", "warning", "'Waiting Parts', which stops the clock in the PSA"),
        only=("connectwise",),
    ),
    Planted(
        "a status explained and not named",
        lambda c: c.write(sla_events={"*": "none", "In Progress": "waiting_customer"}),
        *("status-not-named", "warning", "'In Progress', which stops the clock"),
        only=("autotask",),
    ),
    Planted("a calendar without days off", no_days_off, "days-off-missing", words="'Extended Hours'"),
)
FILES = (
    Planted(
        "a misspelt status",
        rules(resplan={"statuses": ["Scheduld"]}),
        *("status-unknown", "warning", "did you mean 'Scheduled'? (named by clients/acme.yaml)"),
    ),
    Planted(
        "a misspelt priority",
        rules(targets=targets("*", "P1 Critcal")),
        *("priority-unknown", "warning", "no priority 'p1 critcal'; did you mean 'p1 critical'?"),
    ),
    Planted(
        "a priority without a promise",
        rules(targets=targets("P1 Critical", "P2 High", "P3 Medium")),
        *("priority-without-promise", "warning", "priority 'P4 Low' in clients/acme.yaml"),
    ),
    Planted("no days off", rules(calendar=OFFICE), "days-off-missing", words="in clients/acme.yaml"),
    Planted(
        "a zone of its own",
        rules(calendar={**OFFICE, "timezone": "Asia/Tokyo", "holidays": {"country": "JP"}}),
        *("zone-of-no-calendar", "note", "Asia/Tokyo"),
    ),
    Planted(
        "a company that is not there",
        rules(match={"connection": "main", "companies": ["Acme Dentel"]}),
        *("client-unmatched", "warning", "no company 'acme dentel'; did you mean 'acme dental'?"),
    ),
    Planted("no file", lambda c: (c.folder / "clients" / "acme.yaml").unlink(), "clients-none"),
    Planted("writes without a canary", lambda c: c.write(write_back=True), "canary-missing", "error"),
)
CASES = [(fault, vendor) for fault in PSA for vendor in fault.only]


async def found_alone(c: Clinic, fault: Planted) -> None:
    fault.plant(c)
    (found,) = await c.examined()
    assert (found.code, found.severity) == (fault.code, fault.severity), found
    assert fault.words in found.found
    assert found.why
    assert found.fix
    assert c.world.writes == []


@pytest.mark.parametrize(("fault", "vendor"), CASES, ids=[f"{f.name}-{v}" for f, v in CASES])
async def test_a_fault_of_the_psa_is_found_and_nothing_else(
    tmp_path: Path, fault: Planted, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.psa.transport.PATIENCE_429_S", 0.0)  # Halo does not say how long
    monkeypatch.setattr("connector.psa.retry.FIRST_WAIT_S", 0.0)
    async with clinic(tmp_path, vendor, monkeypatch) as c:
        await found_alone(c, fault)


@pytest.mark.parametrize("vendor", TONGUES)
async def test_a_fault_of_the_files_is_found_and_nothing_else(
    tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with clinic(tmp_path, vendor, monkeypatch) as c:
        for fault in FILES:
            c.write(clean(vendor))
            await found_alone(c, fault)
        c.write(clean(vendor))
        assert await c.examined() == []


def test_there_are_enough_of_them() -> None:
    assert len({fault.code for fault in (*PSA, *FILES)}) >= 13
