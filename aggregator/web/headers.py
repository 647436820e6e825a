"""Headers that keep hostile content harmless, and which hosts we answer to.

Sources: CSP level 3 (no inline script or style, no plugin, no frame, no foreign request),
RFC 9110 §7.2 (Host): a page that calls us by another name would be DNS rebinding.
"""

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from aggregator.config import Config

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})


def security(config: Config) -> list[tuple[bytes, bytes]]:
    """Return the headers of every answer."""
    images = "'self' https: http:" if config.page_images == "direct" else "'self'"
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src {images}; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "object-src 'none'"
    )
    pairs = {
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "x-frame-options": "DENY",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=()",
    }
    return [(name.encode(), value.encode()) for name, value in pairs.items()]


def allowed_hosts(config: Config) -> frozenset[str]:
    """Return the names that we answer to; ``*`` among them is any."""
    own = urlsplit(config.base_url).hostname if config.base_url else None
    return _LOOPBACK | frozenset(config.hosts) | (frozenset({own}) if own else frozenset())


def host_is_allowed(header: str, allowed: Iterable[str], listening: str | None = None) -> bool:
    """Whether a Host header names us.

    Args:
        header: as sent, with or without a port.
        allowed: from :func:`allowed_hosts`.
        listening: the address at which the connection arrived: an address is no name that a
            stranger's DNS could point at us.

    >>> host_is_allowed("evil.example", {"localhost"})
    False
    >>> host_is_allowed("[::1]:8000", {"[::1]"})
    True
    """
    name = host_name(header)
    if name is None:
        return False
    return name in allowed or "*" in allowed or (listening is not None and _same(name, listening))


def host_name(header: str) -> str | None:
    """Return the name or address in a Host header, lower case; None if it is no such header."""
    if not 0 < len(header) <= 260 or any(sign in header for sign in "/\\@?#<>\"' \t"):
        return None
    name = header.lower()
    if name.startswith("["):
        name, closed, rest = name.partition("]")
        if not closed or (rest and not (rest[0] == ":" and rest[1:].isdigit())):
            return None
        return f"{name}]"
    name, _, port = name.partition(":")
    if port and not (port.isascii() and port.isdigit()):
        return None
    return name.rstrip(".") or None


def _same(name: str, listening: str) -> bool:
    try:
        return ipaddress.ip_address(name.strip("[]")) == ipaddress.ip_address(listening)
    except ValueError:
        return False


def cors(config: Config, origin: str | None) -> list[tuple[bytes, bytes]]:
    """Return the headers that let a page of this origin read the answer, if it may."""
    if not origin or not config.cors:
        return []
    if "*" in config.cors:
        return [(b"access-control-allow-origin", b"*")]
    if origin in config.cors:
        return [(b"access-control-allow-origin", origin.encode("latin-1", "ignore"))]
    return []
