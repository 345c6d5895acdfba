"""Turns of a fleet: what is due is turned by somebody, once, and the flags stand in the PSA."""

from __future__ import annotations

from pathlib import Path

from tests.fleet.kit import place, until


async def test_a_worker_reads_a_psa_judges_it_and_writes_the_flags(tmp_path: Path, postgres_url: str) -> None:
    async with place(tmp_path, postgres_url) as here:
        ticket = here.worlds["main"].open_ticket(client="Acme Dental", summary="Printer is on fire")
        async with here.worker():
            zone = await until(lambda: here.worlds["main"].field(ticket, "SLA Zone"), "a flag")
        assert zone == "green"
