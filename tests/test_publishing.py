"""The static tree: whole, linked, valid, written again only where something changed."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import feedparser
import orjson
import pytest
from click.testing import CliRunner
from lxml import html as lxml_html

from aggregator import ingest, publishing
from aggregator.cli import cli
from aggregator.config import Config
from aggregator.errors import ExportError
from aggregator.publishing import MANIFEST, publish
from aggregator.store.engine import Store
from aggregator.store.writer import Writer
from aggregator.web import feeds
from tests import validators
from tests.web_support import SOURCES, draft, fill, fill_hostile, put


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != MANIFEST
    }


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def public(config: Config) -> Config:
    return replace(config, base_url="https://news.example/daily")


def test_the_tree_is_whole(store: Store, public: Config, now: datetime, out: Path) -> None:
    fill(store, now)
    put(store, now, *(draft(n, now, title=f"القاهرة تستقبل الوفد رقم {n}") for n in range(60, 66)))
    done = publish(public, SOURCES, store, out, now=now)
    tree = files(out)
    assert done.written == len(tree) + 1
    for name in ("index.html", "en/index.html", "sources.html", "health.html", "feeds/all.opml"):
        assert name in tree
    for format_ in feeds.FORMATS:
        for where in ("all", "source/wafd", "source/post", "language/ar", "country/EG"):
            document = tree[f"feeds/{where}.{format_}"]
            if format_ == "json" or where == "all":
                assert validators.check(format_, document) == []
            else:
                assert not feedparser.parse(document).bozo
    assert validators.check("opml", tree["feeds/all.opml"]) == []


def test_every_link_of_the_tree_leads_to_a_file(
    store: Store, public: Config, now: datetime, out: Path
) -> None:
    fill(store, now)
    fill_hostile(store, now)
    publish(public, SOURCES, store, out, now=now)
    dead = set()
    for name in files(out):
        if not name.endswith(".html"):
            continue
        page = lxml_html.document_fromstring((out / name).read_bytes())
        for href in page.xpath("//@href | //@src"):
            parts = urlsplit(href)
            if parts.scheme or href.startswith("#"):
                continue
            target = unquote(urlsplit(urljoin(f"http://x/{name}", href)).path.removeprefix("/"))
            if not (out / target).is_file():
                dead.add((name, target))
    assert dead == set()


def test_nothing_is_written_twice(store: Store, public: Config, now: datetime, out: Path) -> None:
    fill(store, now)
    publish(public, SOURCES, store, out, now=now)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    again = publish(public, SOURCES, store, out, now=now)
    assert again.written == 0
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before
    whole = publish(public, SOURCES, store, out, now=now, everything=True)
    assert whole.written == 0


def test_an_arrival_touches_only_what_shows_it(
    store: Store, public: Config, now: datetime, out: Path
) -> None:
    fill(store, now)
    publish(public, SOURCES, store, out, now=now)
    before = files(out)
    put(store, now, draft(80, now))
    publish(public, SOURCES, store, out, now=now)
    after = files(out)
    changed = {name for name in after if after[name] != before.get(name)}
    assert "feeds/source/wafd.rss" in changed
    assert "feeds/source/post.rss" not in changed
    assert "source/post.html" not in changed
    assert set(before) <= set(after)


def test_a_deleted_article_keeps_its_link(
    store: Store, public: Config, now: datetime, out: Path
) -> None:
    (done,) = put(store, now, draft(1, now))
    publish(public, SOURCES, store, out, now=now)
    (path,) = (out / "article").iterdir()
    with Writer(store) as writer:
        assert ingest.remove(done.pk or 0, writer, reason="gone")
        writer.commit(now + timedelta(hours=1))
    publish(public, SOURCES, store, out, now=now)
    assert "هذا المقال لم يعد متاحاً" in path.read_text(encoding="utf-8")


def test_archives_are_files_that_lead_to_each_other(
    store: Store,
    public: Config,
    now: datetime,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feeds, "BLOCK_ALL", 5)
    put(store, now, *(draft(number, now) for number in range(17)))
    publish(replace(public, feed_limit=4), SOURCES, store, out, now=now)
    name, seen = "feeds/all.atom", set()
    while name:
        found = feedparser.parse((out / name).read_bytes())
        seen |= {entry.id for entry in found.entries}
        links = {link["rel"]: link["href"] for link in found.feed.links}
        assert links["self"] == f"https://news.example/daily/{name}"
        name = links.get("prev-archive", "").removeprefix("https://news.example/daily/")
    assert len(seen) == 17


def test_without_an_address_feeds_name_none(
    store: Store, config: Config, now: datetime, out: Path
) -> None:
    fill(store, now)
    publish(config, SOURCES, store, out, now=now)
    found = feedparser.parse((out / "feeds/all.atom").read_bytes())
    assert "self" not in {link["rel"] for link in found.feed.links}


def test_a_folder_that_cannot_be_written_is_an_error(
    store: Store, config: Config, now: datetime, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("x", encoding="utf-8")
    with pytest.raises(ExportError):
        publish(config, SOURCES, store, blocked, now=now)


def test_the_command_says_what_it_wrote(
    tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = Config(data=tmp_path / "data")
    store = Store.open(config.database_url)
    fill(store, now)
    store.close()
    monkeypatch.setenv("AGGREGATOR_DATA", str(tmp_path / "data"))
    from aggregator.cli import App

    done = CliRunner().invoke(cli, ["publish", str(tmp_path / "out")], obj=App(lang="en"))
    assert done.exit_code == 0, done.output
    assert "files written" in done.output
    assert (tmp_path / "out" / "index.html").is_file()


def many(store: Store, now: datetime) -> None:
    fill(store, now)
    put(store, now, *(draft(n, now) for n in range(10, 30)))


def test_several_processes_write_the_same_tree(
    store: Store, config: Config, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(store, now)
    url = store.engine.url.render_as_string(hide_password=False)
    config = replace(config, database=url)
    one = publish(config, SOURCES, store, tmp_path / "one", now=now)
    monkeypatch.setattr(publishing, "STEP", 5)
    several = publish(config, SOURCES, store, tmp_path / "several", now=now, processes=2)
    assert files(tmp_path / "several") == files(tmp_path / "one")
    assert several.written >= one.written
    again = publish(config, SOURCES, store, tmp_path / "several", now=now, processes=2)
    assert again.written == 0


def test_a_run_that_was_stopped_goes_on_from_there(
    store: Store, config: Config, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(store, now)
    publish(config, SOURCES, store, tmp_path / "whole", now=now)
    monkeypatch.setattr(publishing, "STEP", 5)
    out, written, steps = tmp_path / "out", publishing._Tree.articles, list[int]()

    def stopped(tree: publishing._Tree, since: int, until: int) -> None:
        if len(steps) == 3:
            raise KeyboardInterrupt
        steps.append(since)
        written(tree, since, until)

    with monkeypatch.context() as patch:
        patch.setattr(publishing._Tree, "articles", stopped)
        with pytest.raises(KeyboardInterrupt):
            publish(config, SOURCES, store, out, now=now)
    assert orjson.loads((out / MANIFEST).read_bytes())["seq"] == 15
    publish(config, SOURCES, store, out, now=now)
    assert files(out) == files(tmp_path / "whole")
