"""Addresses: one key for comparing, one form to show, and whose site they belong to.

All functions are pure, take any text from the net, never raise and run in linear time. Nothing is
looked up: short links and redirects are the crawler's matter. What does not count in an address
stands in ``marks.txt``.
"""

from aggregator.urls.address import MAX_LENGTH, absolute, host, same_site, site
from aggregator.urls.keys import address_keys, canonical, display_url, matches_any

__all__ = [
    "MAX_LENGTH",
    "absolute",
    "address_keys",
    "canonical",
    "display_url",
    "host",
    "matches_any",
    "same_site",
    "site",
]
