"""One key for every dress of an article's address, and one form of it to show."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from aggregator.urls.address import Address, bare_host, clean, split
from aggregator.urls.escapes import PATH, QUERY, legal, normal
from aggregator.urls.marks import TRACKERS, VARIANTS, named, without_marks

_INDEX = re.compile(r"(?i:index\.(?:html?|php\d?|aspx?|jsp)|default\.(?:html?|aspx?))")
_SESSION = re.compile(r"(?i:;(?:jsessionid|phpsessid|sid)=[^/;]*|/\([a-z]\([^/()]*\)\))")
_BLANKS = ("%20", "%09", "%0A", "%0D")
#: Signs that nobody sees, copied along with an address: direction marks, U+200B, BOM, U+00A0.
_UNSEEN = ("%E2%80%8E", "%E2%80%8F", "%E2%80%8B", "%EF%BB%BF", "%C2%A0")
_AMP_ENDING = re.compile(r"(?<=[^/.])(?i:\.amp)+(?=(?i:\.html?)?$)")
_ROUTE = re.compile(r"!?/.")
_AMP_CACHES = (".ampproject.org", ".ampproject.net", ".bing-amp.com")
_AMP_CACHED = re.compile(r"/(?:[acirvw]|wp)/(?:s/)?(?=[^/]+\.)")
_SEARCH_ENGINE = re.compile(r"(?:www\.)?(?:google(?:\.com?)?(?:\.[a-z]{2,3})?|bing\.com)")
_AMP_VIEWED = re.compile(r"/amp/(?:s/)?(?=[^/]+\.)")
#: pages that only pass the reader on: host and path → parameters that hold the address
_PASSING_ON = {
    ("l.facebook.com", "/l.php"): ("u",),
    ("lm.facebook.com", "/l.php"): ("u",),
    ("facebook.com", "/l.php"): ("u",),
    ("google.com", "/url"): ("url", "q"),
    ("t.umblr.com", "/redirect"): ("z",),
    ("vk.com", "/away.php"): ("to",),
    ("away.vk.com", "/away.php"): ("to",),
    ("youtube.com", "/redirect"): ("q",),
    ("out.reddit.com", ""): ("url",),
}

#: longer addresses are not kept in memory
_REMEMBERED = 400


def canonical(url: str) -> str:
    """Return the key under which all dresses of one address meet; never to be shown.

    https; host in lower case and xn-- without www., m., mobile., amp. and default port; path with
    upper-case escapes of NFC UTF-8, no dot segments, no slash at the end, no AMP or print mark;
    trackers off and other parameters sorted; no fragment except ``#!/`` and ``#/`` routes. Text
    that is no web address comes back trimmed.

    >>> canonical("http://www.akhbar.example:80/story/7/amp?utm_source=x&b=2&a=1#top")
    'https://akhbar.example/story/7?a=1&b=2'
    """
    return _canonical(url) if len(url) > _REMEMBERED else _known(url)


def _canonical(url: str) -> str:
    text = clean(url)
    address = split(text)
    if address is None:
        return text
    for _ in range(4):
        inner = _inner_address(address)
        if inner is None:
            break
        address = inner
    path = _path(address.path)
    query = _query(address.query)
    if not query:
        folder, _, name = path.rpartition("/")
        path = (folder or "/") if _INDEX.fullmatch(name) else path
    port = f":{address.port}" if address.port else ""
    query = f"?{query}" if query else ""
    return f"https://{bare_host(address.host)}{port}{path}{query}{_route(address.fragment)}"


#: an article asks for its key some ten times
_known = lru_cache(maxsize=4096)(_canonical)


def display_url(url: str) -> str:
    """Return the address without trackers and fragment, fit for every reader and validator.

    Scheme, host (as xn--) and order of parameters stay; letters beyond ASCII are escaped. Text
    that is no web address comes back trimmed.
    """
    text = clean(url)
    address = split(text)
    if address is None:
        return text
    pairs = [pair for pair in address.query.split("&") if pair and not named(pair, TRACKERS)]
    query = legal("?" + "&".join(pairs)) if pairs else ""
    path = legal(_resolved(address.path, collapse=False)) or "/"
    port = f":{address.port}" if address.port else ""
    fragment = f"#{legal(address.fragment)}" if _ROUTE.match(address.fragment) else ""
    return f"{address.scheme}://{address.host}{port}{path}{query}{fragment}"


def address_keys(url: str, identity_patterns: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the keys under which the article is known, its canonical address first.

    Args:
        url: as found; AMP, print, mobile and tracked forms give the same keys.
        identity_patterns: RE2 with one group, as in a source's file; each that matches the
            address gives a key ``id:GROUP``, equal over all hosts and slugs of that source.
    """
    key = canonical(url)
    keys = {key: None}
    texts: tuple[str, ...] = ()
    for pattern in identity_patterns:
        texts = texts or tuple({key: None, display_url(url): None, unquote(key): None})
        search = _search_of(pattern)
        match = next(filter(None, map(search, texts)), None)
        if match:
            keys[f"id:{match.group(match.lastindex or 0)}"] = None
    return tuple(keys)


def matches_any(url: str, patterns: Iterable[str]) -> bool:
    """Return whether one of the RE2 patterns is found in the address as shown or compared."""
    shown = display_url(url)
    texts = (shown, unquote(shown), canonical(url))
    return any(any(map(_search_of(pattern), texts)) for pattern in patterns)


def _inner_address(address: Address) -> Address | None:
    """Return the address that a viewer, cache or passing-on page stands for."""
    match = None
    if address.host.endswith(_AMP_CACHES):
        match = _AMP_CACHED.match(address.path)
    elif _SEARCH_ENGINE.fullmatch(address.host):
        match = _AMP_VIEWED.match(address.path)
    if match:
        query = f"?{address.query}" if address.query else ""
        return split(f"https://{address.path[match.end() :]}{query}")
    where = bare_host(address.host)
    if where.startswith("google.") and address.path == "/url":
        where = "google.com"
    names = _PASSING_ON.get((where, address.path.rstrip("/")), ())
    for pair in address.query.split("&") if names else ():
        name, _, value = pair.partition("=")
        if name in names and value.lower().startswith("http"):
            return split(clean(unquote(value)))
    return None


def _path(path: str) -> str:
    path = normal(path, PATH)
    if ";" in path or "(" in path:
        path = _SESSION.sub("", path)
    path = _trimmed(_resolved(_trimmed(path), collapse=True))
    lower = path.lower()
    if "amp" in lower or "print" in lower:
        path = _trimmed(_AMP_ENDING.sub("", path))
        path = _trimmed("/" + "/".join(without_marks(path.strip("/").split("/"))))
    return path or "/"


_ENDS = ("/", *_BLANKS, *_UNSEEN)


def _trimmed(path: str) -> str:
    while path.endswith(_ENDS):
        path = path[: -len(next(filter(path.endswith, _ENDS)))]
    return path


def _resolved(path: str, *, collapse: bool) -> str:
    """Resolve dot segments (RFC 3986 §5.2.4); with ``collapse`` doubled slashes are one."""
    if "/." not in path and not (collapse and "//" in path):
        return path
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if collapse:
        kept = [segment for segment in kept if segment]
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)


def _query(query: str) -> str:
    if not query:
        return ""
    kept = [
        normal(pair.replace("+", "%20"), QUERY)
        for pair in query.replace("&amp;", "&").split("&")
        if pair and not named(pair, TRACKERS) and not named(pair, VARIANTS)
    ]
    kept.sort(key=lambda pair: pair.partition("=")[::2])
    return "&".join(kept)


def _route(fragment: str) -> str:
    if not _ROUTE.match(fragment):
        return ""
    path, _, query = fragment.partition("?")
    path = normal(path, PATH).rstrip("/")
    query = _query(query)
    return f"#{path}" + (f"?{query}" if query else "") if path.strip("!/") else ""


@lru_cache(maxsize=1024)
def _search_of(pattern: str) -> Callable[[str], Any]:
    """Return the search of an RE2 pattern; one that is no pattern finds nothing."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        search: Callable[[str], Any] = re2.compile(pattern, options).search
    except (re2.error, TypeError):
        return lambda _text: None
    return search
