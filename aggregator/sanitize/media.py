"""Pictures and players of foreign HTML: pictures with a real address, players as links."""

import re
from collections.abc import Iterator
from html import escape, unescape
from typing import Final
from urllib.parse import parse_qs, urlsplit

from aggregator.sanitize.addresses import address

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
# What stands in `src` while the picture waits for a script.
_PLACEHOLDER: Final = re.compile(
    r"(?:^data:|^about:|^\s*$|\b(?:blank|spacer|placeholder|lazy(?:load)?|loading|loader|pixel|"
    r"transparent|1x1|grey|default-image)[\w-]*\.(?:gif|png|svg|jpe?g|webp)\b)",
    re.IGNORECASE,
)
_LAZY: Final = ("data-src", "data-lazy-src", "data-original", "data-lazy", "data-image", "data-url")
_LAZY_SETS: Final = ("srcset", "data-srcset", "data-lazy-srcset")


def with_plain_media(html: str, base_url: str | None) -> str:
    """Return the HTML with ``img`` for every picture, and a link for every player."""
    return _MEDIA.sub(_Media(html, base_url), html) if _HAS_MEDIA.search(html) else html


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
