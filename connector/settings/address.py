"""Which addresses the daemon may talk to and listen on, judged from the text alone: no name is resolved here.

A PSA on a private address is almost always a mistake or somebody's trick to make the daemon send its
credentials inside the house, so it must be allowed by name.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

_LABEL = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")
_LOOPBACK_NAMES = ("localhost", "localhost.localdomain")


def is_loopback(host: str) -> bool:
    """Whether only this machine can be meant."""
    ip = _ip(host)
    return ip.is_loopback if ip else host.lower() in _LOOPBACK_NAMES or host.lower().endswith(".localhost")


def is_private(host: str) -> bool:
    """Whether the address lies inside the house: loopback, private, link-local or reserved."""
    ip = _ip(host)
    return is_loopback(host) if ip is None else not ip.is_global or ip.is_multicast


def base_url(text: str, *, allow_private: bool, path: bool = False) -> str:
    """ "psa.example.com" or "https://psa.example.com:8443" as a URL without a path, unless `path` allows one.

    Raises ValueError.
    """
    text = text if "://" in text else f"https://{text}"
    scheme, host, port = _parts(text, path=path)
    if is_private(host) and not allow_private:
        raise ValueError("a loopback or private address is refused; if it is meant, set allow_private: true")
    if scheme != "https" and not is_loopback(host):
        raise ValueError("expected https://: the credentials would go unencrypted")
    return f"{scheme}://{_bracketed(host)}{port}{urlsplit(text).path.rstrip('/')}"


def outside_url(text: str) -> str:
    """The address under which the web app is reached from outside, without the last slash."""
    scheme, host, port = _parts(text, path=True)
    if scheme != "https" and not is_loopback(host):
        raise ValueError("expected https://: a PSA does not send callbacks to http://")
    return f"{scheme}://{_bracketed(host)}{port}{urlsplit(text).path.rstrip('/')}"


def _parts(text: str, *, path: bool = False) -> tuple[str, str, str]:
    try:
        url = urlsplit(text)
        port = f":{url.port}" if url.port else ""
    except ValueError:
        raise ValueError("not an address: expected a host name, like psa.example.com") from None
    if url.scheme not in ("https", "http") or not url.hostname:
        raise ValueError("expected an address, like https://psa.example.com")
    if url.username is not None or url.password is not None:
        raise ValueError("no user name or password in an address")
    if url.query or url.fragment or (url.path not in ("", "/") and not path):
        raise ValueError("expected the host alone, without a path")
    if _ip(url.hostname) is None and not _is_name(url.hostname):
        raise ValueError("not a host name: expected something like psa.example.com")
    return url.scheme, url.hostname, port


def _is_name(host: str) -> bool:
    """A DNS name. All-digit ends like 127.1 or 0x7f.1 are addresses in disguise."""
    labels = host.rstrip(".").split(".")
    return all(_LABEL.fullmatch(label) for label in labels) and not re.fullmatch(
        r"\d+|0x[0-9a-f]*", labels[-1], re.IGNORECASE
    )


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        ip = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return mapped or ip


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
