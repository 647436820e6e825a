"""Markup that was escaped once too often: character references and HTML tags in plain text.

Titles come out of feeds as ``&amp;quot;``, ``&#8230;``, ``<b>…</b>`` or wrapped in CDATA. Only
whole references count, so that ``AT&T``, ``R&D`` and addresses with ``&copy=`` stay; only HTML's
own tag names count as tags, so that ``a < b > c`` stays.
"""

import re
from html import unescape

#: An ampersand escaped any number of times is one; this also keeps the work linear.
_AMPERSANDS = re.compile("&(?:amp;|#0*38;|#[xX]0*26;)+")
#: The few names that are seen without their semicolon.
_BARE = "quot|amp|nbsp|lt|gt|laquo|raquo|shy"
_REFERENCE = re.compile(
    r"&(?:#[0-9]{1,8}(?:;|(?![0-9]))|#[xX][0-9a-fA-F]{1,7}(?:;|(?![0-9a-fA-F]))"
    rf"|[A-Za-z][A-Za-z0-9]{{1,31}};|(?:{_BARE})(?![A-Za-z0-9=;]))"
)
#: Two references for the halves of one character beyond the basic plane, as UTF-16 programs write.
_HALVES = re.compile("&#(5[56][0-9]{3});&#(5[67][0-9]{3});")
_BREAK = re.compile(r"<(?:br|p|/p|div|/div|li|/li|hr)\b[^<>]{0,500}>", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:a|abbr|acronym|b|bdi|bdo|big|center|cite|code|del|dfn|em|font|h[1-6]|i|img|ins|kbd|label"
    r"|mark|o:p|q|s|samp|section|small|span|strike|strong|sub|sup|tt|u|ul|ol|var|wbr)"
    r"(?:\s[^<>]{0,500})?/?>",
    re.IGNORECASE,
)
_SCRIPT = re.compile(r"<(script|style)\b[^<>]{0,500}>[^<]{0,5000}</\1\s*>", re.IGNORECASE)
_LAYERS = 3


def plain_text(text: str) -> str:
    """Return ``text`` without escaping and inline tags, up to three layers deep."""
    for _ in range(_LAYERS):
        before = text
        if "&" in text:
            text = _without_references(text)
        if "<" in text and ">" in text:
            text = _without_tags(text)
        if text == before:
            break
    return text


def _without_references(text: str) -> str:
    text = _AMPERSANDS.sub("&", text)
    if "&#5" in text:
        text = _HALVES.sub(_joined, text)
    return _REFERENCE.sub(lambda found: unescape(found.group()), text)


def _joined(found: re.Match[str]) -> str:
    high, low = int(found[1]) - 0xD800, int(found[2]) - 0xDC00
    if not (0 <= high < 0x400 and 0 <= low < 0x400):
        return found.group()
    return chr(0x10000 + (high << 10) + low)


def _without_tags(text: str) -> str:
    text = text.replace("<![CDATA[", "").replace("]]>", "")
    text = _SCRIPT.sub(" ", text)
    return _TAG.sub("", _BREAK.sub(" ", text))
