"""From a connection to what was asked: headers of the reader, address, query.

Nothing of the request is believed: values that mean nothing to us are as good as missing.
"""

from functools import lru_cache
from urllib.parse import parse_qsl

from starlette.types import Scope

from aggregator.web import conditional
from aggregator.web.asked import Asked
from aggregator.web.links import Links
from aggregator.web.texts import LANGUAGES

#: Longest path and query.
MOST_TARGET = 8192
#: Parameters of a query that are looked at.
MOST_PARAMETERS = 200
Given = dict[bytes, bytes]


@lru_cache(maxsize=1024)
def visitor(
    accept: bytes | None, language: bytes | None, cookie: bytes | None
) -> tuple[bool, str | None]:
    """Return what of the reader's headers an answer depends on: HTML or not, which language."""
    html = conditional.prefers_html(None if accept is None else accept.decode("latin-1"))
    chosen = _cookie_language(cookie)
    if chosen is None and language is not None:
        chosen = conditional.interface_language(language.decode("latin-1"), "") or None
    return html, chosen


def _cookie_language(cookie: bytes | None) -> str | None:
    for part in (cookie or b"").decode("latin-1")[:4000].split(";"):
        name, _, value = part.strip().partition("=")
        if name == "lang" and value in LANGUAGES:
            return value
    return None


def parameters(raw: bytes, most: int = MOST_PARAMETERS) -> dict[str, tuple[str, ...]]:
    """Return the values by name of a query or a form, in the order in which they came."""
    pairs = parse_qsl(raw.decode("latin-1"), keep_blank_values=True, errors="replace")
    found: dict[str, tuple[str, ...]] = {}
    for name, value in pairs[:most]:
        found[name] = (*found.get(name, ()), value)
    return found


def base(scope: Scope, given: Given, base_url: str) -> str:
    """Return the public address of the service without a slash at the end."""
    if base_url:
        return base_url.rstrip("/")
    host = given.get(b"host", b"localhost").decode("latin-1").lower()
    return f"{scope.get('scheme', 'http')}://{host}"


def asked(scope: Scope, given: Given, *, default: str, base_url: str, links: Links) -> Asked:
    """Return the request as resources see it.

    Args:
        scope: of ASGI.
        given: its headers.
        default: interface language of who asks for none.
        base_url: where the service is public, empty where the Host header says it.
        links: of pages.
    """
    lists = parameters(scope["query_string"][:MOST_TARGET])
    query = {name: values[-1] for name, values in lists.items()}
    html, chosen = visitor(
        given.get(b"accept"), given.get(b"accept-language"), given.get(b"cookie")
    )
    lang = query.get("lang", "")
    return Asked(
        path=scope["path"],
        query=query,
        lists=lists,
        params={name: str(value) for name, value in scope.get("path_params", {}).items()},
        lang=lang if lang in LANGUAGES else chosen or default,
        base=base(scope, given, base_url),
        html=html,
        links=links,
    )
