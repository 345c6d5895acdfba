"""The address by which ConnectWise frames the card: an entry of its setup table "Manage Hosted API".

The PSA replaces [cw_id] and [cw_screen] in the address and signs nothing (section "Using URI Tokens" of the
vendor's hosted API read-me; a copy: github.com/otabeknos1rov/connectwiseclient). So the address carries the
secret. The member's hash that the PSA would hand to a script is not asked for: whether it is right only the
PSA could tell, at the price of a request for every look at a ticket.
"""

from __future__ import annotations

from connector.psa.embed import Asked, Query, by_key, ticket_in

ADDRESS = "?ticket=[cw_id]&screen=[cw_screen]&key=SECRET"
"""What is written into the setup table after the card's own address."""


def asked(query: Query, secret: bytes) -> Asked:
    """Which ticket is asked for. Rejected if the secret is not the right one.

    [cw_id] is the number of whatever the screen shows, so any screen but a ticket's would show the card of
    a ticket that has nothing to do with it.
    """
    by_key(query, secret)
    screen = query.get("screen", "").strip()
    if screen.casefold() == "ticket":
        return ticket_in(query, "[cw_id]")
    came = f"it came as {screen[:40]!r}" if screen else "there is none"
    return Asked(
        wrong=f"This card belongs on the ticket screen. The address needs screen=[cw_screen], which the PSA "
        f"replaces by the screen's name: {came}."
    )
