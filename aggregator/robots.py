"""Reads robots.txt as RFC 9309 asks, in linear time.

Pure. Keeps only the rules of the groups that speak to us, and the sitemaps. ``Crawl-delay`` is no
part of the standard, but many sites say it, so we listen.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

#: The least that a crawler must read (RFC 9309 §2.5); the rest of a longer file is not looked at.
MAX_BYTES: Final = 500 * 1024
#: More rules than this for one crawler are an attack or a generator gone wild.
_MAX_RULES: Final = 10_000
_MAX_SITEMAPS: Final = 200
_PLAIN: Final = re.compile(r"[!-$&-~]*")  # nothing to change
_HEX: Final = frozenset(b"0123456789abcdefABCDEF")
_UNRESERVED: Final = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
)
#: mistakes seen often enough that other crawlers forgive them as well
_NAMES: Final = {
    "user-agent": "agent",
    "useragent": "agent",
    "user agent": "agent",
    "allow": "allow",
    "disallow": "disallow",
    "dissallow": "disallow",
    "dissalow": "disallow",
    "disalow": "disallow",
    "crawl-delay": "delay",
    "crawldelay": "delay",
    "sitemap": "sitemap",
    "site-map": "sitemap",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots:
    """What a site asks of us.

    Attributes:
        rules: (path pattern, allowed), the longest pattern first, of equal ones the allowing first.
        crawl_delay_s: as asked, uncapped; None where nothing is said.
        sitemaps: absolute addresses, in order.
    """

    rules: tuple[tuple[str, bool], ...] = ()
    crawl_delay_s: float | None = None
    sitemaps: tuple[str, ...] = ()

    def allows(self, url: str) -> bool:
        """Return whether an address may be fetched; robots.txt itself always may."""
        path = _normal(urlsplit(url).path or "/")
        if path == "/robots.txt":
            return True
        _, question, query = url.partition("#")[0].partition("?")
        path += question + _normal(query)
        return next((allowed for rule, allowed in self.rules if _matches(rule, path)), True)


#: for a site that says nothing
ALLOW_ALL: Final = Robots()
#: for a site that cannot tell us now
DISALLOW_ALL: Final = Robots(rules=(("/", False),))


def parse(body: bytes, agent: str) -> Robots:
    """Return what a robots.txt says to the crawler with this product token.

    Args:
        body: as fetched; only the first :data:`MAX_BYTES` count.
        agent: our product token, such as ``aggregator``.

    Anything that is no robots.txt (a page, an error in words) says nothing and so allows all.
    """
    text = body[:MAX_BYTES].decode("utf-8-sig", "replace")
    ours: list[tuple[str, bool]] = []
    general: list[tuple[str, bool]] = []
    delays: dict[bool, float] = {}
    sitemaps: list[str] = []
    named = False
    for agents, rules, delay, sitemap in _groups(text):
        sitemaps += sitemap
        mine = agent.lower() in agents
        if mine:
            named = True
            ours += rules
        elif "*" in agents:
            general += rules
        if delay is not None and (mine or "*" in agents):
            delays.setdefault(mine, delay)
    rules = ours if named else general
    return Robots(
        rules=tuple(sorted(rules[:_MAX_RULES], key=lambda rule: (-len(rule[0]), not rule[1]))),
        crawl_delay_s=delays.get(named),
        sitemaps=tuple(dict.fromkeys(sitemaps))[:_MAX_SITEMAPS],
    )


_Group = tuple[set[str], list[tuple[str, bool]], float | None, Sequence[str]]


def _groups(text: str) -> Iterator[_Group]:
    """Yield each group: agents in lower case, rules, delay, and sitemaps met on the way."""
    agents: set[str] = set()
    rules: list[tuple[str, bool]] = []
    sitemaps: list[str] = []
    delay: float | None = None
    in_rules = False
    for name, value in _lines(text):
        if name == "sitemap":  # stands outside of groups, and ends none
            if value.lower().startswith(("http://", "https://")):
                sitemaps.append(value)
        elif name == "agent":
            if in_rules:
                yield agents, rules, delay, sitemaps
                agents, rules, sitemaps, delay, in_rules = set(), [], [], None, False
            agents.add(_token(value))
        elif name == "delay":
            in_rules = True
            delay = _seconds(value) if delay is None else delay
        else:
            in_rules = True
            if value:  # an empty rule says nothing
                rules.append((_pattern(value), name == "allow"))
    yield agents, rules, delay, sitemaps


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        name, colon, value = line.partition("#")[0].partition(":")
        known = _NAMES.get(name.strip().lower())
        if known and colon:
            yield known, value.strip()


def _token(value: str) -> str:
    """Return the product token of a user agent line: ``Name/1.0`` means ``name``."""
    words = value.lower().split("/")[0].split()
    return words[0] if words else ""


def _seconds(value: str) -> float | None:
    try:
        seconds = float(value.split()[0].replace(",", "."))
    except (ValueError, IndexError):
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _pattern(value: str) -> str:
    value = _normal(value)
    return value if value.startswith(("/", "*")) else "/" + value


def _normal(text: str) -> str:
    """Return a path in one spelling: other octets as ``%XX``, unreserved ones plain (§2.2.2)."""
    if _PLAIN.fullmatch(text):
        return text
    octets = text.encode("utf-8", "surrogatepass")
    out = bytearray()
    position = 0
    while position < len(octets):
        octet = octets[position]
        pair = octets[position + 1 : position + 3]
        if octet == 0x25 and len(pair) == 2 and _HEX.issuperset(pair):
            value = int(pair, 16)
            out += bytes((value,)) if value in _UNRESERVED else b"%" + pair.upper()
            position += 3
            continue
        out += bytes((octet,)) if 0x20 < octet < 0x7F else b"%%%02X" % octet
        position += 1
    return out.decode("ascii")


def _matches(pattern: str, path: str) -> bool:
    """Return whether a pattern (``*`` any run, ``$`` at the end: the end) fits from the start."""
    ends = pattern.endswith("$")
    if ends:
        pattern = pattern[:-1]
    if "*" not in pattern:
        return path == pattern if ends else path.startswith(pattern)
    first, *pieces = pattern.split("*")
    if not path.startswith(first):
        return False
    position = len(first)
    last = pieces.pop() if ends else ""
    for piece in pieces:  # leftmost is always best, since any run may come between
        found = path.find(piece, position)
        if found < 0:
            return False
        position = found + len(piece)
    return not ends or (len(path) - len(last) >= position and path.endswith(last))
