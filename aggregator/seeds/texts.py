"""Text out of feeds: HTML, escaped HTML or plain, as plain display text; addresses made whole."""

import re
from functools import lru_cache
from html import unescape
from typing import Final

from aggregator.arabic import display
from aggregator.urls import absolute

#: Letters of a body from which on it is no summary of itself.
MAX_SUMMARY: Final = 1_000
_MAX_TEXT: Final = 100_000
#: Titles, names and sections come again: most of a feed is what the poll before brought.
_MAX_CACHED: Final = 300
#: Longer HTML keeps its addresses as they are; whoever cleans it resolves them too.
_MAX_HTML: Final = 500_000

_NAMES: Final = (
    "a|abbr|acronym|address|applet|article|aside|audio|b|bdi|bdo|big|blink|blockquote|body|br|button|"
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
#: tags that were escaped once too often; a lone ``&lt;blink&gt;`` may be what the text is about
_TWICE: Final = re.compile(
    r"&lt;(?:/(?:a|b|i|u|p|em|strong|span|font|div|h[1-6])|br\s{0,3}/?|p|img\b.{0,500}?)&gt;",
    re.IGNORECASE,
)
#: what begins something that is not shown, up to its end tag
_HIDDEN: Final = re.compile(
    r"<(!--|(?:script|style|template|noscript|object|svg|applet)\b)[^<>]*+>?", re.IGNORECASE
)
#: without their end these hide all that follows, as in browsers
_TO_THE_END: Final = frozenset({"script", "style"})
_ADDRESS: Final = re.compile(
    r"(<[a-z][^<>]*?\s(?:href|src|poster|data-src|cite)\s*=\s*)(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+))",
    re.IGNORECASE,
)
_RELATIVE: Final = re.compile(
    r"\s(?:href|src|poster|data-src|cite)\s*=\s*[\"']?\s*(?!https?:|mailto:|data:|#|[\"'\s])",
    re.IGNORECASE,
)


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
    elif "&lt;" in text and _TWICE.search(text):
        text = _without_tags(unescape(text))
    return _shown(text, language)


def literal(text: str | None, language: str = "ar") -> str | None:
    """Return text that is declared plain as a reader sees it; its ``<`` is no tag."""
    return _shown(text[:_MAX_TEXT], language) if text else None


def _shown(text: str, language: str) -> str | None:
    if len(text) > _MAX_CACHED:
        return display(text, language).text
    return _shown_before(text, language)


@lru_cache(maxsize=8192)
def _shown_before(text: str, language: str) -> str | None:
    return display(text, language).text


def _without_tags(text: str) -> str:
    return _TAG.sub(" ", _INLINE.sub("", _without_hidden(text)))


def _without_hidden(text: str) -> str:
    """Drop comments, scripts and players with what is inside; time is linear in the text."""
    match = _HIDDEN.search(text)
    if not match:
        return text
    lower = text.lower()
    kept, begin = [], 0
    unclosed: set[str] = set()
    while match:
        name = match[1].lower()
        kept.append(text[begin : match.start()])
        begin = match.end()
        mark = "-->" if name == "!--" else f"</{name}"
        # The comment "<!-->" is its own end.
        end = -1 if name in unclosed else lower.find(mark, match.start() + len(name))
        if end >= 0:
            close = lower.find(">", end)
            begin = len(text) if close < 0 else close + 1
        elif name in _TO_THE_END:
            begin = len(text)
        else:
            unclosed.add(name)
        match = _HIDDEN.search(text, begin)
    return "".join((*kept, text[begin:]))


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
