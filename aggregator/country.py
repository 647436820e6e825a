"""Which country an address or a language tag speaks of, and what the country tells.

Top-level domains of countries that the whole world uses (``.tv``, ``.me``, ``.io`` …) say nothing
here. Time zones are those of the capitals.
"""

import re
from typing import Final

from aggregator.arabic.dates.lexicon import countries
from aggregator.urls import host, site

#: no country is known; the user-assigned code that CLDR gives to an unknown region
UNKNOWN: Final = "ZZ"

_EVERYWHERE: Final = frozenset(
    {
        *("tv", "me", "io", "co", "ai", "fm", "am", "cc", "ws", "to", "la", "gg", "sh", "st", "vc"),
        *("im", "is", "ms", "nu", "pw", "sc", "tk", "tl", "vg", "gl", "eu", "ac", "bz", "ag", "as"),
    }
)
_OTHER_CODES: Final = {"uk": "GB"}
#: names of countries written as top-level domains in their own letters, in xn-- form
_IN_OWN_LETTERS: Final = {
    "xn--wgbh1c": "EG",
    "xn--mgberp4a5d4ar": "SA",
    "xn--mgbaam7a8h": "AE",
    "xn--wgbl6a": "QA",
    "xn--mgb9awbf": "OM",
    "xn--mgbtx2b": "IQ",
    "xn--ogbpf8fl": "SY",
    "xn--mgbayh7gpa": "JO",
    "xn--ygbi2ammx": "PS",
    "xn--mgbpl2fh": "SD",
    "xn--pgbs0dh": "TN",
    "xn--lgbbat1ad8j": "DZ",
    "xn--mgbc0a9azcg": "MA",
    "xn--mgbah1a3hjkrd": "MR",
    "xn--mgb2ddes": "YE",
    "xn--mgbcpq6gpa1a": "BH",
    "xn--mgbai9azgqp6j": "PK",
    "xn--mgba3a4f16a": "IR",
    "xn--p1ai": "RU",
}
_REGION: Final = re.compile(r"[-_]([A-Za-z]{2})(?:[-_.]|$)")
_NOT_IN_ID: Final = re.compile(r"[^a-z0-9]+")


def by_domain(url: str) -> str | None:
    """Return the country of a top-level domain, None where it is the world's.

    >>> by_domain("https://www.akhbar.com.eg/"), by_domain("https://akhbar.tv/")
    ('EG', None)
    """
    last = host(url).rpartition(".")[2]
    if last in _IN_OWN_LETTERS:
        return _IN_OWN_LETTERS[last]
    if len(last) != 2 or not last.isalpha() or last in _EVERYWHERE:
        return None
    return _OTHER_CODES.get(last, last.upper())


def by_tag(tag: str | None) -> str | None:
    """Return the region of a language tag or locale.

    >>> by_tag("ar_EG"), by_tag("ar-Arab-MA"), by_tag("ar")
    ('EG', 'MA', None)
    """
    match = _REGION.search(tag or "")
    code = match[1].upper() if match else None
    return code if code and code in countries() else None


def timezone_of(country: str | None) -> str | None:
    """Return the zone of a country's capital."""
    known = countries().get(country or "")
    return known.zone if known else None


def source_id(url: str) -> str:
    """Return an id for the source at an address: lower case letters, digits and ``_``.

    >>> source_id("https://www.al-watan.com.eg/"), source_id("https://arabic.news.example/")
    ('al_watan', 'news_arabic')
    """
    owner = site(url)
    name = owner.partition(".")[0].removeprefix("xn--")
    before = host(url).removesuffix(owner).strip(".").split(".")
    words = [name, *(word for word in before if word not in {"", "www", "m", "mobile", "amp"})]
    if owner.replace(".", "").isdigit():
        words = [owner]
    return _NOT_IN_ID.sub("_", "_".join(words).lower()).strip("_") or "source"
