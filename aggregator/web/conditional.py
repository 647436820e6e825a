"""Conditional requests and content negotiation, as pure functions of header values.

Sources: RFC 9110 §8.8 (validators), §13.1 (If-None-Match before If-Modified-Since), §12.5 (Accept).
"""

import hashlib
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache

#: Longest header value that is looked at.
_LONGEST = 4000


def etag(body: bytes) -> str:
    """Return the entity tag of a document; weak, since compression does not change it."""
    return f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def http_date(moment: datetime) -> str:
    """Return the time as HTTP headers have it, whole seconds."""
    return format_datetime(moment.astimezone(UTC).replace(microsecond=0), usegmt=True)


def not_modified(
    tag: str,
    modified: datetime | None,
    *,
    if_none_match: str | None = None,
    if_modified_since: str | None = None,
) -> bool:
    """Whether the client's copy is as good as ours: weak comparison, the tag decides if given.

    >>> not_modified('W/"a"', None, if_none_match='"b", "a"')
    True
    """
    if if_none_match is not None:
        asked = if_none_match[:_LONGEST].split(",")
        return any(
            each.strip() == "*" or each.strip().removeprefix("W/") == tag.removeprefix("W/")
            for each in asked
        )
    if if_modified_since is None or modified is None:
        return False
    since = _date(if_modified_since)
    return since is not None and modified.replace(microsecond=0) <= since


@lru_cache(maxsize=256)
def _date(value: str) -> datetime | None:
    if not 16 <= len(value) <= 64:
        return None
    try:
        found = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@lru_cache(maxsize=512)
def preferences(value: str) -> dict[str, float]:
    """Return name → quality of an Accept-like header, names in lower case.

    >>> preferences("ar-EG, en;q=0.5")
    {'ar-eg': 1.0, 'en': 0.5}
    """
    found: dict[str, float] = {}
    for part in value[:_LONGEST].split(",")[:50]:
        name, *rest = (piece.strip().lower() for piece in part.split(";"))
        quality = 1.0
        for piece in rest:
            if piece.startswith("q="):
                try:
                    quality = min(max(float(piece[2:]), 0.0), 1.0)
                except ValueError:
                    quality = 0.0
        if name:
            found[name] = quality if quality == quality else 0.0  # NaN is no number
    return found


def accepts_gzip(value: str | None) -> bool:
    """Whether the client takes gzip."""
    if not value:
        return False
    asked = preferences(value)
    return asked.get("gzip", asked.get("*", 0.0)) > 0


def prefers_html(value: str | None) -> bool:
    """Whether a person's browser asks, not a feed reader: HTML is named and likes nothing better.

    >>> prefers_html("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
    True
    >>> prefers_html("application/rss+xml, text/html;q=0.5, */*;q=0.1")
    False
    """
    if not value:
        return False
    asked = preferences(value)
    html = asked.get("text/html", 0.0)
    feeds = [
        quality
        for name, quality in asked.items()
        if name.endswith(("xml", "json")) and name != "application/xhtml+xml"
    ]
    return html > 0 and html > max(feeds, default=0.0)


def interface_language(value: str | None, default: str) -> str:
    """Return ``ar`` or ``en``, whichever the browser likes better; ``default`` if it says neither.

    >>> interface_language("fr, en;q=0.3", "ar")
    'en'
    """
    best, most = default, 0.0
    for name, quality in preferences(value or "").items():
        short = name.partition("-")[0]
        if short in {"ar", "en"} and quality > most:
            best, most = short, quality
    return best
