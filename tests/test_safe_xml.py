"""XML: only legal characters out, no entity expanded, broken documents read as far as they go."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from aggregator import safe_xml
from aggregator.errors import ParseError


def text_of(root) -> str:
    return "".join(root.itertext())


@settings(deadline=None)
@given(st.text())
def test_any_text_comes_back_from_an_element(text):
    document = b"<a>" + safe_xml.legal_utf8(safe_xml.escape(text)) + b"</a>"
    assert text_of(etree.fromstring(document)) == safe_xml.legal(text)


@settings(deadline=None)
@given(st.text())
def test_any_text_comes_back_from_an_attribute(text):
    document = b'<a b="' + safe_xml.legal_utf8(safe_xml.attribute(text)) + b'"/>'
    assert etree.fromstring(document).get("b") == safe_xml.legal(text)


@settings(deadline=None)
@given(st.text())
def test_legal_is_idempotent_and_agrees_with_its_bytes(text):
    once = safe_xml.legal(text)
    assert safe_xml.legal(once) == once
    assert safe_xml.legal_utf8(text) == once.encode()


def test_tab_line_breaks_and_the_last_plane_are_legal():
    assert safe_xml.legal("\t\n\r\x85\u200f\U0010ffff") == "\t\n\r\x85\u200f\U0010ffff"


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_parse_gives_an_element_or_a_parse_error(data):
    try:
        root = safe_xml.parse(data)
    except ParseError:
        return
    assert isinstance(root.tag, str) or root.tag in {etree.Comment, etree.PI}


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_iterate_never_raises_anything_else(data):
    with contextlib.suppress(ParseError):
        list(safe_xml.iterate(b"<r>" + data + b"</r>", "a", "r"))


@pytest.mark.parametrize(
    ("document", "text"),
    [
        (b"<a>plain</a>", "plain"),
        (b"<a>5 &lt; 6 &amp; 7</a>", "5 < 6 & 7"),
        (b"<a>one&nbsp;two &eacute; &amp;</a>", "one\xa0two é &"),
        (b"<a>&unknown; R&D;</a>", "&unknown; R&D;"),
        (b"<a>AT&T wins</a>", "AT&T wins"),
        (b"<loc>https://a.example/?a=1&b=2&copy=3</loc>", "https://a.example/?a=1&b=2&copy=3"),
        (b"<a>x & y<![CDATA[ & z &nbsp; ]]>&nbsp;</a>", "x & y & z &nbsp; \xa0"),
        (b"<a>" + b"<![CDATA[" * 3, None),
        (b"<a>\x0bvertical\x1f tab &#x0; &#11;</a>", "vertical tab  "),
        (b"\n\n <?xml version='1.0'?><a>late</a>", "late"),
        (b"Warning: mysql in line 3 <br /><?xml version='1.0'?><a>x</a>", "x"),
        ("\ufeff<a>نص</a>".encode(), "نص"),
        ('<?xml version="1.0" encoding="windows-1256"?><a>نص</a>'.encode("cp1256"), "نص"),
        ('<?xml version="1.0" encoding="utf-16"?><a>نص</a>'.encode("utf-16"), "نص"),
        (b"<a>cut <b>in the mid", "cut in the mid"),
        (b"<!DOCTYPE rss PUBLIC 'x' 'http://127.0.0.1:9/rss.dtd'><a>old</a>", "old"),
        (b"<!DOCTYPE a [<!-- ] > --> <!ELEMENT a ANY> ] ><a>subset</a>", None),
    ],
)
def test_documents_are_read_as_far_as_they_go(document, text):
    root = safe_xml.parse(document)
    if text is not None:
        assert text_of(root) == text


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
    + b"]><a>&j;</a>"
)


@pytest.mark.parametrize(
    "document",
    [
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]><a>&x;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY x "]>leak"><!ENTITY y SYSTEM "file:///etc/passwd">]><a>&x;&y;</a>',
        BOMB,
    ],
    ids=["external", "parameter", "external-dtd", "bracket-in-value", "bomb"],
)
@pytest.mark.timeout(60)
def test_no_declared_entity_is_ever_expanded(document):
    try:
        root = safe_xml.parse(document)
    except ParseError:
        return
    text = root.xpath("string()")
    assert "root:" not in text
    assert len(text) < 100


def test_strict_reading_refuses_a_broken_document():
    with pytest.raises(ParseError, match="XML cannot be read"):
        safe_xml.parse(b"<a>AT&T", recover=False)


def test_a_document_over_the_limit_is_refused():
    with pytest.raises(ParseError, match="too large: 11 bytes"):
        safe_xml.parse(b"<a>1234</a>", limit=10)


@pytest.mark.parametrize(
    "document", [b"", b"   ", b"no markup at all", b"\x00\x01", b"<!DOCTYPE a ["]
)
def test_what_holds_no_element_is_refused(document):
    with pytest.raises(ParseError):
        safe_xml.parse(document)


@pytest.mark.parametrize("piece", [b"&", b"&#", b"<![CDATA[", b"]]>", b"<!", b"<a ", b"\x01"])
@pytest.mark.timeout(60)
def test_a_megabyte_of_broken_pieces_is_read_in_linear_time(piece):
    document = b"<a>" + piece * (1_000_000 // len(piece))
    with contextlib.suppress(ParseError):
        safe_xml.parse(document)


@pytest.mark.timeout(60)
def test_deep_nesting_ends_without_harm():
    document = b"<a>" * 100_000
    safe_xml.parse(document)


SITEMAP = (
    b'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    b"<url><loc>https://a.example/1</loc></url><url><loc>https://a.example/2</loc></url>"
)


def test_iterate_gives_each_element_once_whatever_its_namespace():
    found = [
        element.findtext("{*}loc") for element in safe_xml.iterate(SITEMAP + b"</urlset>", "url")
    ]
    assert found == ["https://a.example/1", "https://a.example/2"]


def test_iterate_reads_a_cut_document_up_to_the_cut():
    found = [
        element.findtext("{*}loc") for element in safe_xml.iterate(SITEMAP + b"<url><lo", "url")
    ]
    assert found[:2] == ["https://a.example/1", "https://a.example/2"]
