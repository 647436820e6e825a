import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import urls
from tests.arabic_cases import unseen

DATA = Path(__file__).parent / "data"
GOLDEN = [
    json.loads(line)
    for line in (DATA / "golden/urls.jsonl").read_text(encoding="utf-8").splitlines()
]
BASE = "https://akhbar.example/news/page.html"


def blocks(name):
    text = (DATA / "urls" / name).read_text(encoding="utf-8")
    for block in text.split("\n\n"):
        lines = [line for line in block.splitlines() if line]
        title = lines[0].lstrip("# ")
        addresses = [line for line in lines if not line.startswith("#")]
        if addresses:
            yield pytest.param(addresses, id=title)


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case["id"])
def test_golden_addresses_meet_or_stay_apart(case):
    if case["level"] == "alias" and case["category"] == "id-slug":
        pytest.skip("needs the source's identity pattern")
    keys = [urls.canonical(url) for url in case["urls"]]
    assert len(set(keys)) == (1 if case["same"] else len(keys)), keys
    if case["canonical"]:
        assert keys[0] == case["canonical"]


@pytest.mark.parametrize("case", unseen("urls/addresses"), ids=lambda case: case["why"])
def test_unseen_addresses_meet_or_stay_apart(case):
    keys = [urls.canonical(url) for url in case["urls"]]
    assert len(set(keys)) == (1 if case["same"] else len(keys)), keys
    assert case["key"] in {None, keys[0]}
    assert [urls.canonical(key) for key in keys] == keys


@pytest.mark.parametrize("addresses", list(blocks("same.txt")))
def test_all_dresses_of_an_address_give_its_key(addresses):
    wrong = [(url, key) for url in addresses if (key := urls.canonical(url)) != addresses[0]]
    assert not wrong


@pytest.mark.parametrize("addresses", list(blocks("apart.txt")))
def test_different_addresses_give_different_keys(addresses):
    for a, b in itertools.combinations(addresses, 2):
        assert urls.canonical(a) != urls.canonical(b), (a, b)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (
            "http://www.akhbar.example:80/a//b/?utm_source=x&b=2&a=1#top",
            "http://www.akhbar.example/a//b/?b=2&a=1",
        ),
        (
            "https://m.akhbar.example/عاجل?amp=1",
            "https://m.akhbar.example/%D8%B9%D8%A7%D8%AC%D9%84?amp=1",
        ),
        ("https://أخبار.مصر/#!/story/1", "https://xn--igbicxr.xn--wgbh1c/#!/story/1"),
        ("https://user:secret@akhbar.example/a b%zz", "https://akhbar.example/a%20b%25zz"),
        ("akhbar.example/5", "https://akhbar.example/5"),
        ("urn:uuid:1 ", "urn:uuid:1"),
        ("https://akhbar.example", "https://akhbar.example/"),
        ("https://akhbar.example:8443/a/../b?x=1&fbclid=2", "https://akhbar.example:8443/b?x=1"),
    ],
)
def test_shown_address_keeps_what_opens_the_article(url, shown):
    assert urls.display_url(url) == shown


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("/story/1", "https://akhbar.example/story/1"),
        ("story/1?utm_source=x#a", "https://akhbar.example/news/story/1?utm_source=x#a"),
        ("../1", "https://akhbar.example/1"),
        ("//m.akhbar.example/1", "https://m.akhbar.example/1"),
        (" http://other.example/a b\n", "http://other.example/a%20b"),
        ("HTTPS:\\\\other.example\\a", "https://other.example/a"),
        ("?id=5", "https://akhbar.example/news/page.html?id=5"),
        ("\u200fhttps://other.example/عاجل", "https://other.example/عاجل"),
        ("javascript:alert(1)", None),
        ("JavaScript&colon;alert(1)", "https://akhbar.example/news/JavaScript&colon;alert(1)"),
        ("java\nscript:alert(1)", None),
        ("mailto:a@akhbar.example", None),
        ("data:text/html,x", None),
        ("ftp://akhbar.example/1", None),
        ("file:///etc/passwd", None),
        ("tag:akhbar.example,2025:1", None),
        ("http://[", None),
        ("http://", None),
        ("", None),
        (None, None),
        ("https://akhbar.example/" + "a" * 9000, None),
    ],
)
def test_only_web_addresses_become_absolute(href, expected):
    assert urls.absolute(BASE, href) == expected


def test_host_and_site_of_an_address():
    assert urls.host("https://WWW.Akhbar.example:8443/x") == "www.akhbar.example"
    assert urls.host("urn:uuid:1") == ""
    assert urls.site("https://sport.akhbar.com.eg/") == "akhbar.com.eg"
    assert urls.same_site("https://www.akhbar.com.eg/1", "http://m.akhbar.com.eg/")
    assert urls.same_site("https://alwafd.news/1", "https://cdn.alwafd.news/1")
    assert not urls.same_site("https://akhbar.com.eg/", "https://ahram.com.eg/")
    assert not urls.same_site("https://a.blogspot.com/", "https://b.blogspot.com/")
    assert not urls.same_site("https://127.0.0.1/", "https://127.1.0.1/")
    assert not urls.same_site("x", "y")


def test_identity_patterns_join_old_and_new_slugs_over_hosts():
    patterns = (r"alwafd\.news/(?:[^/]+/)?(\d{6,})(?:-[^/]*)?$",)
    old = urls.address_keys("https://alwafd.news/أخبار/2202325-عنوان-قديم?utm_source=x", patterns)
    new = urls.address_keys("http://www.alwafd.news/2202325/amp", patterns)
    assert old[1:] == new[1:] == ("id:2202325",)
    assert old[0] == urls.canonical("https://alwafd.news/أخبار/2202325-عنوان-قديم")
    assert urls.address_keys("https://alwafd.news/section/5", patterns) == (
        "https://alwafd.news/section/5",
    )


def test_identity_pattern_may_be_written_with_arabic_letters():
    keys = urls.address_keys("https://akhbar.example/%D8%AE%D8%A8%D8%B1/77", (r"/خبر/(\d+)$",))
    assert keys[1:] == ("id:77",)


def test_pattern_that_is_none_finds_nothing():
    assert urls.address_keys("https://akhbar.example/5", ("(", r"(?=x)")) == (
        "https://akhbar.example/5",
    )


def test_article_patterns_see_the_shown_address():
    assert urls.matches_any("https://www.akhbar.example/story/71?utm_source=x", [r"/story/\d+$"])
    assert not urls.matches_any("https://www.akhbar.example/tag/71", [r"/story/\d+$"])


ADDRESS_TEXT = st.one_of(
    st.text(),
    st.text(alphabet="/.%25aAmp?&=#!;:@[]\\ \u0627\u0654\u0651\ud800\u200f-_0~+(", max_size=60),
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["http://", "https://www.akhbar.example", "//", "feed:", "HTTP:/", ""]),
        st.text(alphabet="abm./:@%[]\u0627 0-", max_size=30),
        st.text(alphabet="/.%25dD9aAmp?&=#!;:@\\ \u0627\u0654\u0651\ud800-_0~+(", max_size=60),
    ),
)


@settings(max_examples=600, deadline=None)
@given(ADDRESS_TEXT)
def test_any_text_gives_a_stable_key(text):
    key = urls.canonical(text)
    assert urls.canonical(key) == key
    assert urls.canonical(urls.display_url(text)) == key


@settings(max_examples=400, deadline=None)
@given(ADDRESS_TEXT, ADDRESS_TEXT)
def test_any_text_is_resolved_or_refused(base, href):
    result = urls.absolute(base, href)
    assert result is None or result.startswith(("http://", "https://"))
    assert result is None or not set(result) & set('\x00\n\r\t "<>\ud800')
    urls.same_site(base, href)
    urls.address_keys(href, (r"(\d+)",))


@settings(max_examples=300, deadline=None)
@given(ADDRESS_TEXT)
def test_shown_address_is_plain_ascii(text):
    shown = urls.display_url(text)
    if shown.startswith(("http://", "https://")) and urls.host(text):
        assert shown.isascii()
        assert not set(shown) & set(' "<>\\^`{|}')


@pytest.mark.parametrize(
    "part", ["%25", "a&", "/../x", "\u0651\u0670", "%D9%91", "/amp", "&amp;", ";sid=", ".m", "@:"]
)
@pytest.mark.timeout(60)
def test_hostile_length_costs_little(part):
    for before in ("https://akhbar.example/", "https://akhbar.example/?", "https://", ""):
        assert isinstance(urls.canonical(before + part * 200_000), str)
