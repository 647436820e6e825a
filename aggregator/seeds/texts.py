"""Text out of feeds: HTML, escaped HTML or plain, as plain display text; addresses made whole."""

import re
from html import unescape
from typing import Final

from aggregator.arabic import display
from aggregator.urls import absolute

#: Letters of a body from which on it is no summary of itself.
MAX_SUMMARY: Final = 1_000
_MAX_TEXT: Final = 100_000
#: Longer HTML keeps its addresses as they are; whoever cleans it resolves them too.
_MAX_HTML: Final = 500_000

_NAMES: Final = (
    "a|abbr|acronym|address|article|aside|audio|b|bdi|bdo|big|blink|blockquote|body|br|button|"
    "caption|center|cite|code|col|dd|del|dfn|div|dl|dt|em|embed|fieldset|figcaption|figure|font|"
    "footer|form|frame|frameset|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|kbd|label|legend|"
    "li|link|main|map|mark|meta|nav|noscript|object|ol|option|p|param|picture|pre|q|s|samp|script|"
    "section|select|small|source|span|strike|strong|style|sub|sup|svg|table|tbody|td|template|"
    "textarea|tfoot|th|thead|time|title|tr|tt|u|ul|var|video|wbr"
)
_TAG: Final = re.compile(rf"</?(?:{_NAMES})(?:[\s/][^<>]*+)?>", re.IGNORECASE)
_INLINE: Final = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|big|blink|cite|code|em|font|i|mark|q|s|small|span|strike|strong|sub|"
    r"sup|tt|u|wbr)(?:[\s/][^<>]*+)?>",
    re.IGNORECASE,
)
_HIDDEN: Final = re.compile(
    r"<(script|style|template|noscript|object|iframe|svg)\b[^<>]*+>(?:(?!</\1).)*+(?:</\1[^<>]*+>)?",
    re.IGNORECASE | re.DOTALL,
)
_COMMENT: Final = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_ADDRESS: Final = re.compile(
    r"(<[a-z][^<>]*?\s(?:href|src|poster|data-src|cite)\s*=\s*)(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+))",
    re.IGNORECASE,
)
_RELATIVE: Final = re.compile(
    r"\s(?:href|src|poster|data-src|cite)\s*=\s*[\"']?\s*(?!https?:|mailto:|data:|#|[\"'\s])",
    re.IGNORECASE,
)


def has_tags(text: str) -> bool:
    """Return whether tags of HTML stand in the text; ``5 < 6`` has none."""
    return "<" in text and _TAG.search(text) is not None


def plain(text: str | None, language: str = "ar") -> str | None:
    """Return text as a reader sees it, one line, without tags; None where nothing is left.

    Args:
        text: plain, or HTML; only tags that HTML has are taken for tags.
        language: BCP 47, as far as known.
    """
    if not text:
        return None
    text = text[:_MAX_TEXT]
    if "<" in text:
        text = _without_tags(text)
    elif "&lt;" in text and _TAG.search(once := unescape(text)):
        text = _without_tags(once)
    return display(text, language).text


def literal(text: str | None, language: str = "ar") -> str | None:
    """Return text that is declared plain as a reader sees it; its ``<`` is no tag."""
    return display(text[:_MAX_TEXT], language).text if text else None


def _without_tags(text: str) -> str:
    if "<!" in text:
        text = _COMMENT.sub("", text)
    text = _HIDDEN.sub("", text)
    return _TAG.sub(" ", _INLINE.sub("", text))


def whole_addresses(html: str, base: str) -> str:
    """Return HTML with its relative addresses resolved against ``base``."""
    if len(html) > _MAX_HTML or "=" not in html or not _RELATIVE.search(html):
        return html
    return _ADDRESS.sub(lambda match: _resolved(match, base), html)


def _resolved(match: re.Match[str], base: str) -> str:
    value = next(group for group in match.groups()[1:] if group is not None)
    address = absolute(base, unescape(value)) if not value.startswith("#") else None
    if address is None:
        return match[0]
    return f'{match[1]}"{address.replace("&", "&amp;")}"'
