"""HTML from the net made safe to show: an allow-list, absolute links, ``dir`` and ``lang`` kept.

:func:`clean` gives HTML that a page or a feed may contain as it stands: elements of a news text
only, links to http, https and mailto only, pictures with a real address, embedded players as
links. It never raises and takes linear time: depth, length and number of attributes are bounded
before the parser (html5ever behind nh3) sees anything, since its time grows with their squares.
No network, no files.
"""

from aggregator.sanitize.addresses import address
from aggregator.sanitize.bounds import MAX_DEPTH, MAX_TAGS
from aggregator.sanitize.cleaner import MAX_LENGTH, TAGS, clean, paragraphs, to_text
from aggregator.sanitize.texts import from_paragraphs

__all__ = [
    "MAX_DEPTH",
    "MAX_LENGTH",
    "MAX_TAGS",
    "TAGS",
    "address",
    "clean",
    "from_paragraphs",
    "paragraphs",
    "to_text",
]
