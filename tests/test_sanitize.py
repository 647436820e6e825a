"""HTML: nothing but the allow-list comes out, in linear time, whatever goes in."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import sanitize
from aggregator.safe_xml import legal

BASE = "https://a.example/news/1"
ALLOWED_ATTRIBUTES = {
    *("dir", "lang", "href", "title", "src", "alt", "width", "height", "colspan", "rowspan"),
    *("scope", "start", "datetime", "rel"),
}


class Inventory(HTMLParser):
    """Every element, attribute and address of a document, read by another parser than ours."""

    def __init__(self, html: str):
        super().__init__()
        self.tags, self.attributes, self.addresses = [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes.append(name)
            if name in {"href", "src"}:
                self.addresses.append((tag, value or ""))

    def handle_comment(self, data):
        self.tags.append("comment")

    def handle_decl(self, decl):
        self.tags.append("declaration")

    def handle_pi(self, data):
        self.tags.append("instruction")


def assert_safe(html: str) -> None:
    found = Inventory(html)
    assert set(found.tags) <= sanitize.TAGS
    assert set(found.attributes) <= ALLOWED_ATTRIBUTES
    for tag, url in found.addresses:
        parts = urlsplit(url)
        if tag == "a" and parts.scheme == "mailto":
            continue
        assert parts.scheme in {"http", "https"}, url
        assert parts.netloc, url
    assert html == legal(html)


HOSTILE = [
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src='x' onerror='alert(1)' srcset='javascript:alert(1) 2x'>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' java\tscript:alert(1)'>x</a>",
    "<a href='&#106;avascript&colon;alert(1)'>x</a>",
    "<a href='\x01javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt:alert(1)//http://a'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
    "<a href='vbscript:x'>x</a><a href='file:///etc/passwd'>y</a>",
    "<a href='//evil.example/x'>protocol</a><a href='https:///x'>no host</a>",
    "<a href='http://a.example\\@evil.example/'>x</a>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='data:text/html,<script>alert(1)</script>'></object>",
    "<embed src='javascript:alert(1)'>",
    "<svg onload=alert(1)><a xlink:href='javascript:alert(1)'>x</a></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--><img src=x onerror=alert(1)>'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<form action='javascript:alert(1)'><button formaction='javascript:alert(1)'>x</button></form>",
    "<base href='javascript:alert(1)//'><a href='x'>y</a>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href='https://evil.example/x.css'><style>@import 'x'</style>",
    "<p style='background:url(javascript:alert(1))' class=x id=y data-x=z>t</p>",
    "<abbr title='<span x' lang='en'><img src=x onerror=alert(1)>z</abbr>",
    "<abbr title='<a href=x' dir='rtl'>z</abbr> <b title='\"><script>alert(1)</script>'>b</b>",
    "<p dir='rtl\" onclick=\"alert(1)'>x</p>",
    "<td><table><tr><td title='</td><script>'>x",
    "<xmp><script>alert(1)</script></xmp><plaintext><script>x</script>",
    "<![CDATA[<script>alert(1)</script>]]><?php echo 1 ?><!DOCTYPE x>",
    "<video><source onerror=alert(1) src='javascript:alert(1)'></video>",
    "<picture><source srcset='javascript:alert(1)'><img src='about:blank'></picture>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<p>a\x00b\x0bc &#0; &#1; &#xFFFE; &#xD800; ok</p>",
    "<div><<<>>><p/></div /></p></a></table>",
    "<a href='https://a.example/\"onmouseover=alert(1)'>x</a>",
    "<img alt='`onerror=alert(1)' src='https://a.example/`'>",
    "<ﬁ><p ﬀ=1>ﬃ</p>",
]


@pytest.mark.parametrize("html", HOSTILE)
def test_nothing_but_the_allow_list_comes_out(html):
    assert_safe(sanitize.clean(html, base_url=BASE))
    assert_safe(sanitize.clean(html))


PIECES = st.sampled_from(
    [
        *(
            "<p>",
            "</p>",
            "<b>",
            "</b>",
            "<a href='",
            "'>",
            '">',
            "</a>",
            "<img src=",
            " data-src='",
        ),
        *(
            "<div dir=rtl>",
            "</div>",
            "<span>",
            "</span>",
            "<iframe src='//v.example/1'>",
            "<table>",
        ),
        *("</iframe>", "<td>", "<script>", "</script>", "<!--", "-->", "<svg>", "<style>", "&#0;"),
        *(
            "<video>",
            "<source src=/v.mp4>",
            "</video>",
            "<picture>",
            "<h1>",
            "&lt;",
            "&amp;lt;",
            "<",
        ),
        *(
            ">",
            '"',
            "'",
            "&",
            "javascript:",
            "/x.jpg",
            "https://b.example/y.png",
            " alt=",
            "\n",
            "ن",
        ),
        *(
            "<object>",
            "</object>",
            "<noscript>",
            "<li>",
            "<ul>",
            "onerror=alert(1)",
            " title='<a ",
            "\x00",
        ),
    ]
)
SOUP = st.lists(PIECES | st.text(max_size=5), max_size=30).map("".join)


@settings(deadline=None, max_examples=300)
@given(SOUP)
def test_any_soup_comes_out_safe(html):
    assert_safe(sanitize.clean(html, base_url=BASE))


@settings(deadline=None, max_examples=300)
@given(SOUP)
def test_cleaning_twice_adds_nothing(html):
    once = sanitize.clean(html, base_url=BASE)
    twice = sanitize.clean(once, base_url=BASE)
    assert len(Inventory(twice).tags) <= len(Inventory(once).tags)
    assert sanitize.paragraphs(twice) == sanitize.paragraphs(once)


@settings(deadline=None)
@given(st.text(max_size=100))
def test_plain_text_survives_as_a_paragraph(text):
    html = sanitize.from_paragraphs([text])
    expected = " ".join(legal(text).split())
    assert sanitize.to_text(html) == expected


KEPT = [
    ("<p>نص <b>غامق</b></p>", "<p>نص <b>غامق</b></p>"),
    ("<p dir=rtl lang=ar>نص</p>", '<p dir="rtl" lang="ar">نص</p>'),
    ("<p dir=sideways lang='x y'>t</p>", "<p>t</p>"),
    ("<h1>T</h1>x", "<h2>T</h2>x"),
    ("<section>a</section><article>b</article>", "<div>a</div><div>b</div>"),
    ("a<span>b</span>c<span dir=ltr>d</span>", 'abc<span dir="ltr">d</span>'),
    ("<p>&nbsp;</p><div><p> <br></p></div><p>x</p>", "<p>x</p>"),
    ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
    (
        "<table><tr><th scope=col>a<td colspan=2>b</table>",
        '<table><tbody><tr><th scope="col">a</th><td colspan="2">b</td></tr></tbody></table>',
    ),
    (
        "<figure><img src=/a.jpg><figcaption>c</figcaption></figure>",
        '<figure><img src="https://a.example/a.jpg"><figcaption>c</figcaption></figure>',
    ),
    ("<img src=/a alt=ص width=9>", '<img src="https://a.example/a" alt="ص" width="9">'),
    ("<time datetime='2025-11-07T10:00'>x</time>", '<time datetime="2025-11-07T10:00">x</time>'),
    ("<strike>a</strike><font color=red>b</font>", "<s>a</s>b"),
]


@pytest.mark.parametrize(("html", "expected"), KEPT)
def test_what_a_news_text_needs_is_kept(html, expected):
    assert sanitize.clean(html, base_url=BASE) == expected


LINKS = [
    ("/x", "https://a.example/x"),
    ("x?a=1&amp;b=2#c", "https://a.example/news/x?a=1&b=2#c"),
    ("//b.example/x", "https://b.example/x"),
    (" https://b.example/x y ", "https://b.example/x%20y"),
    ("https://b.example/\nx", "https://b.example/x"),
    ("https://b.example/أخبار", "https://b.example/أخبار"),
    ("mailto:a@b.example", "mailto:a@b.example"),
    ("mailto:", None),
    ("", None),
    ("tel:123", None),
    ("ftp://b.example/", None),
    ("http://[::1", None),
    ("https://", None),
]


@pytest.mark.parametrize(("href", "expected"), LINKS)
def test_links_become_absolute_or_go(href, expected):
    found = Inventory(sanitize.clean(f'<a href="{href}">t</a>', base_url=BASE)).addresses
    assert found == ([("a", expected)] if expected else [])


def test_without_a_base_relative_links_go():
    assert sanitize.clean("<a href='/x'>t</a><img src='/y.jpg'>") == "t"


PICTURES = [
    ("<img src='/a.jpg'>", ["https://a.example/a.jpg"]),
    ("<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>", []),
    ("<img src='data:image/gif;base64,R0lGODlhAQ' data-src='/a.jpg'>", ["https://a.example/a.jpg"]),
    ("<img src='/img/placeholder.png' data-lazy-src='/a.jpg'>", ["https://a.example/a.jpg"]),
    ("<img src='/small.jpg' data-original='/big.jpg'>", ["https://a.example/big.jpg"]),
    ("<img src='/spacer.gif'>", []),
    ("<img src='https://t.example/p.gif' width=1 height=1>", []),
    ("<img srcset='/a.jpg 300w, /b.jpg 900w, /c.jpg 600w'>", ["https://a.example/b.jpg"]),
    (
        "<picture><source srcset='/a.webp 1x, /b.webp 2x'><img data-x=1></picture>",
        ["https://a.example/b.webp"],
    ),
    (
        "<img src='data:,x' data-src='/a.jpg'><noscript><img src='/a.jpg'></noscript>",
        ["https://a.example/a.jpg"],
    ),
    ("<amp-img src='/a.jpg' width=4 height=3></amp-img>", ["https://a.example/a.jpg"]),
    ("<img alt='a > b' src='/a.jpg'>", ["https://a.example/a.jpg"]),
    ("<img src='/a.jpg' onload='x(\"'>", ["https://a.example/a.jpg"]),
]


@pytest.mark.parametrize(("html", "expected"), PICTURES)
def test_pictures_get_their_real_address(html, expected):
    found = Inventory(sanitize.clean(html, base_url=BASE))
    assert [url for tag, url in found.addresses if tag == "img"] == expected
    assert "srcset" not in found.attributes


PLAYERS = [
    (
        "<iframe src='https://www.youtube.com/embed/abc-DEF_123?rel=0'>no frames</iframe>",
        ["https://www.youtube.com/watch?v=abc-DEF_123"],
    ),
    (
        "<iframe src='https://www.facebook.com/plugins/post.php?href=https%3A%2F%2Ffb.example%2Fp'></iframe>",
        ["https://fb.example/p"],
    ),
    ("<video src='/v.mp4'>your browser is old</video>", ["https://a.example/v.mp4"]),
    (
        "<video poster=/p.jpg><source src='/v.mp4'><source src='/v.webm'>old</video>",
        ["https://a.example/v.mp4", "https://a.example/v.webm"],
    ),
    ("<audio controls src=/a.mp3></audio>", ["https://a.example/a.mp3"]),
    ("<embed src='/e.swf'>", ["https://a.example/e.swf"]),
    ("<object data='/o.pdf'>old</object>", ["https://a.example/o.pdf"]),
    ("<iframe src='about:blank'></iframe>", []),
]


@pytest.mark.parametrize(("html", "expected"), PLAYERS)
def test_players_become_links(html, expected):
    out = sanitize.clean(f"<p>before</p>{html}<p>after</p>", base_url=BASE)
    assert [url for _, url in Inventory(out).addresses] == expected
    assert out.startswith("<p>before</p>")
    assert out.endswith("<p>after</p>")
    assert "old" not in out
    assert "no frames" not in out


def test_text_is_cut_into_its_blocks():
    html = "<h2>عنوان</h2>سطر<br>آخر<p>5 &lt; 6</p><table><tr><td>أ</td><td>ب</td></tr></table>"
    assert sanitize.paragraphs(html) == ("عنوان", "سطر", "آخر", "5 < 6", "أ ب")


def test_paragraphs_carry_their_direction():
    assert sanitize.from_paragraphs(("أ", "b & c"), "rtl") == (
        '<p dir="rtl">أ</p><p dir="rtl">b &amp; c</p>'
    )


WILD = {
    "divs": "<div>" * 100_000 + "x" + "</div>" * 100_000,
    "bold": "<b>" * 50_000,
    "bold-differently": "".join(f"<b a={i}>" for i in range(190)) + "<p>" * 50_000,
    "lists": "<ul><li>" * 50_000,
    "tables": "<table><tr><td>" * 30_000,
    "breaks": "<br>" * 2_500_000,
    "attributes": "<p " + " ".join(f"a{i}=1" for i in range(200_000)) + ">x</p>",
    "brackets": "<" * 1_000_000,
    "comments": "<!--" * 250_000,
    "ampersands": "&" * 1_000_000,
    "references": "x&amp;" * 200_000,
    "open-quotes": '<img "' * 200_000,
    "open-images": "<img src='" * 100_000,
    "images": "<img src=a>" * 100_000,
    "frames": "<iframe>" * 100_000,
    "long-srcset": '<img srcset="' + "a 1w, " * 200_000 + '">',
    "data-addresses": "<img src='data:image/png;base64," + "A" * 1_000_000 + "'>",
    "blank-paragraphs": "<p>&nbsp;" * 100_000,
    "scripts": "<script>" * 200_000,
    "one-long-tag": "<p title='" + "x" * 2_000_000,
}


@pytest.mark.parametrize("html", WILD.values(), ids=WILD.keys())
@pytest.mark.timeout(60)
def test_wild_input_ends_in_time_and_safe(html):
    out = sanitize.clean(html, base_url=BASE)
    assert_safe(out)


def test_too_deep_a_document_keeps_its_text_without_its_scripts():
    html = "<div>" * 300 + "<script>evil()</script>one<p>two &amp; three"
    assert sanitize.clean(html) == "<p>one</p><p>two &amp; three</p>"
