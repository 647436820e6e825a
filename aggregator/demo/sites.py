"""The sample sites: data files into pages, feeds and sitemaps of two days, the second with edits.

Nothing here is real news but the seed's record, whose article ``wafd`` carries.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader

from aggregator import cards
from aggregator.types import Seed, Source

FOLDER = Path(__file__).parent
#: Section page of the site that announces by listing alone.
LISTING = "/أخبار-وتقارير"
FEEDS = {"rss": "/rss", "rss_full": "/rss", "atom": "/atom.xml", "json": "/feed.json"}
TYPES = {
    "rss": "application/rss+xml",
    "rss_full": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
    "sitemap": "application/xml",
    "html": "text/html",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleArticle:
    """One article as its site shows it on a given day."""

    id: str
    title: str
    published: datetime
    printed: str
    paragraphs: tuple[str, ...]
    path: str
    section: str = ""
    author: str | None = None
    credit_line: str | None = None


@dataclass(frozen=True, slots=True)
class SampleAnswer:
    """What a path answers."""

    body: bytes
    content_type: str
    status: int = 200


@dataclass(frozen=True, slots=True)
class SampleSite:
    """One site; ``about`` is its data file."""

    about: Mapping[str, Any] = field(repr=False)

    @property
    def id(self) -> str:
        """The id of the source that this site is."""
        return str(self.about["id"])

    @property
    def charset(self) -> str:
        """The charset that its pages are in."""
        return str(self.about.get("charset", "utf-8"))

    def source(self, base: str) -> Source:
        """Return the source for this site at an address."""
        about = self.about
        announce = about["announce"]
        if announce == "listing":
            seed = Seed(kind="listing", url=base + LISTING, links="#infinite .item.tile-boost a")
        elif announce == "sitemap":
            seed = Seed(kind="sitemap", url=f"{base}/news-sitemap.xml")
        else:
            seed = Seed(kind="feed", url=base + FEEDS[announce])
        selectors = {name: (text,) for name, text in about.get("selectors", {}).items()}
        return Source(
            id=self.id,
            name=about["name"],
            homepage=f"{base}/",
            country=about["country"],
            timezone=about["timezone"],
            language=about["language"],
            kind=about.get("kind", "newspaper"),
            seeds=(seed,),
            selectors=selectors,
            delay_s=0.0,
            evidence="high",
        )

    def articles(self, day: int) -> list[SampleArticle]:
        """Return the articles of a day (1 or 2), newest first."""
        shown = [
            self._article(each, day)
            for each in self.about["articles"]
            if each.get("appears", 1) <= day and each.get("gone", 9) > day
        ]
        return sorted(shown, key=lambda each: each.published, reverse=True)

    def _article(self, about: Mapping[str, Any], day: int) -> SampleArticle:
        seed = _seed()
        title = about.get("title", seed.title)
        paragraphs = about.get("paragraphs") or ()
        if about.get("seed"):
            paragraphs = seed.paragraphs
        elif about.get("related"):
            paragraphs = seed.related
        elif "wire" in about:
            paragraphs = _wires()[about["wire"]]
        if day > 1:
            title = about.get("edited_title", title)
        return SampleArticle(
            id=str(about["id"]),
            title=title,
            published=about["published"],
            printed=about["printed"],
            paragraphs=tuple(paragraphs),
            path=self._path(about),
            section=about.get("section", ""),
            author=about.get("author"),
            credit_line=about.get("credit_line"),
        )

    def _path(self, about: Mapping[str, Any]) -> str:
        return {
            "wafd": f"/{about['id']}",
            "levant": f"/news/{about['id']}",
            "table": f"/article.php?id={about['id']}",
        }.get(self.about["layout"], f"/article/{about['id']}")

    def answer(self, path: str, base: str, day: int, turn: int = 0) -> SampleAnswer:
        """Return what a path answers on a day; ``turn`` counts requests, for guids that move."""
        about, announce = self.about, self.about["announce"]
        found = self.articles(day)
        shown: dict[str, Any] = {"site": about, "base": base, "articles": found, "turn": turn}
        if path == "/robots.txt":
            return SampleAnswer(b"User-agent: *\nDisallow: /search\n", "text/plain")
        if announce in FEEDS and path == FEEDS[announce]:
            if about.get("dead_feed", 9) <= day:
                return SampleAnswer(b"Service unavailable", "text/plain", 503)
            return self._rendered(f"{announce}.xml", TYPES[announce], shown)
        if announce == "sitemap" and path == "/news-sitemap.xml":
            return self._rendered("sitemap.xml", TYPES["sitemap"], shown)
        if path in {"/", LISTING}:
            return self._rendered("listing.html", TYPES["html"], shown)
        for article in found:
            if article.path == path:
                layout = f"{about['layout']}.html"
                return self._rendered(layout, TYPES["html"], {**shown, "article": article})
        gone = any(self._path(each) == path for each in about["articles"])
        return SampleAnswer(b"<h1>-</h1>", TYPES["html"], 410 if gone else 404)

    def _rendered(self, template: str, kind: str, shown: Mapping[str, Any]) -> SampleAnswer:
        text = _templates().get_template(template).render(**shown)
        body = text.encode(self.charset, "xmlcharrefreplace")
        return SampleAnswer(body, f"{kind}; charset={self.charset}")


@dataclass(frozen=True, slots=True)
class _Seed:
    title: str
    paragraphs: tuple[str, ...]
    related: tuple[str, ...]


@cache
def _seed() -> _Seed:
    """Return the seed's record; its title stays in presentation forms, as it was printed."""
    text = seed_card()
    card = cards.parse(text)[0]
    return _Seed(text.split("\n", 1)[0].strip(), card.paragraphs, card.related[0][1])


def seed_card() -> str:
    """Return the seed document as it came."""
    return (FOLDER / "seed.txt").read_text(encoding="utf-8")


@cache
def _wires() -> Mapping[str, list[str]]:
    wires: dict[str, list[str]] = yaml.safe_load(
        (FOLDER / "sites" / "wires.yaml").read_text(encoding="utf-8")
    )
    return wires


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def sites() -> tuple[SampleSite, ...]:
    """Return all sample sites."""
    files = sorted((FOLDER / "sites").glob("*.yaml"))
    return tuple(
        SampleSite(yaml.safe_load(path.read_text(encoding="utf-8")))
        for path in files
        if path.stem != "wires"
    )
