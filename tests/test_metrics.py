"""Figures for Prometheus: readable by its own parser, true, and named as ``serve`` names them."""

import inspect
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from aggregator import metrics
from aggregator.config import Config
from aggregator.store.engine import Store
from aggregator.web import api
from tests.crawling import NOW, crawl, log
from tests.fakes import Answer, FakeSite, Story, publish, source
from tests.test_crawling import _environment, _run

STORIES = [
    Story(n, f"عنوان الخبر رقم {n} في النشرة", f"/news/{7_200_000 + n}", guid=f"g{n}",
          published=NOW - timedelta(hours=n))
    for n in (1, 2, 3)
]  # fmt: skip


def _read(text: str) -> dict[tuple[str, tuple[str, ...]], float]:
    return {
        (each.name, tuple(each.labels.values())): each.value
        for family in text_string_to_metric_families(text)
        for each in family.samples
    }


def test_figures_tell_what_happened(site: FakeSite, store: Store, config: Config) -> None:
    publish(site, STORIES)
    answer = site.pages["/feed"]
    assert isinstance(answer, Answer)
    answer.headers["ETag"] = '"v1"'
    site.pages[STORIES[2].path] = Answer(b"no", 503)
    sources = {"akhbar": source(site)}
    for hours in (0.0, 1.0):
        crawl(config, store, sources.values(), now=NOW + timedelta(hours=hours))
    found = _read(metrics.text(store, sources, NOW + timedelta(hours=2)))
    assert found["aggregator_articles", ()] == 2
    assert found["aggregator_changes_total", ()] == log(store)[-1].seq
    assert found["aggregator_source_articles", ("akhbar",)] == 2
    assert found["aggregator_sources", ("ok",)] == 1
    assert found["aggregator_fetches", ("seed", "ok")] == 2
    assert found["aggregator_fetches", ("page", "ok")] == 2
    assert found["aggregator_fetches", ("page", "http_503")] >= 2
    assert found["aggregator_not_modified_share", ()] == 0.5
    assert found["aggregator_lag_seconds", ("0.95",)] == 2 * 3600
    assert found["aggregator_fill_share", ("title",)] == 1
    assert found["aggregator_queue_entries", ()] == 1
    assert found["aggregator_sources_owing", ()] == 1
    if store.is_sqlite:
        assert found["aggregator_store_bytes", ()] > 0


def test_an_empty_store_has_figures_too(store: Store) -> None:
    found = _read(metrics.text(store, {}, NOW))
    assert found["aggregator_articles", ()] == 0


def test_no_label_breaks_the_format() -> None:
    text = metrics.family("a", "gauge", "x", {(("l", 'q"\\\n'),): 1.5})
    assert _read(text) == {("a", ('q"\\\n',)): 1.5}


def test_what_serve_shows_too_has_the_same_name() -> None:
    shown = set(re.findall(r"aggregator_[a-z_]+", inspect.getsource(api.metrics)))
    of_serve = {name for name in shown if re.search("http|webhook|dead_letters|hub", name)}
    assert shown - of_serve <= set(re.findall(r"aggregator_[a-z_]+", inspect.getsource(metrics)))


def test_a_run_under_cron_writes_them(site: FakeSite, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    publish(site, [Story(1, STORIES[0].title, STORIES[0].path, published=now)])
    env = _environment(site, tmp_path)
    target = tmp_path / "metrics" / "aggregator.prom"
    done = _run("aggregator", "crawl", "--metrics", str(target), env=env)
    assert done.returncode == 0, done.stderr
    assert _read(target.read_text(encoding="utf-8"))["aggregator_articles", ()] == 1
    assert [path.name for path in target.parent.iterdir()] == ["aggregator.prom"]
