"""Addresses as they may stand in HTML that we show."""

import re
from typing import Final
from urllib.parse import urljoin, urlsplit

# Browsers ignore controls in an address; zero-width joiners stay, Persian slugs have them.
_INVISIBLE: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]+"
)
# What the URL standard forbids in a host, a blank by its escape.
_NO_HOST: Final = re.compile(r"[\\<>^|]|%20")


def address(url: str, base_url: str | None = None, *, mail: bool = False) -> str | None:
    r"""Return the absolute http or https address, or None where there is no safe one.

    Control characters inside go, since browsers ignore them; blanks become ``%20``.

    Args:
        url: as it stands in the document.
        base_url: the document's own address.
        mail: mailto is an answer too.

    >>> address(" java\tscript:alert(1)")
    >>> address("/a b", "https://a.example/x")
    'https://a.example/a%20b'
    """
    url = "%20".join(_INVISIBLE.sub("", url[:8000]).split())
    if not url:
        return None
    try:
        absolute = urljoin(base_url, url) if base_url else url
        parts = urlsplit(absolute)
    except ValueError:
        return None
    if mail and parts.scheme == "mailto" and "@" in parts.path:
        return absolute.replace('"', "%22").replace("<", "%3C").replace(">", "%3E")
    if parts.scheme not in {"http", "https"} or not parts.netloc or _NO_HOST.search(parts.netloc):
        return None
    return absolute.replace('"', "%22").replace("<", "%3C").replace(">", "%3E")
