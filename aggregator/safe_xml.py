"""XML in and out without surprises: legal characters only, no entities, no network, no DTD.

Writing: :func:`escape`, :func:`attribute` and :func:`legal_utf8` give text that every XML 1.0
parser takes, whatever came in. Reading: :func:`parse` and :func:`iterate` read broken documents as
far as they can be read, expand no declared entity and stop at a size. Linear time, no files.

Source: XML 1.0, fifth edition, production 2 (Char); production 66 (character references).
"""

import re
from collections.abc import Iterator
from html.entities import html5
from io import BytesIO
from typing import Any, Final

from lxml import etree

from aggregator.errors import ParseError

#: Bytes of a document that :func:`parse` reads; more is refused.
MAX_BYTES: Final = 50_000_000

_ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CONTROL_BYTES: Final = bytes(set(range(32)) - {9, 10, 13})
# U+FFFE and U+FFFF, the only other characters of UTF-8 that XML forbids.
_NONCHARACTERS: Final = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")

_PROLOG_LENGTH: Final = 4096
_ROOT: Final = re.compile(rb"<(?:\?xml\b|!DOCTYPE\b|!--|[A-Za-z_])")
_CHARACTER_REFERENCE: Final = re.compile(rb"&#(?:x([0-9A-Fa-f]{1,9})|([0-9]{1,9}));")
_AMPERSAND: Final = re.compile(
    rb"&(?:([A-Za-z][A-Za-z0-9]{1,31});|(?!#[0-9]{1,9};|#x[0-9A-Fa-f]{1,9};))"
)
_XML_ENTITIES: Final = frozenset({b"amp", b"lt", b"gt", b"quot", b"apos"})


def legal(text: str) -> str:
    r"""Return the text without the characters that XML 1.0 forbids.

    >>> legal("a\x00b\x0cc\ufffe")
    'abc'
    """
    return _ILLEGAL.sub("", text)


def legal_utf8(text: str) -> bytes:
    """Return the text as UTF-8 without what XML 1.0 forbids; much faster than :func:`legal`."""
    data = text.encode("utf-8", "ignore").translate(None, _CONTROL_BYTES)
    if 0xEF in data:  # One quick look for the byte that both begin with; Arabic has it rarely.
        for character in _NONCHARACTERS:
            data = data.replace(character, b"")
    return data


def escape(text: str) -> str:
    """Return the text as element content; its illegal characters stay (see :func:`legal_utf8`).

    A carriage return is written as a reference, since parsers turn a bare one into a line feed.

    >>> escape("a < b & c")
    'a &lt; b &amp; c'
    """
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text or ">" in text:  # a look costs a third of what replacing nothing does
        text = text.replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\r", "&#13;") if "\r" in text else text


def attribute(text: str) -> str:
    """Return the text as the inside of a double-quoted attribute, line breaks kept.

    >>> attribute('say "a & b"')
    'say &quot;a &amp; b&quot;'
    """
    if text.isprintable() and not ("&" in text or '"' in text or "<" in text or ">" in text):
        return text
    text = escape(text).replace('"', "&quot;")
    return text.replace("\n", "&#10;").replace("\t", "&#9;")


def parse(data: bytes, *, recover: bool = True, limit: int = MAX_BYTES) -> Any:
    """Return the root element (lxml) of the document.

    Args:
        data: the document; its encoding is the one it declares.
        recover: read a broken document as far as it can be read: HTML entities become
            characters, illegal characters go, bytes before the document go.
        limit: most bytes.

    Raises:
        ParseError: too large, entity declarations that cannot be cut out, or no element at all.
    """
    data = without_doctype(_bounded(data, limit))
    try:
        return etree.fromstring(data, _parser(recover=False))
    except (etree.XMLSyntaxError, ValueError) as error:
        if not recover:
            raise ParseError("XML cannot be read", None, error) from error
        cause = error
    try:
        root = etree.fromstring(mended(data), _parser(recover=True))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ParseError("XML cannot be read", None, error) from error
    if root is None:
        raise ParseError("XML cannot be read", None, cause) from cause
    return root


def iterate(data: bytes, *names: str, limit: int = MAX_BYTES) -> Iterator[Any]:
    """Yield the elements of these local names, in order, each gone from memory after its turn.

    For long documents of small parts (sitemaps). A broken document is read up to the break.

    Raises:
        ParseError: too large, or entity declarations that cannot be cut out.
    """
    data = mended(without_doctype(_bounded(data, limit)))
    events = etree.iterparse(
        BytesIO(data),
        events=("end",),
        tag=[f"{{*}}{name}" for name in names],
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=True,
    )
    try:
        for _, element in events:
            yield element
            element.clear(keep_tail=False)
            while (previous := element.getprevious()) is not None:
                previous.getparent().remove(previous)
    except etree.XMLSyntaxError:
        return  # What came before the break has been given.


def _parser(*, recover: bool) -> Any:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=recover,
    )


def _bounded(data: bytes, limit: int) -> bytes:
    if len(data) > limit:
        raise ParseError("XML is too large", None, f"{len(data)} bytes, at most {limit}")
    return data


def without_doctype(data: bytes) -> bytes:
    """Cut the document type out, so that no entity is declared when the parser comes.

    lxml leaves declared entities unexpanded in the tree, but asking for a node's text expands
    them: only a document without declarations is safe for whoever reads the tree.
    """
    start = data[:_PROLOG_LENGTH].find(b"<!DOCTYPE")
    if start < 0:
        # A declaration further down is no document type; libxml2 calls it an error.
        return data
    end, subset = data.find(b">", start), data.find(b"[", start)
    if 0 <= subset < end:
        close = data.find(b"]", subset)
        while close >= 0 and not data[close + 1 : close + 256].lstrip().startswith(b">"):
            close = data.find(b"]", close + 1)
        end = data.find(b">", close) if close >= 0 else -1
    if end < 0:
        raise ParseError("XML cannot be read", None, "document type has no end")
    rest = data[:start] + data[end + 1 :]
    if b"<!ENTITY" in rest[: start + _PROLOG_LENGTH]:
        raise ParseError("XML cannot be read", None, "entity declarations in a strange place")
    return rest


def mended(data: bytes) -> bytes:
    """Return the document with its well-known faults mended; ASCII-based encodings only."""
    if b"\x00" in data[:4]:  # UTF-16 or UTF-32: no byte of it may be touched.
        return data
    begin = data.find(b"<?xml", 0, _PROLOG_LENGTH)
    if begin < 0:
        root = _ROOT.search(data)
        begin = root.start() if root else 0
    data = data[begin:].translate(None, _CONTROL_BYTES)
    parts = []
    for index, part in enumerate(data.split(b"<![CDATA[")):
        # Ampersands in CDATA mean themselves; each part but the first begins inside of one.
        inside, end, outside = part.partition(b"]]>") if index else (b"", b"", part)
        outside = _CHARACTER_REFERENCE.sub(_legal_reference, outside)
        parts.append(inside + end + _AMPERSAND.sub(_numeric, outside))
    return b"<![CDATA[".join(parts)


def _legal_reference(match: re.Match[bytes]) -> bytes:
    number = int(match[1], 16) if match[1] else int(match[2])
    if number > 0x10FFFF or _ILLEGAL.match(chr(number)):
        return b""
    return match[0]


def _numeric(match: re.Match[bytes]) -> bytes:
    name = match[1]
    if name in _XML_ENTITIES:
        return match[0]
    text = html5.get(name.decode("ascii") + ";") if name else None
    if text is None:
        return match[0].replace(b"&", b"&amp;")
    return b"".join(b"&#%d;" % ord(character) for character in text)
