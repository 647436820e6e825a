"""The headline that opens the text, for pages whose ``<title>`` is of the site or of the address.

Old systems put one ``<title>`` on every page, or the path of the page, and keep ``h1`` for the
name of the site; the headline is then the heading that the text begins with.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from html import unescape

from aggregator.extract.body import Body
from aggregator.extract.document import Document
from aggregator.extract.values import Found, key

#: a heading with running text below it, not with a second heading
_OPENS = re.compile(r"<h([1-6])>(.{1,600}?)</h\1>(?=<(?!h[1-6]>))", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
#: a shorter heading names a part of the site, a longer one is a paragraph in heavy type
_LEAST, _MOST = 12, 250


def headline_of_text(
    doc: Document, title: Found | None, names: Sequence[str], body: Body
) -> tuple[Found | None, Body]:
    """Return the title and the body without the heading that took its place, or both as given.

    Args:
        doc: the page.
        title: what competed best; it stays wherever metadata, a feed or ``h1`` say it, and where
            it is printed as a line and does not begin with the name of the site.
        names: what the site calls itself.
        body: the text, with its headings.
    """
    opens = _OPENS.match(body.html)
    if opens is None or not _doubtful(doc, title, names) or len(body.paragraphs) < 2:
        return title, body
    heading = body.paragraphs[0]
    if not _LEAST <= len(heading) <= _MOST or key(heading) != key(unescape(_TAG.sub("", opens[2]))):
        return title, body
    rest = replace(body, paragraphs=body.paragraphs[1:], html=body.html[opens.end() :])
    return Found(heading, "page"), rest


def _doubtful(doc: Document, title: Found | None, names: Sequence[str]) -> bool:
    """Whether nothing but ``<title>`` says the title, or it tells whose page this is."""
    if title is None:
        return True
    if title.origin not in ("generic", "page") or doc.meta.get("og:title"):
        return False
    own = key(title.value)
    if any(own == key(text) for text in doc.h1):
        return False
    return title.origin == "generic" or _begins_with_name(title.value, names)


def _begins_with_name(title: str, names: Sequence[str]) -> bool:
    first = key(title.split(maxsplit=1)[0])
    return any(first == key(name) for name in names if len(name) > 3)
