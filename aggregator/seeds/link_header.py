"""The ``Link`` header (RFC 8288), as far as seeds need it: which hub and which topic it names.

Linear in the header's length, which is bounded; what is no link is passed over.
"""

import re
from typing import Final

from aggregator.urls import absolute

_LONGEST: Final = 8000
_TARGET: Final = re.compile(r"\s*,?\s*<([^<>]{0,2000})>")
_PARAMETER: Final = re.compile(r'\s*;\s*([\w*-]{1,40})\s*(?:=\s*("[^"]{0,500}"|[^",;\s]{0,500}))?')


def related(header: str | None, relation: str, base: str) -> str | None:
    """Return the first target of a relation, as seen from an address; None if there is none.

    >>> related('</feed>; rel="self", <https://hub.example/>; rel=hub', "hub", "https://a.example/")
    'https://hub.example/'
    """
    text, position = (header or "")[:_LONGEST], 0
    while found := _TARGET.match(text, position):
        position = found.end()
        relations: list[str] = []
        while parameter := _PARAMETER.match(text, position):
            position = parameter.end()
            if parameter[1].lower() == "rel" and not relations:
                relations = (parameter[2] or "").strip('"').lower().split()
        if relation in relations:
            return absolute(base, found[1])
    return None
