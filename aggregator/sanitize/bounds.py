"""How much HTML a parser is given: its time grows with the square of some of it."""

import re
from typing import Final

#: Nesting beyond which only the text is kept: no article needs it, and time grows with it.
MAX_DEPTH: Final = 200
#: Tags and ampersands beyond which only the text is kept, for the same reason.
MAX_TAGS: Final = 60_000
MAX_AMPERSANDS: Final = 20_000
_TAG_NAME: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)")
# Elements that never nest by being left open: their like, or their parent, closes them.
_SHALLOW: Final = frozenset(
    {
        *("p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option", "br"),
        *("img", "hr", "input", "meta", "link", "source", "wbr", "col", "area", "embed", "base"),
        *("param", "track", "colgroup"),
    }
)


def too_wild(html: str) -> bool:
    """Whether only the text of this HTML is to be kept."""
    tags = html.count("<")
    if tags <= MAX_DEPTH and len(html) < MAX_AMPERSANDS:
        return False
    return tags > MAX_TAGS or html.count("&") > MAX_AMPERSANDS or _too_deep(html)


def _too_deep(html: str) -> bool:
    depth = 0
    for match in _TAG_NAME.finditer(html):
        name = match[2].lower()
        if name in _SHALLOW:
            continue
        if match[1]:
            depth = max(0, depth - 1)
        else:
            depth += 1
            if depth > MAX_DEPTH:
                return True
    return False
