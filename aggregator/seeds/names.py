"""Names of feed elements, whatever namespace address or prefix a feed writes for them."""

from functools import lru_cache
from typing import Final

#: namespace address in lower case, without a slash at its end → our prefix; "" is the feed's own
_PREFIXES: Final = {
    "": "",
    "http://purl.org/rss/1.0": "",
    "http://my.netscape.com/rdf/simple/0.9": "",
    "http://channel.netscape.com/rdf/simple/0.9": "",
    "http://my.netscape.com/publish/formats/rss-0.91.dtd": "",
    "http://backend.userland.com/rss": "",
    "http://backend.userland.com/rss2": "",
    "http://backend.userland.com/rss091": "",
    "http://backend.userland.com/rss092": "",
    "http://backend.userland.com/rss093": "",
    "http://blogs.law.harvard.edu/tech/rss": "",
    "http://cyber.law.harvard.edu/rss": "",
    "http://www.rssboard.org/rss-specification": "",
    "http://www.w3.org/2005/atom": "atom",
    "http://purl.org/atom/ns#": "atom",
    "http://example.com/newformat#": "atom",
    "http://example.com/necho": "atom",
    "http://purl.org/echo": "atom",
    "uri/of/echo/namespace#": "atom",
    "http://purl.org/pie": "atom",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://purl.org/dc/elements/1.0": "dc",
    "http://purl.org/dc/elements/1.1": "dc",
    "http://purl.org/dc/terms": "dcterms",
    "http://purl.org/rss/1.0/modules/content": "content",
    "http://purl.org/rss/1.0/modules/syndication": "sy",
    "http://purl.org/rss/1.0/modules/event": "ev",
    "http://search.yahoo.com/mrss": "media",
    "http://tools.search.yahoo.com/mrss": "media",
    "http://video.search.yahoo.com/mrss": "media",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://www.itunes.com/dtds/pluginmodule": "itunes",
    "http://example.com/dtds/podcast-1.0.dtd": "itunes",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.pheedo.com/namespace/pheedo": "pheedo",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://www.w3.org/xml/1998/namespace": "xml",
}
_WRITTEN: Final = frozenset(_PREFIXES.values()) - {""}


@lru_cache(maxsize=4096)
def name_of(tag: str, own: str = "") -> str:
    """Return an element's name in lower case with our prefix, ``content:encoded``.

    Args:
        tag: as lxml writes it; a prefix that was never declared stands before a colon.
        own: the namespace of the root, whose elements have no prefix.

    >>> name_of("{http://purl.org/dc/elements/1.1/}Creator")
    'dc:creator'
    >>> name_of("{http://www.w3.org/2005/Atom}link"), name_of("dc:date"), name_of("x:y")
    ('atom:link', 'dc:date', '?:y')
    """
    space, brace, local = tag.rpartition("}")
    space = space[1:]
    if brace:
        prefix = "" if space == own else _PREFIXES.get(space.lower().rstrip("/"), "?")
    else:
        written, colon, local = tag.rpartition(":")
        prefix = "" if not colon else written.lower() if written.lower() in _WRITTEN else "?"
    local = local.lower()
    return f"{prefix}:{local}" if prefix else local


def space_of(tag: str) -> str:
    """Return the namespace address of a tag as lxml writes it."""
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""
