"""What goes out of a page before it is parsed, and what must not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.extract import trimming
from aggregator.extract.document import parse
from aggregator.extract.trimming import LONG_TAG, MOST_SCRIPT, with_short_tags, without_scripts

URL = "https://example.org/"


@pytest.mark.parametrize(
    ("page", "left", "scripts"),
    [
        (b"<p>a<script src=x>var b = '<p>'</script>c", b"<p>a<script src=x></script>c", 1),
        (b"<STYLE>p {}</Style>x<SCRIPT>1</script>", b"<STYLE></Style>x<SCRIPT></script>", 1),
        (b"<script type='application/ld+json'>{}</script>", None, 0),
        (b"<!-- <script> --><p>kept</p><script>1</script>", (b"<!-- <script> --><p>kept</p>"
         b"<script></script>"), 1),
        (b'<p title="<script>">kept</p><script>1</script>', (b'<p title="<script>">kept</p>'
         b"<script></script>"), 1),
        (b"<script>1</script><p>kept<script>no end", b"<script></script><p>kept<script>no end", 1),
        (b"<!-- no end <p>a</p><script>1</script>", b"<!-- no end <p>a</p><script></script>", 1),
        (b"<scripture>1</scripture><styled>2</styled>", None, 0),
        (b"<script></script>", None, 0),
        (b"<script", None, 0),
        (b"", None, 0),
    ],
)  # fmt: skip
def test_scripts_and_styles_are_emptied(page, left, scripts):
    found = without_scripts(page)
    assert found[0] == (page if left is None else left)
    assert len(found[1]) == scripts


def test_scripts_are_read_beside_the_tree_and_not_without_end():
    doc = parse("<p>a</p><script>var one = 'é'</script><script>two</script>", url=URL)
    assert doc.scripts == ("var one = 'é'".encode(), b"two")
    assert [node.text for node in doc.root.iter("script")] == [None, None]
    many = b"<script>" + b"x" * MOST_SCRIPT + b"</script><script>more</script>"
    assert sum(map(len, without_scripts(many)[1])) == MOST_SCRIPT


@pytest.mark.parametrize(
    "piece", [b"<script ", b"<!--", b"<style>", b"<script>", b"</script", b'"<']
)
def test_a_page_of_nothing_else_is_read_in_time(piece):
    page = piece * (4_000_000 // len(piece))
    assert without_scripts(page)[0]
    assert with_short_tags(page)[0]


_PIECES = (
    b"<script>", b"</script>", b"<style>", b"</style>", b"<!--", b"-->", b"<p>", b"text", b'"',
    b"=",    b"<script type=application/ld+json>", b"<SCRIPT >", b">", b"<",
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(st.sampled_from(_PIECES), max_size=30).map(b"".join))
def test_trimming_twice_is_trimming_once(page):
    once, scripts = without_scripts(page)
    assert without_scripts(once) == (once, ())
    assert len(once) + sum(map(len, scripts)) <= len(page)


@pytest.mark.parametrize("value", [b"", b"=1", b'="<"', b"='a<b'", b"=<"])
def test_a_tag_of_thousands_of_attributes_goes(value):
    bomb = b"<p " + b" ".join(b"a%d%s" % (n, value) for n in range(9_000)) + b">"
    assert len(bomb) > LONG_TAG
    page = b"<p>before</p>" + bomb + b"text" + b"<p>after</p>" * 10_000
    trimmed, cut = with_short_tags(page)
    assert cut
    assert len(trimmed) < len(page) - len(bomb) + 10
    assert b"before" in trimmed
    assert b"after" in trimmed


def test_a_long_honest_tag_stays():
    page = b'<div data-state="' + b"{&quot;a&quot;:1}" * 20_000 + b'">text</div>'
    assert with_short_tags(page) == (page, False)


_PIECES = (b"<p ", b"a", b"=", b'="', b"='", b'"', b"'", b">", b"<", b" ", b"x" * 15)


@given(st.lists(st.sampled_from(_PIECES), max_size=40).map(b"".join))
def test_no_tag_is_long_where_all_are_said_to_be_short(data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trimming, "LONG_TAG", 40)
        if trimming._has_short_tags(data):
            assert all(len(tag) <= 41 for tag in trimming._TAG.findall(data))


def test_a_quoted_end_makes_a_tag_long():
    for quote in (b'"', b"'"):
        tag = b"<p " + b"a=" + quote + b">" * LONG_TAG + quote + b">"
        assert not trimming._has_short_tags(tag)
    assert trimming._has_short_tags(b"<p title='x'>a &gt; b</p>" * 10_000)
