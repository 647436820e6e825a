"""Which addresses we may connect to: public unicast, and what the configuration lets through.

Pure. The caller asks about the very address it is about to connect to, never about a name, so
that rebinding names, odd spellings of numbers and disagreeing URL parsers change nothing.
Rules: IANA special-purpose address registries (RFC 6890 and its updates). Tunnelled and translated
forms (IPv4-mapped, 6to4, Teredo, NAT64) are refused as such, whatever they carry.
"""

import ipaddress
from collections.abc import Iterable
from functools import lru_cache

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Written out, since ipaddress.is_global changed its mind between patch releases of Python 3.11.
_REFUSED_V4 = tuple(
    (ipaddress.IPv4Network(network), reason)
    for network, reason in (
        ("0.0.0.0/8", "this host"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier NAT"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
_REFUSED_V6 = tuple(
    (ipaddress.IPv6Network(network), reason)
    for network, reason in (
        ("::/128", "this host"),
        ("::1/128", "loopback"),
        ("::ffff:0:0/96", "IPv4-mapped"),
        ("::/96", "IPv4-compatible"),
        ("64:ff9b::/96", "NAT64"),
        ("64:ff9b:1::/48", "NAT64"),
        ("2001::/32", "Teredo"),
        ("2001::/23", "reserved"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("3fff::/20", "documentation"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)
#: all of IPv6 that is handed out as global unicast today; the rest is refused unseen
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")


def parse(text: str) -> Address | None:
    """Return the address that a socket names, without zone; None where it is none."""
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _special(address: Address) -> str | None:
    if isinstance(address, ipaddress.IPv4Address):
        return next((reason for net, reason in _REFUSED_V4 if address in net), None)
    for network, reason in _REFUSED_V6:
        if address in network:
            return reason
    return None if address in _GLOBAL_V6 else "reserved"


def refusal(address: str | Address, allow_networks: Iterable[Network] = ()) -> str | None:
    """Return why an address is refused, None if it is allowed.

    Args:
        address: as the socket will use it; text that is no address is refused.
        allow_networks: ranges that pass whatever they are. A mapped form passes only where a range
            of IPv6 names it: ``127.0.0.0/8`` does not let ``::ffff:127.0.0.1`` through.
    """
    if isinstance(address, str):
        parsed = parse(address)
        if parsed is None:
            return "no IP address"
        address = parsed
    if any(address.version == net.version and address in net for net in allow_networks):
        return None
    return _special(address)


def is_allowed(address: str | Address, allow_networks: Iterable[Network] = ()) -> bool:
    """Return whether we may connect to an address; see :func:`refusal`."""
    return refusal(address, allow_networks) is None
