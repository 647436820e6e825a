"""robots.txt as RFC 9309 reads it."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from aggregator.robots import ALLOW_ALL, DISALLOW_ALL, MAX_BYTES, parse

CASES = yaml.safe_load((Path(__file__).parent / "data/crawl/robots.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_paths_are_allowed_as_the_standard_says(case):
    robots = parse(case["text"].encode(), "aggregator")
    found = {path: robots.allows("https://a.test" + path) for path in case["paths"]}
    assert found == case["paths"]


@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("User-agent: *\nCrawl-delay: 10", 10.0),
        ("User-agent: *\nCrawl-delay: 0,5", 0.5),
        ("User-agent: *\nCrawl-delay: 10\nUser-agent: aggregator\nCrawl-delay: 3", 3.0),
        ("User-agent: *\nCrawl-delay: 10\nUser-agent: aggregator\nDisallow: /x", None),
        ("User-agent: x\nCrawl-delay: 10", None),
        ("User-agent: *\nCrawl-delay: soon", None),
        ("User-agent: *\nCrawl-delay: -1", None),
        ("User-agent: *\nCrawl-delay: inf", None),
        ("User-agent: *\nCrawl-delay: nan", None),
        ("User-agent: *\nCrawl-delay: 5 seconds", 5.0),
    ],
)
def test_crawl_delay_is_of_our_group(text, delay):
    assert parse(text.encode(), "aggregator").crawl_delay_s == delay


def test_sitemaps_are_kept_in_order_and_once():
    text = (
        "Sitemap: https://a.test/1\nUser-agent: x\nsitemap:https://a.test/2\n"
        "Sitemap: https://a.test/1\nSitemap: /no\nSitemap: file:///x"
    )
    assert parse(text.encode(), "aggregator").sitemaps == ("https://a.test/1", "https://a.test/2")


def test_only_the_first_half_megabyte_counts():
    body = b"User-agent: *\nDisallow: /a\n" + b"#" * MAX_BYTES + b"\nDisallow: /b"
    robots = parse(body, "aggregator")
    assert not robots.allows("http://a.test/a")
    assert robots.allows("http://a.test/b")


def test_constants():
    assert ALLOW_ALL.allows("http://a.test/a")
    assert not DISALLOW_ALL.allows("http://a.test/a")


@pytest.mark.timeout(60)
def test_hostile_rules_cost_linear_time():
    body = b"User-agent: *\n" + b"".join(
        b"Disallow: /" + b"*a" * 240 + b"b$\n" for _ in range(1000)
    )
    robots = parse(body, "aggregator")
    assert robots.allows("http://a.test/" + "a" * 8_000)


@given(
    st.binary(max_size=300)
    | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.text(max_size=50),
)
def test_no_file_and_no_path_break_the_reader(body, path):
    robots = parse(b"User-agent: *\nDisallow: /" + body, "aggregator")
    assert robots.allows("http://a.test/" + path.replace("[", "").replace("]", "")) in {True, False}
