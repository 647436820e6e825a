"""A page's bytes before they are parsed: without what no reader of the tree looks at.

Scripts and style sheets are half of a page and the slower half to parse: their text is taken out
beforehand, the empty elements stay. Tags that a parser needs too long for go as well. Linear time;
bytes are UTF-8 throughout.
"""

import re

#: libxml2 takes time by the square of a tag's attributes: 10,000 cost some 0.2 s
MOST_ATTRIBUTES = 4_000
#: so many attributes do not fit into a tag of so many bytes, or a page of so many
LONG_TAG, SURELY_SHORT = 16_000, 100_000
#: what scripts hold is kept up to so many bytes
MOST_SCRIPT = 2_000_000

# what stands inside a script is no tag, and a quote quotes after = only
_TAG = re.compile(
    rb"""<(?:script|style)\b[^>]{0,2000}+>(?:[^<]++|<(?!/(?:script|style)))*+"""
    rb"""|<[a-zA-Z/](?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+>?""",
    re.IGNORECASE,
)
# a quoted value with > inside: without one a tag ends at the next >
_HIDES_END = re.compile(rb"""=\s*+(?:"[^">]*+>|'[^'>]*+>)""")
_SCRIPT = re.compile(rb"<(?:script|style)\b[^>]{0,2000}+>", re.IGNORECASE)
_QUOTED = re.compile(rb"""="[^"]*+"|='[^']*+'""")
_OUTSIDE = re.compile(rb"[\s/]+")
_OPENING = re.compile(rb"<(?:!--|script(?=[\s/>])|style(?=[\s/>]))")


def without_scripts(data: bytes) -> tuple[bytes, tuple[bytes, ...]]:
    """Return the page with its scripts and style sheets emptied, and what the scripts held.

    JSON-LD stays where it is. What stands in a comment or in quotes is no script, and one without
    an end is left to the parser.
    """
    low = data.lower()
    kept: list[bytes] = []
    scripts: list[bytes] = []
    done = passed = 0
    room = MOST_SCRIPT
    endless: set[bytes] = set()
    for match in _OPENING.finditer(low):
        start, name = match.start(), match[0]
        if start < passed or name in endless:
            continue
        end = low.find(_ENDS[name], start)
        if end < 0:
            endless.add(name)  # nor has any behind it, and looking each time would be quadratic
            continue
        opened = low.find(b">", start, end) + 1
        if name == b"<!--":
            passed = end
        elif opened and low[start - 1 : start] not in _QUOTES:
            passed = end
            if b"ld+json" in low[start:opened]:
                continue
            kept.append(data[done:opened])
            done = end
            if name == b"<script" and room > 0 and end > opened:
                scripts.append(data[opened : min(end, opened + room)])
                room -= end - opened
    kept.append(data[done:])
    return b"".join(kept), tuple(scripts)


_ENDS = {b"<!--": b"-->", b"<script": b"</script", b"<style": b"</style"}
_QUOTES = frozenset((b'"', b"'", b"="))


def with_short_tags(data: bytes) -> tuple[bytes, bool]:
    """Return the page without tags of thousands of attributes, and whether there were any."""
    if len(data) <= SURELY_SHORT or _has_short_tags(data):
        return data, False
    tags = _TAG.findall(data)
    if max(map(len, tags), default=0) <= LONG_TAG or not any(map(_is_bomb, tags)):
        return data, False
    return _TAG.sub(lambda match: b"<p>" if _is_bomb(match[0]) else match[0], data), True


def _has_short_tags(data: bytes) -> bool:
    """Whether no tag can be long; far sooner known than how long each is."""
    return max(map(len, data.split(b">"))) <= LONG_TAG and not _HIDES_END.search(data)


def _is_bomb(tag: bytes) -> bool:
    if len(tag) <= LONG_TAG or _SCRIPT.match(tag):
        return False
    return len(_OUTSIDE.split(_QUOTED.sub(b" ", tag))) > MOST_ATTRIBUTES
