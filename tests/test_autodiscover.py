from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
import yaml

from aggregator import autodiscover, catalogue
from aggregator.autodiscover import addresses, candidates
from aggregator.errors import ParseError
from aggregator.seeds import listing
from aggregator.types import Page
from aggregator.urls import address_keys, canonical, matches_any
from tests.miniweb import World
from tests.seed_cases import rss

NOW = datetime(2025, 11, 10, 12, tzinfo=UTC)
HOME = "https://www.akhbar.com.eg/"


class Web:
    """Pages by address; remembers what was asked for."""

    def __init__(self, pages):
        self.pages = pages
        self.asked = []

    def __call__(self, url):
        self.asked.append(url)
        found = self.pages.get(url)
        if found is None:
            return Page(url=url, body=b"nothing here", status=404)
        body, kind = found if isinstance(found, tuple) else (found, "text/html; charset=utf-8")
        body = body.encode() if isinstance(body, str) else body
        return Page(url=url, body=body, headers={"content-type": kind})


def items(numbers, *, day="07", section="story"):
    return "".join(
        f"<item><title>خبر رقم {n} عن الانتخابات في القاهرة</title>"
        f"<link>{HOME}{section}/{n}?utm_source=rss</link>"
        f"<pubDate>Fri, {day} Nov 2025 10:00:00 +0200</pubDate></item>"
        for n in numbers
    )


def home(head="", body=""):
    links = "".join(
        f"<div class='card'><h3><a href='/story/{n}'>عنوان طويل من كلمات كثيرة عن {n}</a></h3>"
        f"</div>"
        for n in range(71000, 71012)
    )
    return (
        '<html lang="ar-EG"><head><title>بوابة أخبار مصر | الرئيسية</title>'
        f'<meta property="og:site_name" content="بوابة أخبار مصر">{head}</head>'
        f"<body><nav><a href='/section/sport'>رياضة</a></nav>{links}{body}</body></html>"
    )


DECLARED = '<link rel="alternate" type="application/rss+xml" title="أخبار" href="/rss">'
ARTICLE = "<html><body><h1>عنوان</h1></body></html>"


def site(**more):
    pages = {
        HOME: home(DECLARED),
        f"{HOME}rss": rss(items(range(71000, 71012))),
        f"{HOME}story/71000?utm_source=rss": ARTICLE,
        f"{HOME}story/71000": ARTICLE,
    }
    return Web({**pages, **{f"{HOME}{k}": v for k, v in more.items()}})


def discover(web, url=HOME):
    return autodiscover.discover(url, web, now=NOW)


def facts(draft):
    return {fact.field: (fact.value, fact.certainty) for fact in draft.facts}


def test_declared_feed_and_what_the_site_says_of_itself():
    draft = discover(site())
    source = draft.source
    assert source.id == "akhbar"
    assert source.name == "بوابة أخبار مصر"
    assert (source.country, source.timezone, source.language) == ("EG", "Africa/Cairo", "ar")
    assert source.kind == "portal"
    assert [(s.kind, s.url, s.enabled) for s in source.seeds] == [
        ("feed", f"{HOME}rss", True),
        ("listing", HOME, False),
    ]
    assert source.seeds[1].links == "h3 a"
    assert matches_any(f"{HOME}story/71999", source.article_patterns)
    assert not matches_any(f"{HOME}section/sport", source.article_patterns)
    assert address_keys(f"{HOME}story/71999", source.identity_patterns)[1:] == ("id:71999",)
    assert draft.article.body == ARTICLE.encode()
    known = facts(draft)
    assert known["name"][1] == known["country"][1] == known["language"][1] == "sure"
    assert known[f"{HOME}rss"][1] == "sure"


def test_file_of_a_draft_is_one_that_the_catalogue_reads(tmp_path):
    draft = discover(site())
    path = tmp_path / "akhbar.yaml"
    path.write_text(autodiscover.to_yaml(draft), encoding="utf-8")
    source = catalogue.load_file(path)
    assert source.seeds == draft.source.seeds
    assert (source.name, source.identity_patterns) == (
        draft.source.name,
        draft.source.identity_patterns,
    )
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# kind: likely")


def test_feed_in_a_common_place_is_found():
    web = site()
    web.pages[HOME] = home()
    assert discover(web).source.seeds[0].url == f"{HOME}rss"
    del web.pages[f"{HOME}rss"]
    web.pages[f"{HOME}index.php?format=feed&type=rss"] = rss(items(range(71000, 71012)))
    assert "format=feed" in discover(web).source.seeds[0].url


def test_page_about_feeds_is_followed():
    web = site(
        **{
            "rss-page": "<html><a href='/rss/1'>عام</a><a href='/rss/2'>رياضة</a></html>",
            "rss/1": rss(items(range(1000, 1010))),
            "rss/2": rss(items(range(2000, 2010))),
        }
    )
    web.pages[HOME] = home(body="<a href='/rss-page'><img src='r.png' alt='RSS'></a>")
    del web.pages[f"{HOME}rss"]
    urls = [seed.url for seed in discover(web).source.seeds if seed.kind == "feed"]
    assert urls == [f"{HOME}rss/1", f"{HOME}rss/2"]


def test_feed_that_repeats_is_stale_empty_or_of_comments_is_left_out():
    extra = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="/{name}">'
        for name in ("rss", "same", "old", "none", "comments/feed", "other")
    )
    web = site(
        same=rss(items(range(71000, 71012))),
        old=rss(items(range(1, 5)).replace("2025", "2019")),
        none=rss(""),
        other=rss(items(range(5000, 5005), section="sport")),
        **{"comments/feed": rss(items(range(9)))},
    )
    web.pages[HOME] = home(extra)
    draft = discover(web)
    assert [s.url for s in draft.source.seeds if s.kind == "feed"] == [f"{HOME}rss", f"{HOME}other"]
    assert f"{HOME}comments/feed" not in web.asked
    notes = " ".join(draft.notes)
    assert "nothing that others do not say" in notes
    assert "stale since 2019" in notes
    assert "without entries" in notes


def test_address_of_a_feed_leads_to_its_site():
    draft = discover(site(), f"{HOME}rss")
    assert draft.source.homepage == "https://akhbar.example/"  # where the feed says it belongs
    web = site()
    web.pages[f"{HOME}rss"] = rss(items(range(71000, 71012))).replace(
        "https://akhbar.example/", HOME
    )
    draft = discover(web, f"{HOME}rss")
    assert draft.source.homepage == HOME
    assert [s.url for s in draft.source.seeds if s.kind == "feed"] == [f"{HOME}rss"]
    assert web.asked.count(f"{HOME}rss") == 1


def news_map(numbers):
    rows = "".join(
        f"<url><loc>{HOME}story/{n}</loc><news:news><news:publication_date>2025-11-09T10:00:00Z"
        f"</news:publication_date><news:title>خبر عن الانتخابات {n}</news:title></news:news></url>"
        for n in numbers
    )
    return (
        (
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
            f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{rows}</urlset>'
        ),
        "application/xml",
    )


def test_news_map_of_robots_txt_is_a_seed_of_its_own():
    index = (
        f"<sitemapindex><sitemap><loc>{HOME}posts.xml</loc></sitemap>"
        f"<sitemap><loc>{HOME}news.xml</loc></sitemap></sitemapindex>"
    )
    web = site(
        **{
            "robots.txt": f"User-agent: *\nDisallow: /private\nSitemap: {HOME}maps.xml",
            "maps.xml": (index, "application/xml"),
            "news.xml": news_map(range(71005, 71015)),
        }
    )
    draft = discover(web)
    assert [(s.kind, s.url) for s in draft.source.seeds if s.enabled] == [
        ("feed", f"{HOME}rss"),
        ("sitemap", f"{HOME}news.xml"),
    ]


def test_plain_map_is_a_seed_only_where_there_is_no_feed():
    rows = "".join(
        f"<url><loc>{HOME}story/{n}</loc><lastmod>2025-11-09</lastmod></url>"
        for n in range(71000, 71010)
    )
    web = site(**{"sitemap.xml": (f"<urlset>{rows}</urlset>", "application/xml")})
    draft = discover(web)
    assert all(seed.kind != "sitemap" for seed in draft.source.seeds)
    assert "not needed beside feeds" in " ".join(draft.notes)
    del web.pages[f"{HOME}rss"]
    web.asked.clear()
    seeds = discover(web).source.seeds
    assert [(s.kind, s.url, s.enabled) for s in seeds] == [
        ("sitemap", f"{HOME}sitemap.xml", True),
        ("listing", HOME, False),
    ]


def test_home_page_alone_is_read_as_a_listing():
    draft = discover(Web({HOME: home()}))
    (seed,) = draft.source.seeds
    assert (seed.kind, seed.enabled, seed.links) == ("listing", True, "h3 a")
    assert facts(draft)[HOME][1] == "likely"


def test_robots_txt_is_obeyed():
    web = site(**{"robots.txt": "User-agent: aggregator\nDisallow: /rss\nDisallow: /story"})
    draft = discover(web)
    assert f"{HOME}rss" not in web.asked
    assert f"robots.txt forbids {HOME}rss" in draft.notes
    assert draft.article is None


def test_requests_are_few_and_none_twice():
    many = "".join(f"<a href='/feed/{n}'>RSS</a>" for n in range(500))
    web = Web({HOME: home(body=many), **{f"{HOME}feed/{n}": rss(items([n])) for n in range(500)}})
    draft = discover(web)
    assert len([s for s in draft.source.seeds if s.kind == "feed"]) == 8
    assert len(web.asked) == len(set(web.asked)) <= 45
    web = Web({HOME: home(body=many)})
    discover(web)
    assert len(web.asked) <= 45


@pytest.mark.parametrize("label", ["header", "none"])
def test_charset_is_stated_only_where_the_site_does_not(label):
    words = "قالت وزارة الأرصاد الجوية إن الأمطار ستستمر على الساحل الشمالي حتى مساء الأحد. " * 20
    body = home(DECLARED, f"<p>{words}</p>").encode("cp1256", "xmlcharrefreplace")
    kind = "text/html; charset=windows-1256" if label == "header" else "text/html"
    web = site()
    web.pages[HOME] = (body, kind)
    draft = discover(web)
    assert draft.source.charset == (None if label == "header" else "windows-1256")
    assert draft.source.name == "بوابة أخبار مصر"


@pytest.mark.parametrize(
    ("head", "body", "url", "country", "certainty"),
    [
        ("", "", "https://akhbar.example/", "ZZ", "guess"),
        (
            '<meta property="og:locale" content="ar_MA">',
            "",
            "https://akhbar.example/",
            "MA",
            "likely",
        ),
        ("", '<a href="tel:+96612345678">اتصل</a>', "https://akhbar.tv/", "SA", "likely"),
        (
            (
                '<script type="application/ld+json">{"@graph":[{"@type":"NewsMediaOrganization",'
                '"name":"أخبار","address":{"addressCountry":"LB"}}]}</script>'
            ),
            '<a href="tel:+9611234567">x</a>',
            "https://akhbar.example/",
            "LB",
            "sure",
        ),
        ("", "", "https://akhbar.dz/", "DZ", "sure"),
    ],
)
def test_country_by_its_signs(head, body, url, country, certainty):
    text = home(head, body).replace(' lang="ar-EG"', ' lang="ar"')
    known = facts(discover(Web({url: text}), url))
    assert known["country"] == (country, certainty)


@pytest.mark.parametrize(
    ("pages", "url", "reason"),
    [
        ({}, HOME, "HTTP 404"),
        ({HOME: ""}, HOME, "empty"),
        ({HOME: "<html><p>nothing</p></html>"}, HOME, "no feed, no sitemap"),
        ({}, "javascript:x", "no web address"),
        ({}, "", "no web address"),
    ],
)
def test_what_is_no_site_is_named(pages, url, reason):
    with pytest.raises(ParseError, match=reason):
        discover(Web(pages), url)


def test_page_that_cannot_be_fetched_is_named():
    with pytest.raises(ParseError, match="cannot be fetched"):
        autodiscover.discover(HOME, lambda _url: None, now=NOW)


@pytest.mark.parametrize(
    ("urls", "known", "other"),
    [
        (
            [f"https://alwafd.example/{5596662 + 7 * n}" for n in range(12)],
            ("https://www.alwafd.example/999999", "id:999999"),
            "https://alwafd.example/section",
        ),
        (
            [
                f"https://a.example/story/2025/11/{1 + n % 9}/عنوان-{n}/{6982694 + n}"
                for n in range(12)
            ],
            ("https://a.example/story/2026/1/2/عنوان-اخر/7000000", "id:7000000"),
            "https://a.example/story/tag/x",
        ),
        (
            [f"https://a.example/news/عنوان-2025-{n}-{1720044 + n}.html" for n in range(12)],
            ("https://a.example/news/عنوان-1800000.html", "id:1800000"),
            "https://a.example/news/about.html",
        ),
        (
            [
                f"https://a.example/{'sport' if n % 2 else 'eco'}/{4000 + n}-some-slug-{n}"
                for n in range(12)
            ],
            ("https://a.example/art/5000-other", "id:5000"),
            "https://a.example/art",
        ),
        (
            [f"https://a.example/view.php?cat={n % 3}&id={n + 500}" for n in range(12)],
            ("https://a.example/view.php?id=77&cat=1", "id:77"),
            "https://a.example/view.php?cat=1",
        ),
    ],
)
def test_patterns_of_articles_and_their_numbers(urls, known, other):
    articles, identities = addresses.patterns(urls)
    assert all(matches_any(url, articles) for url in urls)
    assert matches_any(known[0], articles)
    assert not matches_any(other, articles)
    assert address_keys(known[0], identities)[1:] == (known[1],)


@pytest.mark.parametrize(
    "urls",
    [
        [f"https://a.example/{word}" for word in ["home", "about", "sport", "news", "eco", "art"]],
        [f"https://{n}.example/story/{n}00000" for n in range(12)],
        [f"https://a.example/story/{n}00000" for n in range(4)],
        [],
    ],
)
def test_no_pattern_rather_than_a_wrong_one(urls):
    assert addresses.patterns(urls) == ((), ())


def test_years_and_repeated_numbers_are_no_identity():
    urls = [f"https://a.example/{2020 + n % 5}/some-slug-{'x' * n}/" for n in range(12)]
    articles, identities = addresses.patterns(urls)
    assert articles
    assert identities == ()


def test_selector_is_only_given_where_it_finds_the_links_and_little_else():
    page = Page(url=HOME, body=home().encode())
    root = listing.tree(page.body)
    wanted = frozenset(canonical(f"{HOME}story/{n}") for n in range(71000, 71012))
    assert candidates.links_selector(root, HOME, wanted) == "h3 a"
    few = frozenset(list(wanted)[:2])
    assert candidates.links_selector(root, HOME, few) is None


def test_every_site_of_the_small_web_is_found():
    world = World(sources=30, per_source=25, port=8900).build(0)
    now = datetime(2025, 11, 10, 9, tzinfo=UTC)

    def fetch(url):
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        status, kind, body, *_ = world.get(parts.hostname, target)
        return Page(url=url, body=body, status=status, headers={"content-type": kind})

    for each in world.sources:
        draft = autodiscover.discover(f"{each.base}/", fetch, now=now)
        enabled = {
            (seed.kind, seed.url.removeprefix(each.base))
            for seed in draft.source.seeds
            if seed.enabled
        }
        if each.feed != "none":
            assert ("feed", each.feed_path) in enabled
        if each.sitemap == "news":
            assert ("sitemap", "/sitemap-news.xml") in enabled
        assert enabled
        assert draft.source.name == each.name
        assert draft.source.language == each.lang
        live = [each.base + a.path(0, world) for a in each.live(0)]
        assert all(matches_any(url, draft.source.article_patterns) for url in live)
        assert not matches_any(f"{each.base}/section/sport", draft.source.article_patterns)
        catalogue.from_mapping(yaml.safe_load(autodiscover.to_yaml(draft)))
