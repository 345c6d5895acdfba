"""Settings of the sign-in: who may look at the pages, who may act on them, and which proxy is believed.

Signing people in (OIDC, SAML, passwords) is the work of a proxy in front. It hands over a name in a header,
and anybody could write that header: so it counts only when it comes from the proxy's own address.
"""

from __future__ import annotations

import ipaddress
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, Field

from connector.clients.forms import Name
from connector.clients.parts import Strict, needed

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network(text: str) -> str:
    try:
        net = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError("expected an address or a network, like 10.0.0.5 or 10.0.0.0/24") from None
    if net.prefixlen == 0:
        raise ValueError("this is everybody: name the proxy's own address")
    return str(net)


class ProxyPart(Strict):
    """A proxy that signs people in and hands over who they are."""

    header: str = Field(
        "X-Forwarded-User", pattern=r"^[A-Za-z0-9-]{1,64}$", description="Header with the person's name"
    )
    addresses: Annotated[list[Annotated[str, AfterValidator(_network)]], AfterValidator(needed)] = Field(
        alias="from", description="The proxy's addresses: from any other the header is ignored"
    )
    operators: list[Name] = Field(
        [], description="Who may act, by the name in the header; everybody else who is signed in may look"
    )

    def believes(self, host: str) -> bool:
        """Whether a connection from this address is the proxy's."""
        try:
            peer = ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            return False
        mapped = peer.ipv4_mapped if isinstance(peer, ipaddress.IPv6Address) else None
        return any((mapped or peer) in ipaddress.ip_network(net) for net in self.addresses)
