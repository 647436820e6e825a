import gzip
import io
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import safe_xml, sanitize, seeds
from aggregator.errors import ParseError
from aggregator.seeds import documents, feed, universal
from aggregator.types import Image
from tests.miniweb import LOL, XXE, World
from tests.seed_cases import (
    BASE,
    DATA,
    NOW,
    corpus_feeds,
    needs_corpus,
    page,
    parse,
    rss,
    source,
)

SPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" '
    'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
)


def entry(item, **more):
    return parse("feed", rss(f"<item>{item}</item>", space=SPACES), **more).entries[0]


def stored(name):
    return parse("feed", (DATA / "feeds" / name).read_bytes())


def test_rss_says_all_that_an_entry_has():
    feed = stored("rss2.xml")
    first, second = feed.entries
    assert feed.format == "rss"
    assert feed.title == "بوابة الأخبار"
    assert feed.language == "ar-EG"
    assert feed.home_url == "https://akhbar.example/"
    assert feed.self_url == "https://akhbar.example/rss.xml"
    assert feed.hub == "https://hub.example/"
    assert feed.ttl_s == 30 * 60
    assert feed.update_period_s == 1800
    assert first.url == "https://akhbar.example/story/71?utm_source=rss"
    assert first.guid == "71"
    assert first.title == "زلزال يضرب الساحل"
    assert first.published.value == datetime(2025, 11, 7, 12, 15, tzinfo=UTC)
    assert first.published.precision == "second"
    assert first.published.origin == "feed"
    assert first.summary == "هزة أرضية خفيفة دون إصابات"
    assert first.html == '<p>هزة أرضية <a href="https://akhbar.example/tag/z">خفيفة</a></p>'
    assert first.authors == ("ليلى حداد",)
    assert first.categories == ("حوادث", "زلازل")
    assert first.images == (
        Image(url="https://akhbar.example/a.jpg", width=800, height=600, alt="ميناء المدينة"),
        Image(url="https://akhbar.example/b.png"),
    )
    assert (first.position, second.position) == (0, 1)
    assert second.url == second.guid == "https://akhbar.example/story/70"
    assert second.published.value == datetime(2025, 11, 6, 8, 0, tzinfo=UTC)
    assert second.authors == ("كريم",)


def test_atom_says_all_that_an_entry_has():
    feed = stored("atom10.xml")
    first, second, third = feed.entries
    assert feed.format == "atom"
    assert feed.id == "tag:akhbar.example,2025:feed"
    assert feed.self_url == "https://akhbar.example/atom.xml"
    assert feed.authors == ("هيئة التحرير",)
    assert first.url == "https://akhbar.example/ar/story/71"
    assert first.guid == "tag:akhbar.example,2025:71"
    assert first.title == "أسعار الذهب < 4000 جنيه"
    assert first.published.value == datetime(2025, 11, 7, 9, 30, tzinfo=UTC)
    assert first.updated.value == datetime(2025, 11, 7, 10, 0, tzinfo=UTC)
    assert first.summary == "نص عادي فيه <zone> كما هي"
    assert first.html == '<p>متن <a href="https://akhbar.example/ar/x">رابط</a></p>'
    assert first.authors == ("سعاد", "بدر")
    assert first.categories == ("اقتصاد",)
    assert first.language == "ar"
    assert second.title == "عنوان مائل"
    assert second.summary == "ملخص"
    assert second.published is None
    assert third.title == "الثالث"
    assert third.html == "5 &lt; 6"


@pytest.mark.parametrize("name", ["rdf.xml", "atom03.xml", "rss091.xml", "feed.json"])
def test_older_and_newer_formats_give_the_same_entry(name):
    feed = stored(name)
    first = feed.entries[0]
    assert feed.format == {"rss091.xml": "rss", "feed.json": "json"}.get(
        name, name[:-4].strip("03")
    )
    assert first.url == "https://akhbar.example/story/71"
    assert first.title == "زلزال يضرب الساحل"
    assert "خفيفة" in first.summary
    if name != "rss091.xml":
        assert first.published.value == datetime(2025, 11, 7, 12, 15, tzinfo=UTC)
        assert first.authors == ("ليلى حداد",)


@pytest.mark.parametrize("header", [None, "text/xml; charset=windows-1256", "text/xml"])
@pytest.mark.parametrize("declared", ["windows-1256", None, "utf-8"])
def test_windows_1256_is_read_whatever_its_labels_say(header, declared):
    start = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    words = "قالت وزارة الأرصاد الجوية إن الأمطار ستستمر على الساحل الشمالي حتى مساء الأحد"
    body = rss(f"<item><title>{words}</title></item>", start=start).encode("cp1256")
    headers = {"content_type": header} if header else {}
    assert parse("feed", body, **headers).entries[0].title == words


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_wide_letters_are_read(encoding):
    body = rss("<item><title>زلزال</title></item>", start='<?xml version="1.0"?>').encode(encoding)
    assert parse("feed", body).entries[0].title == "زلزال"


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        ("<![CDATA[عنوان &amp; عنوان]]>", "عنوان & عنوان"),
        ("عنوان &amp;quot;بارز&amp;quot;", 'عنوان "بارز"'),
        ("&lt;b&gt;عاجل&lt;/b&gt; زلزال", "عاجل زلزال"),
        ("&amp;lt;b&amp;gt;عاجل&amp;lt;/b&amp;gt; زلزال", "عاجل زلزال"),
        ("5 &lt; 6 أهداف", "5 < 6 أهداف"),
        ("وسم &lt;blink&gt; قديم &amp;lt;p", "وسم قديم <p"),
        ("\n   سطر\n   وسطر  ", "سطر وسطر"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;نص", "نص"),
        ("نص&lt;!-- سر --&gt; ظاهر", "نص ظاهر"),
        ("don&#146;t", "don\u2019t"),
        ("ﻛﺎﺯﺍﺧﺴﺘﺎﻥ ﺗﺨﺘﺎﺭ", "كازاخستان تختار"),
        ("&lt;img src=x&gt;", None),
        ("", None),
    ],
)
def test_title_is_shown_as_text(raw, title):
    assert entry(f"<title>{raw}</title>").title == title


@pytest.mark.parametrize(
    ("item", "url"),
    [
        ("<link> https://a.example/1 </link>", "https://a.example/1"),
        ("<link>/story/1</link>", "https://akhbar.example/story/1"),
        ("<link/><guid>https://a.example/1</guid>", "https://a.example/1"),
        ('<guid isPermaLink="false">https://a.example/1</guid>', None),
        ('<guid isPermaLink="true">/1</guid>', "https://akhbar.example/1"),
        ("<guid>1</guid>", None),
        ("<link>javascript:alert(1)</link>", None),
        ("<link>at://did:plc:x/y</link><guid>https://a.example/1</guid>", "https://a.example/1"),
        ('<link href="https://a.example/1"/>', "https://a.example/1"),
        (
            (
                '<atom:link rel="self" href="https://a.example/2"/>'
                '<atom:link href="https://a.example/1"/>'
            ),
            "https://a.example/1",
        ),
        (
            (
                "<link>https://feeds.example/~r/x/1</link>"
                "<feedburner:origLink>https://a.example/1</feedburner:origLink>"
            ),
            "https://a.example/1",
        ),
        ("<title>x</title>", None),
    ],
)
def test_link_of_an_rss_item(item, url):
    assert entry(item).url == url


def test_content_location_and_xml_base_make_addresses_whole():
    body = rss(
        "<item xml:base='/b/'><link>1</link><description>&lt;a href='2'&gt;x&lt;/a&gt;"
        "</description></item>"
    )
    found = parse("feed", body, content_location="https://other.example/c/").entries[0]
    assert found.url == "https://other.example/b/1"
    assert found.html == '<a href="https://other.example/b/2">x</a>'


@pytest.mark.parametrize(
    ("text", "value", "precision"),
    [
        ("Fri, 07 Nov 2025 14:15:16 +0200", (2025, 11, 7, 12, 15, 16), "second"),
        ("Fri, 07 Nov 2025 14:15 GMT", (2025, 11, 7, 14, 15), "minute"),
        ("7 Nov 25 14:15:00 EST", (2025, 11, 7, 19, 15), "second"),
        ("Fri, 07 Nov 2025 14:15:00", (2025, 11, 7, 12, 15), "second"),
        ("Friday, 07-Nov-25 14:15:00 UTC", (2025, 11, 7, 14, 15), "second"),
        ("Fri Nov  7 14:15:00 2025", (2025, 11, 7, 12, 15), "second"),
        ("2025-11-07T14:15:16.123Z", (2025, 11, 7, 14, 15, 16), "second"),
        ("2025-11-07T14:15+03:00", (2025, 11, 7, 11, 15), "minute"),
        ("2025-11-07 14:15:00", (2025, 11, 7, 12, 15), "second"),
        ("2025-11-07", (2025, 11, 6, 22, 0), "day"),
        ("2025-11", (2025, 10, 31, 22, 0), "month"),
        ("1762524900", (2025, 11, 7, 14, 15), "second"),
        ("11/7/2025 4:15:00 PM", (2025, 11, 7, 14, 15), "second"),
        ("07/11/2025 16:15:00", (2025, 11, 7, 14, 15), "second"),
        ("20251107T141500Z", (2025, 11, 7, 14, 15), "second"),
        ("2025-11-07T24:00:00Z", (2025, 11, 8), "second"),
        ("2025-11-07T23:59:60Z", (2025, 11, 7, 23, 59, 59), "second"),
        ("Fri, 07 Nov 2025 14:15:00 GMT+3", (2025, 11, 7, 11, 15), "second"),
    ],
)
def test_machine_dates(text, value, precision):
    found = entry(f"<pubDate>{text}</pubDate>").published
    assert found.value == datetime(*value, tzinfo=UTC)
    assert found.precision == precision


@pytest.mark.parametrize(
    "text",
    [
        "Fri, 31 Feb 2025 10:00:00 GMT",
        "2025-13-01",
        "2025-11-07T25:00:00Z",
        "0000-00-00T00:00:00Z",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Mon, 07 Nov 2035 10:00:00 GMT",
        "now",
        "",
        "2025",
        "9" * 5000,
    ],
)
def test_no_date_rather_than_a_wrong_one(text):
    assert entry(f"<pubDate>{text}</pubDate>").published is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("الجمعة، 07 نوفمبر 2025 14:15:00 +0200", (2025, 11, 7)),
        ("7 تشرين الثاني 2025", (2025, 11, 7)),
        ("٧ نوفمبر ٢٠٢٥", (2025, 11, 7)),
    ],
)
def test_dates_with_arabic_words(text, day):
    found = entry(f"<pubDate>{text}</pubDate>").published
    assert (found.value.year, found.value.month, found.value.day) == day


def test_dublin_core_date_is_when_it_was_published_and_modified_when_it_changed():
    found = entry("<dc:date>2025-11-07T10:00:00Z</dc:date>")
    assert found.published.value == datetime(2025, 11, 7, 10, tzinfo=UTC)
    assert found.updated is None


def test_source_zone_holds_where_a_date_has_none():
    baghdad = source(country="IQ", timezone="Asia/Baghdad")
    found = entry("<pubDate>Fri, 07 Nov 2025 14:15:00</pubDate>", of=baghdad).published
    assert found.value.utcoffset() == timedelta(hours=3)


def test_undeclared_namespace_is_known_by_its_prefix():
    body = rss(
        "<item><title>خبر</title><content:encoded><![CDATA[<p>متن</p>]]></content:encoded>"
        "<dc:creator>ليلى</dc:creator></item>"
    )
    found = parse("feed", body).entries[0]
    assert (found.html, found.authors) == ("<p>متن</p>", ("ليلى",))


def test_other_namespaces_do_not_take_the_place_of_plain_elements():
    body = rss(
        "<item><x:title>لا</x:title><title>نعم</title><x:link>https://b.example/</x:link></item>",
        space='xmlns:x="https://x.example/ns"',
    )
    found = parse("feed", body).entries[0]
    assert (found.title, found.url) == ("نعم", None)


BROKEN = [
    pytest.param(lambda xml: xml.replace("خبر 3", "خبر & 3 &nbsp; <b"), 5, id="stray signs"),
    pytest.param(lambda xml: xml.replace("خبر 3", "خبر \x0b\x00 3"), 5, id="control characters"),
    pytest.param(lambda xml: xml[: len(xml) * 7 // 10], 3, id="cut off"),
    pytest.param(lambda xml: "<br/><b>Warning</b>: x in y.php\n" + xml, 5, id="noise before"),
    pytest.param(lambda xml: xml + "<!-- cached --> <p>x", 5, id="noise after"),
    pytest.param(lambda xml: xml.replace("</item>", "", 1), 5, id="an end tag is missing"),
    pytest.param(lambda xml: xml.replace("<item>", "<item a=b>", 1), 5, id="attribute unquoted"),
    pytest.param(lambda xml: "\n\n  " + xml, 5, id="blanks before"),
]


@pytest.mark.parametrize(("harm", "least"), BROKEN)
def test_broken_xml_is_read_as_far_as_feedparser_reads_it(harm, least):
    import feedparser

    items = "".join(
        f"<item><title>خبر {i}</title><link>https://akhbar.example/{i}</link></item>"
        for i in range(1, 6)
    )
    body = harm(rss(items)).encode()
    found = parse("feed", body)
    assert len(found.entries) >= least
    assert len(found.entries) >= len(feedparser.parse(io.BytesIO(body)).entries)
    assert found.entries[0].url == "https://akhbar.example/1"
    for each in found.entries:
        assert each.title is None or each.title == safe_xml.legal(each.title)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "the answer is empty"),
        (b" \n ", "the answer is empty"),
        (b"<!doctype html><html><title>Home</title><p>x", "an HTML page (Home)"),
        (
            "<html><title>الدخول</title><form><input type='password'></form></html>".encode(),
            "a login page (الدخول)",
        ),
        (b"<html><title>Just a moment...</title></html>", "a challenge page"),
        (b"Not found", "plain text"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "plain text or bytes"),
        (b"<opml><body/></opml>", "opml instead of a feed"),
        (b"<urlset><url><loc>https://a.example/</loc></url></urlset>", "urlset instead of a feed"),
        (b'{"error": "x"}', "without a list of items"),
        (b"{broken", "JSON cannot be read"),
        (b"\x1f\x8b\x08broken", "gzip file is damaged"),
    ],
)
def test_what_is_no_feed_is_named(body, reason):
    with pytest.raises(ParseError) as caught:
        parse("feed", body)
    assert reason in str(caught.value)
    assert caught.value.identity == BASE
    assert "\n" not in str(caught.value)


def test_json_that_is_nearly_a_feed_is_read():
    body = '[{"id": "https://akhbar.example/1", "title": "خبر", "author": {"name": "ليلى"}}]'
    (found,) = parse("feed", body).entries
    assert (found.url, found.title, found.authors) == ("https://akhbar.example/1", "خبر", ("ليلى",))
    second = stored("feed.json").entries[1]
    assert second.html == "<p>سطر</p><p>5 &lt; 6</p>"


def test_comments_and_tags_inside_elements_are_no_hindrance():
    found = entry(
        "<title>خبر<!-- سر --> عاجل</title><description>نص <b>بارز</b><!-- x --> هنا</description>"
        "<dc:creator>&lt;a&gt;</dc:creator><author>desk@akhbar.example</author>"
        "<media:thumbnail url='https://a.example/t.jpg' width='120px' height='x'/>"
        "<image>https://a.example/i.jpg</image><category/><keywords>أ، ب,</keywords>"
    )
    assert found.title == "خبر عاجل"
    assert found.html == "نص <b>بارز</b> هنا"
    assert found.authors == ("desk@akhbar.example",)
    assert found.images == (
        Image(url="https://a.example/t.jpg", width=120),
        Image(url="https://a.example/i.jpg"),
    )
    assert found.categories == ("أ", "ب")


def test_feed_without_entries_is_a_feed():
    assert parse("feed", rss("")).entries == ()
    assert parse("feed", b'<feed xmlns="http://www.w3.org/2005/Atom"/>').entries == ()


def test_gzip_inside_is_opened():
    assert len(parse("feed", gzip.compress(rss("<item/>").encode())).entries) == 1


def test_gzip_bomb_is_refused():
    body = gzip.compress(bytes(documents.MAX_BYTES + 1000), compresslevel=9)
    with pytest.raises(ParseError, match="after decompression"):
        parse("feed", body)


@pytest.mark.timeout(60)
def test_entities_are_not_expanded():
    found = parse("feed", LOL)
    assert "lollol" not in str(found)
    assert "hostname" not in str(parse("feed", XXE)) or "&x" in str(parse("feed", XXE))
    quadratic = '<!DOCTYPE r [<!ENTITY a "' + "a" * 50_000 + '">]>'
    body = rss("<item><title>" + "&a;" * 1000 + "</title></item>", start=quadratic)
    assert len(str(parse("feed", body))) < 20_000


def test_external_document_type_is_never_asked_for():
    start = '<!DOCTYPE rss SYSTEM "http://127.0.0.1:1/x.dtd">'
    assert len(parse("feed", rss("<item><title>x</title></item>", start=start)).entries) == 1


@pytest.mark.parametrize(
    "body",
    [
        "<rss>" + "<a>" * 100_000,
        rss("<item>" + "<category>x</category>" * 50_000 + "</item>"),
        rss("<item><title>" + "&lt;a " * 50_000 + "</title></item>"),
        rss("<item><description>" + "&lt;script&gt;" * 50_000 + "</description></item>"),
        rss("<item><description>" + "&lt;!--" * 50_000 + "</description></item>"),
        rss("<item/>" * 50_000),
        rss("<item><title>" + "ا" * 2_000_000 + "</title></item>"),
        "<rss><channel>" + "<!--" * 100_000,
        "<?xml " * 50_000,
        "<!DOCTYPE " * 50_000,
    ],
    ids=["deep", "many", "tags", "scripts", "comments", "items", "long", "open", "pis", "dtds"],
)
@pytest.mark.timeout(60)
def test_hostile_document_is_read_or_refused_in_time(body):
    try:
        found = parse("feed", body)
    except ParseError:
        found = None
    if found:
        assert all(len(each.categories) <= 30 for each in found.entries)
        assert len(found.entries) <= seeds.MAX_ENTRIES


def test_every_feed_of_the_small_web_is_read_whole():
    world = World(sources=40, per_source=12, port=8900).build(0)
    for each in world.sources:
        if each.feed == "none":
            continue
        _, kind, body, *_ = world.get(each.host, each.feed_path)
        found = parse("feed", body, url=each.base + each.feed_path, content_type=kind)
        live = each.live(0)[:25]
        assert [e.title for e in found.entries] == [a.view(0, world)[0] for a in live]
        assert [e.published.value for e in found.entries] == [a.pub for a in live]
        assert found.notes == ()


#: Where our fast way and feedparser differ on purpose, and why.
DIFFERENT = {
    "link-rel-iana.xml": "relations as full addresses are known to us",
    "link-type-parameters.xml": "text/html; charset=… is HTML",
    "link-same-rel-type-no-hreflang.xml": "the first of equals",
    "entry_link_no_href_link_priority.xml": "an enclosure is not the page",
    "entry_link_rel_enclosure_no_href.xml": "an enclosure is not the page",
    "entry_link_multiple.xml": "the first of equals",
    "entry_link_multiple2.xml": "a link of another type is better than none",
    "rdf_item_links.xml": "the first of equals",
    "rss_channel_item_uri_at_protocol.xml": "the text of a link is the link",
    "item_description_not_a_doctype.xml": "what browsers take for a comment is one",
    "multiple-ids.xml": "the first of equals",
    "multiple-published.xml": "the first of equals",
    "multiple_item_guid.xml": "the first of equals",
    "valid_dc_all2.xml": "dc:identifier is an id",
    "dublincore_item_fields.xml": "dc:identifier is an id",
    "missing-self.xml": "an entry inside a source is none of ours",
    "rdf_item_description.xml": "rdf:about is the page",
    "rdf_item_rdf_about.xml": "rdf:about is the page",
    "rdf_item_title.xml": "rdf:about is the page",
    "entry_title_text_plain_brackets.xml": "plain text may speak of a tag",
    "jumbled.xml": "names beside odd addresses",
    "jumbled2.xml": "names beside odd addresses",
    "atom10_id.xml": "an id that is no address is no link",
    "item_summary_and_description.xml": "description is the summary",
    "itunes_item_subtitle.xml": "a subtitle is better than no summary",
    "description_non_script.xml": "the case of unknown tags stays",
    "entry_summary_base64.xml": "what base64 holds may be HTML",
    "entry_summary_base64_2.xml": "what base64 holds may be HTML",
    "issue_275_extensions_and_source.xml": "plain text may speak of a tag",
    "bozo_linenoise.xml": "bytes without meaning",
}


def _meaning(found):
    dates = {d.value for d in (found.published, found.updated) if d}
    text = sanitize.to_text(found.html or "")
    return found.url, found.guid, found.title, dates, found.authors, found.summary, text


@pytest.mark.slow
@needs_corpus
def test_fast_way_means_what_feedparser_means():
    compared, unlike = 0, set()
    for name, body in corpus_feeds("feedparser", "feedvalidator", "gofeed", "miniflux"):
        try:
            document = documents.read(page(body), source())
        except ParseError:
            continue
        root = feed._sound(document.data) if document.kind in feed._FAMILIES else None
        if root is None:
            continue
        fast = feed._tree(root, document.data, source(), NOW, BASE)
        data = feed._undeclared(document.data)
        slow = universal.read(data, source=source(), now=NOW, base=BASE)
        compared += 1
        theirs = slow.entries if slow else ()
        if list(map(_meaning, fast.entries)) != list(map(_meaning, theirs)):
            unlike.add(name.rpartition("/")[2])
    assert sorted(unlike - DIFFERENT.keys()) == []
    assert compared > 1000


@pytest.mark.slow
@needs_corpus
def test_no_feed_of_the_corpus_gives_fewer_entries_than_feedparser():
    import feedparser

    for name, body in corpus_feeds("feedvalidator", "gofeed", "miniflux"):
        peer = len(feedparser.parse(io.BytesIO(body)).entries)
        try:
            ours = len(parse("feed", body).entries)
        except ParseError:
            ours = 0
        assert ours >= peer, name


PARTS = [
    *(b"<rss>", b"<item>", b"<title>", b"</title>", b"<link>", b"&amp;", b"&#0;", b"<![CDATA["),
    *(b"]]>", b"<feed xmlns='http://www.w3.org/2005/Atom'>", b"<entry>", b"<a:b c='d'/>"),
    *(b"<content type='xhtml'>", b"\xd8\xb2", b"<!DOCTYPE x [", b"<pubDate>", b"2025-01-01"),
]


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=300),
    st.lists(
        st.sampled_from(PARTS),
        max_size=25,
    ),
)
def test_any_bytes_are_read_or_refused(noise, parts):
    for body in (noise, b"".join(parts), b"<rss><channel>" + b"".join(parts) + noise):
        try:
            found = parse("feed", body)
        except ParseError:
            continue
        for each in found.entries:
            for text in (each.title, each.summary, each.url, *each.authors, *each.categories):
                assert text is None or (text and text == safe_xml.legal(text))
