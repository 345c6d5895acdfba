"""Ratings: one customer's word changes what stands on every open ticket of that client, and of no other."""

from __future__ import annotations

from pathlib import Path

from tests.kit import Office, Tap, client_file, office, write_client


async def _three_tickets(o: Office) -> tuple[int, int, int]:
    await o.start()
    acme = [o.world.open_ticket("Acme Dental", f"Printer {n} down", text="No paper.") for n in (1, 2)]
    globex = o.world.open_ticket("Globex", "Printer 3 down", text="It prints nothing at all.")
    await o.settle()
    return acme[0], acme[1], globex


async def test_a_rating_reaches_every_open_ticket_of_that_client(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        first, second, other = await _three_tickets(o)
        assert "px" not in o.flags(second)
        o.world.rate(first, 5, "Quick and friendly.")
        await o.poll()
        assert o.flags(first)["px"] == o.flags(second)["px"] == "100 % (n 1)"
        assert "px" not in o.flags(other)
        o.world.rate(second, 1, "Still broken.")
        await o.poll()
        assert o.flags(first)["px"] == o.flags(second)["px"] == "50 % (n 2)"
        assert "px" not in o.flags(other)
        await o.assert_right(first, second, other)


async def test_a_new_ticket_of_a_rated_client_carries_the_figure_at_once(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        first, _, _ = await _three_tickets(o)
        o.world.rate(first, 4)
        await o.poll()
        new = o.world.open_ticket("Acme Dental", "Scanner down", text="It does not scan to mail any more.")
        await o.settle()
        assert o.flags(new)["px"] == "100 % (n 1)"
        assert [f for t, f, _ in o.written() if t == new].count("Client PX") == 1


async def test_a_rating_that_leaves_the_window_leaves_the_figure(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        write_client(o.folder, client_file("Acme Dental", px={"window_days": 7}))
        first, second, _ = await _three_tickets(o)
        o.world.rate(first, 1)
        await o.poll()
        assert o.flags(second)["px"] == "0 % (n 1)"
        await o.later(minutes=7 * 24 * 60 + 20)
        assert "px" not in o.flags(second)
        await o.assert_right(first, second)


async def test_a_closed_ticket_keeps_the_figure_it_was_closed_with(tmp_path: Path, openapi_tap: Tap) -> None:
    async with office(tmp_path, tap=openapi_tap) as o:
        first, second, _ = await _three_tickets(o)
        o.world.rate(first, 5)
        await o.poll()
        o.world.set_status(second, ">Closed", "jreed")
        await o.settle()
        o.world.rate(first, 1, "On second thoughts, no.")
        await o.poll()
        assert o.flags(first)["px"] == "0 % (n 1)", "a later word of the same customer corrects the first"
        assert o.flags(second)["px"] == "100 % (n 1)"


async def test_the_ratings_of_the_past_are_in_the_figure_from_the_first_write_on(
    tmp_path: Path, openapi_tap: Tap
) -> None:
    """The back-fill reads tickets first and ratings last; no ticket may show a figure of half of them."""
    async with office(tmp_path, tap=openapi_tap, tickets=200) as o:
        assert len(o.world.answers) > 5
        await o.start()
        figures = [(w.ticket, w.new) for w in o.world.writes if w.field == "Client PX"]
        assert figures
        assert len(figures) == len({ticket for ticket, _ in figures})
        await o.assert_right(*o.open_tickets())


async def test_two_connections_share_a_clients_ratings(tmp_path: Path, openapi_tap: Tap) -> None:
    """A client whose tickets lie in two PSAs has one figure."""
    async with office(tmp_path, tap=openapi_tap, names=("main", "second")) as o:
        await o.start()
        here = o.world.open_ticket("Acme Dental", "Printer down", text="It prints nothing at all.")
        await o.settle()
        o.world.rate(here, 5)
        await o.poll()
        assert o.flags(here)["px"] == "100 % (n 1)"
