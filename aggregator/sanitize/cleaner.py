"""The allow-list, and the passes before and after the cleaner (nh3)."""

import re
import threading
from typing import Final

import nh3

from aggregator.safe_xml import legal
from aggregator.sanitize.addresses import address
from aggregator.sanitize.bounds import MAX_AMPERSANDS, too_wild
from aggregator.sanitize.media import with_plain_media
from aggregator.sanitize.texts import from_paragraphs, lines_of, rough_lines, without_tags

#: Characters of HTML that are looked at; the rest is cut.
MAX_LENGTH: Final = 2_000_000
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
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,6}")
_NUMBER: Final = re.compile(r"[0-9]{1,5}")
# Each of these is an error to the parser, and the next takes it longer; browsers show none.
_CONTROL: Final = re.compile(r"[\x7f-\x9f]")
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
    if too_wild(html):
        return from_paragraphs(rough_lines(html[:_MAX_WILD_LENGTH]))
    if len(html) > MAX_AMPERSANDS and len(_CONTROL.findall(html)) > MAX_AMPERSANDS:
        html = _CONTROL.sub("", html)
    html = with_plain_media(html, base_url)
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
    return lines_of(without_tags(text))


def _rename(match: re.Match[str]) -> str:
    return f"<{match[1]}{_NEW_NAMES.get(match[2].lower(), 'div')}"


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
