"""HTML from the net made safe to show: an allow-list, absolute links, ``dir`` and ``lang`` kept.

:func:`clean` gives HTML that a page or a feed may contain as it stands: elements of a news text
only, links to http, https and mailto only, pictures with a real address, embedded players as
links. It never raises and takes linear time: depth, length and number of attributes are bounded
before the parser (html5ever behind nh3) sees anything, since its time grows with their squares.
No network, no files.
"""

import re
import threading
from collections.abc import Iterable, Iterator
from html import escape, unescape
from typing import Final
from urllib.parse import parse_qs, urljoin, urlsplit

import nh3

from aggregator.safe_xml import legal
from aggregator.types import Direction

#: Characters of HTML that are looked at; the rest is cut.
MAX_LENGTH: Final = 2_000_000
#: Nesting beyond which only the text is kept: no article needs it, and time grows with it.
MAX_DEPTH: Final = 200
#: Tags and ampersands beyond which only the text is kept, for the same reason.
MAX_TAGS: Final = 60_000
MAX_AMPERSANDS: Final = 20_000
_MAX_WILD_LENGTH: Final = 500_000

TAGS: Final = frozenset(
    {
        *("p", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "blockquote"),
        *("q", "pre", "code", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
        *("figure", "figcaption", "img", "a", "br", "hr", "div", "span", "strong", "em", "b", "i"),
        *("u", "s", "sup", "sub", "small", "mark", "time", "cite", "abbr", "bdi", "bdo"),
        *("ruby", "rt", "rp"),
    }
)
_ATTRIBUTES: Final = {
    "*": {"dir", "lang"},
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
    "time": {"datetime"},
    "abbr": {"title"},
}
_WITH_CONTENT: Final = frozenset(
    {
        *("script", "style", "template", "svg", "math", "select", "textarea", "button", "title"),
        *("head", "iframe", "object", "applet", "noembed", "noframes", "xmp", "plaintext"),
    }
)

# A tag whose attribute values may hold ">"; possessive, and each value bounded: linear.
_REST: Final = r"""((?:[^<>"']|"[^"<]{0,4000}"|'[^'<]{0,4000}'|["']){0,400}+)>"""
_MEDIA: Final = re.compile(
    r"<(/?)(img|iframe|embed|object|video|audio|source|picture|noscript|amp-img|amp-iframe)\b"
    + _REST,
    re.IGNORECASE,
)
_HAS_MEDIA: Final = re.compile(r"<(?:im|if|em|ob|vi|au|so|pi|nos|am)", re.IGNORECASE)
_PLAYER_END: Final = re.compile(r"</(iframe|object|video|audio|amp-iframe)", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(
    r"""([a-zA-Z][a-zA-Z0-9:-]{0,60})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"""
)
_OVERLONG_TAG: Final = re.compile(r"<[a-zA-Z/!?][^<>]{10000,}+>?")
_DATA_ADDRESS: Final = re.compile(r"""\bdata:[a-zA-Z]+/[^\s"'<>]{50,}+""")
_RENAMED: Final = re.compile(
    r"<(/?)(h1|section|article|main|header|footer|center|address|details|summary|strike|del|ins|"
    r"font|tt|big|dir|menu|acronym)(?=[\s/>])",
    re.IGNORECASE,
)
_NEW_NAMES: Final = {
    "h1": "h2",
    "strike": "s",
    "del": "s",
    "ins": "u",
    "font": "span",
    "big": "span",
    "tt": "code",
    "dir": "ul",
    "menu": "ul",
    "acronym": "abbr",
}
_TAG_NAME: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)")
# Elements that never nest by being left open: their like, or their parent, closes them.
_SHALLOW: Final = frozenset(
    {
        *("p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option", "br"),
        *("img", "hr", "input", "meta", "link", "source", "wbr", "col", "area", "embed", "base"),
        *("param", "track", "colgroup"),
    }
)
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,6}")
_NUMBER: Final = re.compile(r"[0-9]{1,5}")
# Browsers ignore controls in an address; zero-width joiners stay, Persian slugs have them.
_INVISIBLE: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]+"
)
# Each of these is an error to the parser, and the next takes it longer; browsers show none.
_CONTROL: Final = re.compile(r"[\x7f-\x9f]")
# What the URL standard forbids in a host, a blank by its escape.
_NO_HOST: Final = re.compile(r"[\\<>^|]|%20")
# What stands in `src` while the picture waits for a script.
_PLACEHOLDER: Final = re.compile(
    r"(?:^data:|^about:|^\s*$|\b(?:blank|spacer|placeholder|lazy(?:load)?|loading|loader|pixel|"
    r"transparent|1x1|grey|default-image)[\w-]*\.(?:gif|png|svg|jpe?g|webp)\b)",
    re.IGNORECASE,
)
_LAZY: Final = ("data-src", "data-lazy-src", "data-original", "data-lazy", "data-image", "data-url")
_LAZY_SETS: Final = ("srcset", "data-srcset", "data-lazy-srcset")

_PAIR: Final = re.compile(r"<(/?)(span|a)((?:\s[^<>]*+)?)>")
_IMAGE_WITHOUT_ADDRESS: Final = re.compile(r"<img(?![^<>]* src=)[^<>]*>")
_EMPTY: Final = re.compile(
    r"<(p|h[2-6]|li|blockquote|figcaption|figure|div|ul|ol)(?:\s[^<>]*+)?>"
    r"(?:\s|&nbsp;|<br>)*+</\1>"
)
_BREAK: Final = re.compile(
    r"</?(?:p|h[1-6]|ul|ol|li|dl|dt|dd|blockquote|pre|table|caption|tr|figure|figcaption|div|br|hr)"
    r"(?:\s[^<>]*+)?>"
)
_CELL: Final = re.compile(r"</t[hd]>")
_ANY_TAG: Final = re.compile(r"<[^<>]*+>")


def clean(html: str, *, base_url: str | None = None) -> str:
    """Return the HTML with allowed elements only and absolute links; never raises.

    Args:
        html: a fragment or a page of any kind.
        base_url: what relative addresses are relative to; None drops them.
    """
    if "<" not in html and "&" not in html:
        return legal(html)[:MAX_LENGTH]
    html = legal(html)[:MAX_LENGTH]
    if len(html) > 10000 or "data:" in html:
        html = _OVERLONG_TAG.sub("", _DATA_ADDRESS.sub("data:", html))
    if _too_wild(html):
        return from_paragraphs(_rough_lines(html[:_MAX_WILD_LENGTH]))
    if len(html) > MAX_AMPERSANDS and len(_CONTROL.findall(html)) > MAX_AMPERSANDS:
        html = _CONTROL.sub("", html)
    if _HAS_MEDIA.search(html):
        html = _MEDIA.sub(_Media(html, base_url), html)
    html = _RENAMED.sub(_rename, html)
    _local.base_url = base_url
    cleaned = _cleaner().clean(html)
    if "&#" in html:  # References to illegal characters have become these characters.
        cleaned = legal(cleaned)
    return _tidy(cleaned).strip()


def to_text(html: str) -> str:
    r"""Return the text of the HTML, one line for each block, blanks collapsed.

    >>> to_text("<p>one <b>bold</b></p><ul><li>two</li><li>three &amp; four</li></ul>")
    'one bold\ntwo\nthree & four'
    """
    return "\n".join(paragraphs(html))


def paragraphs(html: str) -> tuple[str, ...]:
    """Return the text blocks of the HTML as plain text, none of them empty."""
    html = clean(html)
    text = _CELL.sub(" ", _BREAK.sub("\n", html.replace("\n", " ")))
    return _lines(_ANY_TAG.sub("", text))


def from_paragraphs(texts: Iterable[str], direction: Direction | None = None) -> str:
    """Return plain paragraphs as HTML, each with its ``dir`` where one is given.

    >>> from_paragraphs(["5 < 6"], "ltr")
    '<p dir="ltr">5 &lt; 6</p>'
    """
    start = f'<p dir="{direction}">' if direction else "<p>"
    return "".join(f"{start}{escape(legal(text), quote=False)}</p>" for text in texts)


def address(url: str, base_url: str | None = None, *, mail: bool = False) -> str | None:
    r"""Return the absolute http or https address, or None where there is no safe one.

    Control characters inside go, since browsers ignore them; blanks become ``%20``.

    Args:
        url: as it stands in the document.
        base_url: the document's own address.
        mail: mailto is an answer too.

    >>> address(" java\tscript:alert(1)")
    >>> address("/a b", "https://a.example/x")
    'https://a.example/a%20b'
    """
    url = "%20".join(_INVISIBLE.sub("", url[:8000]).split())
    if not url:
        return None
    try:
        absolute = urljoin(base_url, url) if base_url else url
        parts = urlsplit(absolute)
    except ValueError:
        return None
    if mail and parts.scheme == "mailto" and "@" in parts.path:
        return absolute.replace('"', "%22").replace("<", "%3C").replace(">", "%3E")
    if parts.scheme not in {"http", "https"} or not parts.netloc or _NO_HOST.search(parts.netloc):
        return None
    return absolute.replace('"', "%22").replace("<", "%3C").replace(">", "%3E")


def _too_wild(html: str) -> bool:
    tags = html.count("<")
    if tags <= MAX_DEPTH and len(html) < MAX_AMPERSANDS:
        return False
    return tags > MAX_TAGS or html.count("&") > MAX_AMPERSANDS or _too_deep(html)


def _rough_lines(html: str) -> tuple[str, ...]:
    lowered = html.lower()
    for name in ("script", "style"):
        kept, position = [], 0
        while (start := lowered.find(f"<{name}", position)) >= 0:
            kept.append(html[position:start])
            end = lowered.find(f"</{name}", start)
            position = end if end >= 0 else len(html)
        html = "".join(kept) + html[position:]
        lowered = html.lower()
    return _lines(_ANY_TAG.sub("\n", html))


def _too_deep(html: str) -> bool:
    depth = 0
    for match in _TAG_NAME.finditer(html):
        name = match[2].lower()
        if name in _SHALLOW:
            continue
        if match[1]:
            depth = max(0, depth - 1)
        else:
            depth += 1
            if depth > MAX_DEPTH:
                return True
    return False


def _rename(match: re.Match[str]) -> str:
    return f"<{match[1]}{_NEW_NAMES.get(match[2].lower(), 'div')}"


class _Media:
    """Turn pictures and players, tag by tag, into ``img`` with a real address and links.

    What stands inside a player ("your browser cannot show this") goes: it is put into ``object``,
    whose content the cleaner removes.
    """

    def __init__(self, html: str, base_url: str | None) -> None:
        self._base_url = base_url
        self._closed = {name.lower() for name in _PLAYER_END.findall(html)}
        self._seen: set[str] = set()
        self._waiting: str | None = None  # from <source> of an open <picture>
        self._open: str | None = None  # the player or picture that we are in

    def __call__(self, match: re.Match[str]) -> str:
        name = match[2].lower()
        if match[1]:
            return self._end(name)
        attributes = {
            each[1].lower(): unescape(each[2] or each[3] or each[4] or "")
            for each in _ATTRIBUTE.finditer(match[3])
        }
        if name in {"img", "amp-img"}:
            return self._image(attributes)
        if name == "source":
            return self._source(attributes)
        if name == "picture":
            self._open = name
        if name in {"picture", "noscript"}:
            return ""
        return self._player(name, attributes)

    def _end(self, name: str) -> str:
        if name != self._open:
            return ""
        self._open = self._waiting = None
        return "" if name == "picture" else "</object>"

    def _player(self, name: str, attributes: dict[str, str]) -> str:
        source = attributes.get("data" if name == "object" else "src") or attributes.get("data-src")
        link = self._link(source or "")
        if name in self._closed and self._open is None:
            self._open = name
            return link + "<object>"
        return f"</object>{link}<object>" if self._open else link

    def _image(self, attributes: dict[str, str]) -> str:
        url = next(self._candidates(attributes), None)
        self._waiting = None
        if url is None or url in self._seen or _is_pixel(attributes):
            return ""
        self._seen.add(url)
        kept = [f'<img src="{escape(url)}"']
        kept += [
            f' {name}="{escape(attributes[name])}"'
            for name in ("alt", "width", "height", "dir", "lang")
            if attributes.get(name)
        ]
        return "".join(kept) + ">"

    def _candidates(self, attributes: dict[str, str]) -> Iterator[str]:
        source = attributes.get("src", "")
        lazy = [attributes[name] for name in _LAZY if attributes.get(name)]
        sets = [_largest(attributes[name]) for name in _LAZY_SETS if attributes.get(name)]
        waiting = [self._waiting] if self._waiting else []
        # A filled data-src says that src is only a stand-in.
        for url in (*lazy, source, *sets, *waiting):
            if not _PLACEHOLDER.search(url) and (good := address(url, self._base_url)):
                yield good

    def _source(self, attributes: dict[str, str]) -> str:
        if self._open == "picture":
            if self._waiting is None:
                choice = attributes.get("srcset") or attributes.get("data-srcset")
                self._waiting = _largest(choice) if choice else None
            return ""
        link = self._link(attributes.get("src", ""))
        return f"</object>{link}<object>" if self._open and link else link

    def _link(self, url: str) -> str:
        good = address(_watchable(url), self._base_url)
        if good is None or good in self._seen:
            return ""
        self._seen.add(good)
        text = escape(good.split("://", 1)[1].rstrip("/"))
        return f'<p><a href="{escape(good)}">{text}</a></p>'


def _watchable(url: str) -> str:
    """Return the page of a player's video, where its address tells it."""
    if "youtube" in url and (match := re.search(r"/embed/([\w-]{6,20})", url)):
        return f"https://www.youtube.com/watch?v={match[1]}"
    if "facebook.com/plugins" in url:
        return parse_qs(urlsplit(url).query).get("href", [url])[0]
    return url


def _is_pixel(attributes: dict[str, str]) -> bool:
    return attributes.get("width") in {"0", "1"} and attributes.get("height") in {"0", "1"}


def _largest(choices: str) -> str:
    """Return the widest address of a ``srcset``."""
    best, width = "", -1.0
    for choice in re.split(r",\s+|,(?=https?:)", choices[:20000])[:50]:
        url, _, size = choice.strip().rstrip(",").partition(" ")
        number = re.match(r"\s*([0-9]{1,6}(?:\.[0-9]{1,3})?)[wx]", size)
        value = float(number[1]) if number else 0.0
        if value > width:
            best, width = url, value
    return best


class _Local(threading.local):
    """The cleaner of this thread and the document that it works on."""

    base_url: str | None = None
    cleaner: nh3.Cleaner | None = None


_local = _Local()


def _cleaner() -> nh3.Cleaner:
    if _local.cleaner is None:
        _local.cleaner = nh3.Cleaner(
            tags=set(TAGS),
            clean_content_tags=set(_WITH_CONTENT),
            attributes=_ATTRIBUTES,
            attribute_filter=_keep,
            url_schemes={"http", "https", "mailto"},
            link_rel="noopener noreferrer",
        )
    return _local.cleaner


def _keep(tag: str, name: str, value: str) -> str | None:
    """Return the attribute's value as it may stand, or None."""
    if name in {"href", "src"}:
        return address(value, _local.base_url, mail=tag == "a")
    rule = _VALUES.get(name)
    if rule is None:
        # The serialiser leaves these as they are; what follows here relies on their absence.
        return value.replace("<", "\u2039").replace(">", "\u203a")
    return value if rule.fullmatch(value) else None


def _tidy(html: str) -> str:
    """Return cleaned HTML without what the cleaning left empty."""
    if "<img" in html:
        html = _IMAGE_WITHOUT_ADDRESS.sub("", html)
    if "<span>" in html or '<a rel="' in html:
        html = _PAIR.sub(_Unwrap(), html)
    for _ in range(5):
        shorter = _EMPTY.sub("", html)
        if shorter == html:
            break
        html = shorter
    return html


class _Unwrap:
    """Drop the tags of ``span`` without attributes and of ``a`` without address."""

    def __init__(self) -> None:
        self._kept: list[bool] = []

    def __call__(self, match: re.Match[str]) -> str:
        if match[1]:
            return match[0] if self._kept and self._kept.pop() else ""
        rest = match[3] or ""
        keep = " href=" in rest if match[2] == "a" else bool(rest)
        self._kept.append(keep)
        return match[0] if keep else ""


def _lines(text: str) -> tuple[str, ...]:
    lines = (" ".join(unescape(line).split()) for line in text.split("\n"))
    return tuple(legal(line) for line in lines if line)


_VALUES: Final = {
    "dir": re.compile("rtl|ltr|auto"),
    "lang": _LANGUAGE,
    "width": _NUMBER,
    "height": _NUMBER,
    "colspan": _NUMBER,
    "rowspan": _NUMBER,
    "start": _NUMBER,
    "scope": re.compile("row|col|rowgroup|colgroup"),
    "datetime": re.compile(r"[0-9A-Z:+. -]{1,40}"),
}
