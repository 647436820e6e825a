"""A static tree for any web server or object store: the pages and feeds that ``serve`` shows.

Written again is only what changed: articles by the log, everything else by comparing bytes. Every
file is replaced in one step and none is ever taken away, so that old links stay; the page of a
deleted article says that it is gone. The default language lies at the top, the other one in a
folder of its own; feeds lie in ``feeds`` once.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import orjson

from aggregator import __version__
from aggregator.config import Config
from aggregator.errors import ExportError
from aggregator.exporters import files
from aggregator.store import browsing, reading
from aggregator.store.engine import Store
from aggregator.types import Filter, Source
from aggregator.web import feeds, pages, status
from aggregator.web.asked import Asked, RefusedError
from aggregator.web.endpoints import STATIC
from aggregator.web.links import FileLinks, file_name, short
from aggregator.web.site import Site
from aggregator.web.texts import LANGUAGES

#: What was written last; its number says from where on to look for changed articles.
MANIFEST: Final = ".aggregator.json"
#: A keyword is worth a page and a feed from so many articles on, and so many keywords are.
LEAST, MOST_KEYWORDS = 3, 500
#: Changes that are looked at at once, and so many times that are worth several processes.
STEP = 2000
_WORTH_IT = 4


@dataclass(frozen=True, slots=True)
class Published:
    """How many files were written, and how many would have been the same."""

    written: int
    same: int


def publish(
    config: Config,
    sources: Mapping[str, Source],
    store: Store,
    folder: Path,
    *,
    now: datetime,
    everything: bool = False,
    processes: int = 1,
) -> Published:
    """Write the tree, or what changed of it.

    Args:
        config: ``base_url`` is where it will be served; without one, feeds name no address of
            their own and OPML names the sources' feeds.
        sources: the catalogue.
        store: what to publish.
        folder: made where it is missing.
        now: the caller's clock, for health.
        everything: articles that did not change, too.
        processes: how many write articles at once, where there are many.

    Raises:
        ExportError: a file cannot be written; what was written before is whole.
    """
    site = Site(config=config, sources=sources, store=store, now=lambda: now, fresh_s=3600.0)
    seq = site.refresh()
    since = 0 if everything else _published(folder, config, seq)
    tree = _Tree(site, folder)
    tree.assets()
    tree.feeds()
    tree.lists()
    for done in _articles(tree, range(since, seq, STEP), seq, processes):
        if done < seq:  # a run that is stopped goes on from here
            tree.write(MANIFEST, _manifest_json(config, done))
    tree.write(MANIFEST, _manifest_json(config, seq))
    return Published(tree.written, tree.same)


def _manifest_json(config: Config, seq: int) -> bytes:
    return orjson.dumps(_manifest(config, seq), option=orjson.OPT_INDENT_2)


def _manifest(config: Config, seq: int) -> dict[str, object]:
    return {
        "seq": seq,
        "program": __version__,
        "base_url": config.base_url,
        "lang": config.lang,
        "page_images": config.page_images,
    }


def _published(folder: Path, config: Config, seq: int) -> int:
    """Return the change number up to which the articles are written, 0 where all are to be."""
    try:
        found = orjson.loads((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        return 0
    except (OSError, orjson.JSONDecodeError) as error:
        raise ExportError("manifest cannot be read", folder / MANIFEST, error) from error
    done = found.get("seq") if isinstance(found, dict) else None
    if not isinstance(done, int) or done > seq:
        return 0
    return done if found == _manifest(config, done) else 0


def _articles(tree: "_Tree", starts: range, seq: int, processes: int) -> Iterator[int]:
    """Write the articles, some changes at a time; yield the number up to which all is written."""
    steps = [(start, min(start + STEP, seq)) for start in starts]
    if processes < 2 or len(steps) < _WORTH_IT:
        for since, until in steps:
            tree.articles(since, until)
            yield until
        return
    site = tree.site
    about = (site.config, dict(site.sources), site.now(), tree.folder, tree.known)
    # none is forked: a connection to the store must not be shared
    with get_context("spawn").Pool(processes, _start, about) as pool:
        for until, written, same in pool.imap(_step, steps):
            tree.written, tree.same = tree.written + written, tree.same + same
            yield until


def _start(
    config: Config,
    sources: dict[str, Source],
    now: datetime,
    folder: Path,
    known: frozenset[str],
) -> None:
    """Open the store in a process of the pool."""
    store = Store.open(config.database_url, must_exist=True)
    site = Site(config=config, sources=sources, store=store, now=lambda: now, fresh_s=3600.0)
    site.refresh()
    global _tree  # noqa: PLW0603 (a pool gives its processes no other place)
    _tree = _Tree(site, folder, known)


def _step(step: tuple[int, int]) -> tuple[int, int, int]:
    """Write the articles between two numbers; return the second, files written, files as before."""
    tree = _tree
    if tree is None:
        raise ExportError("a process of the pool did not start")
    written, same = tree.written, tree.same
    tree.articles(*step)
    return step[1], tree.written - written, tree.same - same


_tree: "_Tree | None" = None


class _Tree:
    """The folder, and where everything lies in it."""

    def __init__(self, site: Site, folder: Path, known: frozenset[str] = frozenset()) -> None:
        self.site = site
        self.folder = folder
        self.base = site.config.base_url.rstrip("/")
        self.default = site.config.lang if site.config.lang in LANGUAGES else "ar"
        self.written = self.same = 0
        self.known = known
        #: articles and events that this run wrote
        self.shown: set[int] = set()
        self.events: set[str] = set()

    def write(self, name: str, body: bytes) -> None:
        """Replace a file if it says something else."""
        path = self.folder / name
        try:
            if path.is_file() and path.read_bytes() == body:
                self.same += 1
                return
        except OSError as error:
            raise ExportError("file cannot be read", path, error.strerror or error) from error
        files.replace(path, [body], sync=False)
        self.written += 1

    def assets(self) -> None:
        """Write style sheet, script and icon."""
        for path in sorted(STATIC.iterdir()):
            if path.is_file():
                self.write(f"static/{path.name}", path.read_bytes())

    # ------------------------------------------------------------------ pages

    def page(self, name: str, resource: pages.Page, /, **params: str) -> None:
        """Write a page in both languages; ``name`` has no suffix. Left out where it is refused."""
        for lang in LANGUAGES:
            try:
                answer = resource(self.site, self._asked(name, lang, params))
            except RefusedError:
                return
            self.write(f"{self._folder(lang)}{name}.html", answer.body)

    def _folder(self, lang: str) -> str:
        return "" if lang == self.default else f"{lang}/"

    def _asked(self, name: str, lang: str, params: Mapping[str, str]) -> Asked:
        folder = self._folder(lang)
        up = "/".join([".."] * f"{folder}{name}".count("/")) or "."
        other = next(each for each in LANGUAGES if each != lang)
        switch = FileLinks(up, folder=self._folder(other), feeds=self.known)
        head, _, _ = name.rpartition("/")
        link = switch.keyword(params["name"]) if head == "keyword" else switch.page(name)
        return Asked(
            path=f"/{name}",
            params=params,
            lang=lang,
            base=self.base,
            links=FileLinks(up, folder=folder, feeds=self.known),
            switch=link,
        )

    def lists(self) -> None:
        """Write the pages that show many articles, or how sources fare."""
        self.page("index", pages.front)
        self.page("sources", status.sources)
        self.page("keywords", pages.keywords)
        self.page("health", status.health)
        with self.site.store.read() as connection:
            names = set(reading.source_ids(connection))
        names |= {source.id for source in self.site.sources.values() if source.enabled}
        for name in sorted(names):
            self.page(f"source/{name}", status.source, id=name)
        for keyword in self._keywords():
            self.page(f"keyword/{file_name(keyword)}", pages.keyword, name=keyword)

    def articles(self, since: int, until: int) -> None:
        """Write the articles that changed after a number, the others of their events, the events.

        The page of an article shows its event, its copies and related ones.
        """
        with self.site.store.read() as connection:
            changed = browsing.changed_articles(connection, since, until)
            found = browsing.lines_of_ids(connection, [name for _, name in changed])
            clusters = {line.cluster for line in found.values() if line.cluster} - self.events
            beside = browsing.lines_of_events(connection, clusters)
        for pk, name in (*changed, *((line.pk, line.id) for line in beside)):
            if pk not in self.shown:
                self.shown.add(pk)
                self._article(name)
        for cluster in sorted(clusters):
            self.page(f"event/{short(cluster)}", pages.event, id=cluster)
        self.events |= clusters

    def _article(self, name: str) -> None:
        """Write the page of an article; the store is asked once for both languages."""
        try:
            known = pages.told(self.site, name)
        except RefusedError:
            return
        self.page(f"article/{short(name)}", partial(pages.article, known=known), id=name)

    # ------------------------------------------------------------------ feeds

    def feeds(self) -> None:
        """Write the feeds of all, of each source, country, language and keyword, and the OPML."""
        with self.site.store.read() as connection:
            body = feeds.opml_of(self.site, connection, self.base, self.default)
        self.write("feeds/all.opml", body)
        wanted = list(self._filters())
        self.known = frozenset(map(_where, wanted))
        for each in wanted:
            self._feed(each)
        self._feed(Filter(), name="events", query={"events": "1"})

    def _filters(self) -> Iterator[Filter]:
        with self.site.store.read() as connection:
            names = reading.source_ids(connection)
            languages = browsing.languages(connection)
            countries = browsing.countries(connection)
        yield Filter()
        yield from (Filter(sources=(name,)) for name in names)
        yield from (Filter(country=code) for code in countries)
        yield from (Filter(language=code) for code in languages)
        yield from (Filter(keyword=keyword) for keyword in self._keywords())

    def _keywords(self) -> Iterable[str]:
        with self.site.store.read() as connection:
            found = reading.top_keywords(connection, least=LEAST, limit=MOST_KEYWORDS)
        return [keyword for keyword, _ in found]

    def _feed(
        self, wanted: Filter, name: str | None = None, query: Mapping[str, str] | None = None
    ) -> None:
        kind, value = _kind(wanted)
        where = name or _where(wanted)
        for format_, suffix in feeds.FORMATS.items():
            asked = Asked(
                path=f"/feeds/{where}{suffix}",
                query=query or {},
                params={"kind": kind, "value": value, "format": format_},
                lang=self.default,
                base=self.base,
                html=False,
                links=FileLinks(".."),
            )
            self.write(f"feeds/{where}{suffix}", feeds.feed(self.site, asked).body)
            if self.base and not query:
                self._archives(asked, f"feeds/{where}", suffix)

    def _archives(self, asked: Asked, where: str, suffix: str) -> None:
        """Write the archive blocks that a feed leads to, newest first, down to a finished one."""
        for number, complete in feeds.blocks(self.site, asked):
            path = f"{where}.archive-{number}{suffix}"
            if complete and (self.folder / path).exists():
                return
            block = replace(asked, query={"archive": str(number)})
            self.write(path, feeds.feed(self.site, block).body)


def _where(wanted: Filter) -> str:
    """Return the path of a feed's file, without suffix."""
    kind, value = _kind(wanted)
    return f"{kind}/{file_name(value)}" if value else kind


def _kind(wanted: Filter) -> tuple[str, str]:
    """Return the kind of a feed and the name that it has, as paths do."""
    if wanted.sources:
        return "source", wanted.sources[0]
    for kind in ("country", "language", "keyword"):
        if value := getattr(wanted, kind):
            return kind, value
    return "all", ""
