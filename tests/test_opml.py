import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import opml
from aggregator.errors import ParseError
from aggregator.exporters import opml as written
from aggregator.types import Feed, Seed, Source

LIST = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>قائمتي</title></head><body>
<outline text="مصر"><outline text="صحف">
  <outline type="rss" text="بوابة الوفد"
    xmlUrl="https://alwafd.news/rss" htmlUrl="https://alwafd.news/"/>
  <outline type="rss" text="" title="الوفد: رياضة"
    xmlurl="https://alwafd.news/feed/20" htmlurl="https://alwafd.news/"/>
</outline>
<outline text="معطوب" type="rss" xmlUrl="file:///etc/passwd"/>
<outline text="صفحة" type="link" url="https://akhbar.example/"/>
</outline>
<outline text="أخبار" xmlUrl="feed://www.akhbar.com.eg/rss?utm_source=x"
  category="/news/eg, صحف" language="ar-EG"/>
<outline text="مرة أخرى"><outline text="الوفد" xmlUrl="http://alwafd.news/rss/"/></outline>
</body></opml>"""


def feeds(text):
    return opml.read(text.encode()).outlines


def test_list_is_read_with_its_folders():
    found = opml.read(LIST.encode())
    assert found.title == "قائمتي"
    assert [each.feed_url for each in found.outlines] == [
        "https://alwafd.news/rss",
        "https://alwafd.news/feed/20",
        "https://www.akhbar.com.eg/rss?utm_source=x",
    ]
    first, second, third = found.outlines
    assert first.title == "بوابة الوفد"
    assert first.categories == ("مصر/صحف", "مرة أخرى")
    assert first.home_url == "https://alwafd.news/"
    assert second.title == "الوفد: رياضة"
    assert third.categories == ("news/eg", "صحف")
    assert third.language == "ar-EG"


def test_bad_feed_is_named_and_does_not_stop_the_others():
    assert opml.read(LIST.encode()).notes == ("no web address: file:///etc/passwd",)


@pytest.mark.parametrize(
    "harm",
    [
        lambda text: text.replace("بوابة الوفد", "بوابة & الوفد"),
        lambda text: text[: text.index("</body>")],
        lambda text: "\n\n" + text,
        lambda text: text.replace("<body>", "<body>\x0b"),
        lambda text: text.replace("UTF-8", "utf-8").replace("opml", "OPML"),
        lambda text: text.replace("<?xml", "<!DOCTYPE opml>\n<?xml").replace(
            "<!DOCTYPE opml>\n", ""
        ),
    ],
)
def test_broken_list_is_read_as_far_as_it_goes(harm):
    assert len(feeds(harm(LIST))) == 3


def test_each_site_becomes_one_source():
    wafd, akhbar = opml.drafts(feeds(LIST))
    assert (wafd.id, wafd.name, wafd.homepage) == ("alwafd", "بوابة الوفد", "https://alwafd.news/")
    assert [seed.url for seed in wafd.seeds] == [
        "https://alwafd.news/rss",
        "https://alwafd.news/feed/20",
    ]
    assert wafd.language == "ar"
    assert wafd.notes == ("folder: مصر/صحف", "folder: مرة أخرى")
    assert (akhbar.id, akhbar.country, akhbar.timezone) == ("akhbar", "EG", "Africa/Cairo")
    assert akhbar.language == "ar-EG"


def test_ids_of_drafts_are_unique():
    text = "".join(
        f'<outline text="a" xmlUrl="https://{name}/rss"/>'
        for name in ("news.example", "news.test", "news.org")
    )
    drafts = opml.drafts(feeds(f"<opml><body>{text}</body></opml>"))
    assert [draft.id for draft in drafts] == ["news", "news_2", "news_3"]


def test_what_we_write_we_read_back():
    sources = [
        Source(
            id="alwafd",
            name="بوابة «الوفد» & أخرى",
            homepage="https://alwafd.news/",
            country="EG",
            language="ar",
            timezone="Africa/Cairo",
            seeds=(
                Seed(kind="feed", url="https://alwafd.news/rss"),
                Seed(kind="feed", url="https://alwafd.news/feed/20?a=1&b=2", title="رياضة"),
            ),
        ),
        Source(
            id="hespress",
            name="هسبريس",
            homepage="https://www.hespress.com/",
            country="MA",
            language="ar",
            timezone="Africa/Casablanca",
            seeds=(Seed(kind="feed", url="https://www.hespress.com/feed"),),
        ),
    ]
    feed = Feed(id="urn:x", title="x", home_url="https://x.example/")
    data = b"".join(written.write_sources(feed, sources))
    drafts = opml.drafts(opml.read(data).outlines)
    assert [
        (d.id, d.name, d.homepage, d.country, d.language, d.timezone, d.seeds) for d in drafts
    ] == [(s.id, s.name, s.homepage, s.country, s.language, s.timezone, s.seeds) for s in sources]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "cannot be read"),
        ("nothing", "cannot be read"),
        ("<rss/>", "rss instead of opml"),
        ("<opml><head/></opml>", "opml instead of opml with a body"),
        ('<!DOCTYPE o [<!ENTITY a "b">]><opml><body/></opml>', "it declares entities"),
    ],
)
def test_what_is_no_list_is_named(text, reason):
    with pytest.raises(ParseError, match=reason) as caught:
        opml.read(text.encode(), name="feeds.opml")
    assert "feeds.opml" in str(caught.value)


@pytest.mark.timeout(60)
def test_number_and_depth_are_bounded():
    row = '<outline xmlUrl="https://a.example/{}"/>'
    many = "".join(row.format(number) for number in range(opml.MAX_OUTLINES + 5))
    found = opml.read(f"<opml><body>{many}</body></opml>".encode())
    assert len(found.outlines) == opml.MAX_OUTLINES
    assert found.notes == (f"only the first {opml.MAX_OUTLINES} feeds",)
    deep = '<outline text="x">' * 30 + row.format("deep") + "</outline>" * 30
    assert feeds(f"<opml><body>{deep}</body></opml>") == ()
    wild = "<outline text='x'>" * 200_000
    assert feeds(f"<opml><body>{wild}{row.format(1)}") in (
        (),
        feeds(f"<opml><body>{row.format(1)}"),
    )


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                *("<opml>", "<body>", "<outline text='ا'", " xmlUrl='https://a.example/1'", ">"),
                *("/>", "</outline>", "</body>", "&", "\x00", "<!DOCTYPE", "]]>", " category=','"),
            ]
        ),
        max_size=20,
    )
)
def test_any_text_is_read_or_refused(parts):
    try:
        found = opml.read("".join(parts).encode())
    except ParseError:
        return
    for draft in opml.drafts(found.outlines):
        assert draft.id
        assert draft.homepage.startswith("http")
