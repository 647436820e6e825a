"""The parts of an address, read as browsers read them; hosts and whose they are.

RFC 3986 with the WHATWG URL standard where it is laxer (backslashes, blanks, tabs inside). IDN by
IDNA 2003 of the standard library. Only http and https are addresses here.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote, urljoin

from aggregator.urls.escapes import escape
from aggregator.urls.marks import HOSTING, SHARED_LABELS

#: longer addresses are cut for comparing and refused by ``absolute``
MAX_LENGTH = 8192
#: longer addresses are not kept in memory
_REMEMBERED = 400

_HTTP = re.compile(r"(?:feed:[/\\]*)?(https?):[/\\]*|feed:[/\\]+", re.IGNORECASE)
_REST = re.compile(r"//([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL)
#: an address without its scheme; the last label must not be a file's ending
_BARE_HOST = re.compile(
    r"[^\s/?#@:.\\]+(?:\.[^\s/?#@:.\\]+)*\."
    r"(?!html?\b|php\d?\b|aspx?\b|jsp\b|xml\b|rss\b|pdf\b|jpe?g\b|png\b)"
    r"[^\W\d_][^\s/?#@:.\\]+\.?(?::\d*)?(?=[/?#]|$)",
    re.IGNORECASE,
)
#: what is absolute and legal as it stands
_USUAL = re.compile(
    r"https?://[a-z0-9][a-z0-9.-]*(?::[0-9]{1,5})?/[\w.~!$&'()*+,;=:@/%?#-]*", re.ASCII
)
_EDGES = "".join(map(chr, range(33))) + "\u00a0\u200b\u200e\u200f\u202a\u202b\u202c\u2060\ufeff"
_INSIDE = re.compile(r"[\t\n\r]+")
_PORT = re.compile(r"[0-9]*")
_NOT_IN_HOST = re.compile(r"[\x00-\x20%/?#@:\[\]\\<>\"^`{|}\x7f]+")
_ILLEGAL = re.compile(r"[\x00-\x20\"<>\\^`{|}\x7f-\x9f\ud800-\udfff]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_IP_LITERAL = re.compile(r"\[[0-9A-Fa-f:.]+\]")
_DRESSES = ("m", "mobile", "amp")


class Address(NamedTuple):
    """A web address; ``host`` in lower case and xn--, ``port`` empty for the default."""

    scheme: str
    host: str
    port: str
    path: str
    query: str
    fragment: str


def clean(url: str) -> str:
    """Return the text trimmed, with ``scheme://`` in front where it is a web address."""
    text = _INSIDE.sub("", url[: 2 * MAX_LENGTH]).strip(_EDGES)[:MAX_LENGTH].strip(_EDGES)
    if not text.isascii():
        text = _SURROGATE.sub("\ufffd", text)
    match = _HTTP.match(text)
    if match:
        return _with_scheme(match)
    if text.startswith(("//", "\\\\")):
        return "https://" + text.lstrip("/\\")
    if _BARE_HOST.match(text):
        return "https://" + text
    return text


def _with_scheme(match: re.Match[str]) -> str:
    return f"{(match[1] or 'http').lower()}://{match.string[match.end() :]}"


def split(text: str) -> Address | None:
    """Return the parts of a cleaned text; None where it is not http(s) or has no host."""
    scheme, _, rest = text.partition(":")
    scheme = scheme.lower()
    match = _REST.match(rest) if scheme in {"http", "https"} else None
    if not match:
        return None
    net, path, query, fragment = match.groups(default="")
    if "\\" in net or "\\" in path:
        net, slash, more = net.replace("\\", "/").partition("/")
        path = slash + more + path.replace("\\", "/")
    name, port = _host_and_port(net.rpartition("@")[2])
    if ("[" in net or ":" in name) and not _IP_LITERAL.fullmatch(name):
        return None
    name = ascii_host(name)
    if not name:
        return None
    return Address(scheme, name, "" if port in {"80", "443"} else port, path, query, fragment)


def _host_and_port(net: str) -> tuple[str, str]:
    name, colon, port = net.rpartition(":")
    if not colon or name.count("[") > name.count("]") or not _PORT.fullmatch(port):
        return net, ""
    return name, port.lstrip("0")


@lru_cache(maxsize=4096)
def ascii_host(name: str) -> str:
    """Return a host in lower case and xn-- form, empty where nothing is left of it."""
    if name.startswith("["):
        return name.lower()
    if "%" in name:
        name = unquote(name, errors="replace")
    name = _NOT_IN_HOST.sub("", name).strip(_EDGES + ".")[:253]
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            labels = unicodedata.normalize("NFC", name.lower()).split(".")
            name = ".".join(
                label if label.isascii() else f"xn--{label.encode('punycode').decode()}"
                for label in labels
            )
    return ".".join(filter(None, _NOT_IN_HOST.sub("", name.lower()).split(".")))


@lru_cache(maxsize=4096)
def site_of(name: str) -> str:
    """Return the part of a host that one owner holds."""
    if name.startswith("[") or name.replace(".", "").isdigit():
        return name
    labels = name.split(".")
    under_country = len(labels[-1]) == 2 and len(labels) > 2 and labels[-2] in SHARED_LABELS
    if len(labels) > 2 and (under_country or ".".join(labels[-2:]) in HOSTING):
        return ".".join(labels[-3:])
    return ".".join(labels[-2:])


@lru_cache(maxsize=4096)
def bare_host(name: str) -> str:
    """Return a host without www., m., mobile. and amp., as long as a site's name remains."""
    keep = site_of(name).count(".") + 1
    labels = name.split(".")
    head, tail = labels[:-keep], labels[-keep:]
    head = [label for label in head if label not in _DRESSES]
    while head and head[0] == "www":
        del head[0]
    return ".".join(head + tail)


def absolute(base: str, href: str | None) -> str | None:
    """Return ``href`` as seen from ``base``, or None where that is no http(s) address.

    Trackers and fragment stay; blanks and control characters are escaped.
    """
    if href and len(href) <= MAX_LENGTH and _USUAL.fullmatch(href):
        return href
    text = _INSIDE.sub("", href).strip(_EDGES) if href and len(href) <= 4 * MAX_LENGTH else ""
    if not text or len(text) > MAX_LENGTH:
        return None
    if not _HTTP.match(text):
        try:
            text = urljoin(base.strip(_EDGES), text.replace("\\", "/"))
        except ValueError:
            return None
    match = _HTTP.match(text)
    if not match:
        return None
    path, mark, query = _with_scheme(match).partition("?")
    text = path.replace("\\", "/") + mark + query
    return _ILLEGAL.sub(escape, text) if split(text) else None


def host(url: str) -> str:
    """Return the host in lower case and xn-- form, without port; empty where there is none."""
    return _host(url) if len(url) > _REMEMBERED else _known_host(url)


def _host(url: str) -> str:
    address = split(clean(url))
    return address.host if address else ""


_known_host = lru_cache(maxsize=4096)(_host)


def site(url: str) -> str:
    """Return the name that one owner holds: akhbar.com.eg for sport.akhbar.com.eg.

    Judged by common labels (com, co, gov … under a country) and a few hosting services, not by the
    whole Public Suffix List. An IP address is its own site.
    """
    return site_of(host(url))


def same_site(a: str, b: str) -> bool:
    """Return whether both addresses lie under the name of one owner."""
    name = site(a)
    return bool(name) and name == site(b)
