"""How cost grows with sources and with articles: the curves of docs/scale.md.

    python -m bench.scale [--sources 100,1000,10000] [--articles 10000,100000,1000000]
                          [--latency 0.02] [--draw FILE] [--add FILE]

Sources: a small news web on loopback with as many hosts, each answering after its own 0.1 to 10 ms
(``--latency`` is the factor on 5 to 500 ms), is polled by ``aggregator crawl --all`` twice: cold,
feeds into the queue (``--limit 0``: no pages), and warm, nothing new. Articles: the first 5,000 of
a store go through the whole path, their fingerprints are repeated with other keys (a third stays)
up to the size, the articles for them written in bulk; then 300 more arrive and are timed, and
processes of their own search, read the log and export. Every figure but that of arrivals is one
process: wall, processor, peak memory. ``--add`` keeps the rows in a file, one JSON object a line,
and adds to what it has, so that sizes can be measured on different days.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench.polls import measured, python

ROOT = Path(__file__).resolve().parents[1]
WIDTH, HEIGHT, GAP = 360, 150, 60
#: Articles of a store that go through the whole path.
REAL = 5000


# ------------------------------------------------------------------ sources


def sources(count: int, latency: float) -> dict[str, float]:
    """Return what polls of so many sources cost."""
    from tests.crawl_support import free_port

    port = free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = ["--sources", str(count), "--per-source", "3", "--port", str(port)]
        command = [sys.executable, "tests/miniweb.py", "serve", *size, "--latency", str(latency)]
        server = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT
        )
        try:
            assert server.stdout
            server.stdout.readline()
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_sources", timeout=300) as answer:
                known = json.load(answer)
            made = _write(folder / "sources", known)
            env = {
                **python(),
                "AGGREGATOR_DATA": str(folder / "data"),
                "AGGREGATOR_SOURCES": str(folder / "sources"),
                "AGGREGATOR_ALLOW_NETWORKS": "127.1.0.0/16",
                "AGGREGATOR_DELAY_S": "0",
                "AGGREGATOR_MAX_CRAWL_DELAY_S": "0",
            }
            crawl = [sys.executable, "-m", "aggregator", "crawl", "--all", "--limit", "0", "--json"]
            cold = measured(crawl, env)
            warm = measured(crawl, env)
            store = sum(path.stat().st_size for path in (folder / "data").glob("aggregator.db*"))
        finally:
            server.kill()
            server.wait()
    return {
        "sources": made,
        "cold_s": cold.wall_s,
        "warm_s": warm.wall_s,
        "cold_cpu_ms": cold.cpu_s * 1000 / made,
        "warm_cpu_ms": warm.cpu_s * 1000 / made,
        "warm_polls_s": made / warm.wall_s,
        "peak_mb": max(cold.peak_mb, warm.peak_mb),
        "store_mb": store / 1e6,
    }


def _write(folder: Path, known: Iterable[dict[str, Any]]) -> int:
    folder.mkdir()
    made = 0
    for about in known:
        if about["feed_type"] == "none":
            continue
        made += 1
        text = (
            f"id: mw{about['i']:05d}\nname: {json.dumps(about['name'], ensure_ascii=False)}\n"
            f"homepage: {about['home']}\ncountry: EG\nlanguage: {about['lang']}\nrobots: ignore\n"
            f"seeds:\n  - {{kind: feed, url: '{about['feed']}'}}\n"
        )
        (folder / f"mw{about['i']:05d}.yaml").write_text(text, encoding="utf-8")
    return made


# ------------------------------------------------------------------ articles


def articles(count: int) -> dict[str, float]:
    """Return what a store of so many articles takes, and what reading it costs."""
    from aggregator.config import Config
    from aggregator.store.engine import Store

    with tempfile.TemporaryDirectory() as name:
        store = Store.open(Config(data=Path(name)).database_url)
        arrival_ms = _fill(store, count)
        store.close()
        size = sum(path.stat().st_size for path in Path(name).glob("aggregator.db*"))
        env = {**python(), "AGGREGATOR_DATA": name}
        program = [sys.executable, "-m", "aggregator"]
        export = measured([*program, "export", "jsonl", "--output", f"{name}/all.jsonl"], env)
        rss = measured([*program, "export", "rss", "--output", f"{name}/all.rss"], env)
        since = str(count - 100)
        log = measured(
            [*program, "export", "jsonl", "--since", since, "--output", f"{name}/new.jsonl"], env
        )
        asked = [sys.executable, "-m", "bench.scale", "--child", name]
        out = subprocess.run(asked, env=env, cwd=ROOT, capture_output=True, text=True, check=True)
        rendered = json.loads(out.stdout)
    return {
        "articles": count,
        "store_bytes_each": size / count,
        "arrival_ms": arrival_ms,
        "export_s": export.wall_s,
        "export_each_s": count / export.wall_s,
        "rss_s": rss.wall_s,
        "log_s": log.wall_s,
        **rendered,
    }


def _fill(store: Any, count: int) -> float:
    """Fill a store; return the median milliseconds of processor time of a further arrival."""
    from aggregator.store.writer import Writer
    from bench.clusters import fill
    from bench.web import build, drafts

    real = min(REAL, count)
    with Writer(store) as writer:
        _arrive(writer, drafts(real))
    build(store, count, start=real)
    with store.engine.connect().execution_options(writing=True) as connection:
        connection.exec_driver_sql("PRAGMA cache_size=-4000000")  # 4 GB: keys lie everywhere
        fill(connection, count, real)
        connection.commit()
        connection.exec_driver_sql("PRAGMA cache_size=-32768")
    with Writer(store) as writer:
        spent = _arrive(writer, drafts(300, start=real))
        writer.rollback()
    return statistics.median(spent[100:])


def _arrive(writer: Any, drafts: Iterable[Any]) -> list[float]:
    """Bring drafts into the store; return what each cost, with its part of the commit."""
    from aggregator import ingest

    spent = []
    for number, draft in enumerate(drafts):
        began = time.process_time()
        clean, why = ingest.clean(draft)
        assert clean is not None, why
        ingest.ingest(clean, writer)
        if number % 50 == 49:
            writer.commit(draft.seen)
        spent.append((time.process_time() - began) * 1000)
    return spent


def child(folder: str) -> None:
    """Print what a page and a search of a filled store take, in milliseconds."""
    from aggregator.config import Config
    from aggregator.store import searching
    from aggregator.store.engine import Store
    from aggregator.web import pages
    from aggregator.web.asked import Asked
    from aggregator.web.site import Site
    from bench.web import NOW, spread
    from bench.web import sources as known

    config = Config(data=Path(folder))
    store = Store.open(config.database_url)
    site = Site(config=config, sources=known(), store=store, now=lambda: NOW)
    site.refresh()
    asked = Asked(base="http://127.0.0.1")
    pages.front(site, asked)
    front, _ = spread(lambda _: pages.front(site, asked), 40)
    with store.read() as connection:
        median, high = spread(
            lambda n: searching.search(connection, f"رقم {n * 37}", limit=20), 100
        )
    print(json.dumps({"front_ms": front, "search_ms": median, "search_p99_ms": high}))


# ------------------------------------------------------------------ the picture

CHARTS = (
    ("sources", "warm_polls_s", "polls a second, nothing new", "one process"),
    ("sources", "warm_cpu_ms", "processor, ms a poll, nothing new", ""),
    ("sources", "cold_cpu_ms", "processor, ms a poll, cold", "three entries each, stored"),
    ("sources", "peak_mb", "peak memory, MB", ""),
    ("articles", "arrival_ms", "processor, ms an arrival", "all but reading the page"),
    ("articles", "store_bytes_each", "store, bytes an article", "search, log, keywords, index"),
    ("articles", "export_each_s", "exported articles a second", "JSON Lines, start included"),
    ("articles", "front_ms", "front page, ms", "nothing prepared"),
    ("articles", "search_p99_ms", "search, ms, 99th percentile", ""),
)


def draw(rows: list[dict[str, float]]) -> str:
    """Return the picture: one chart for each figure over sources or articles, axes from zero."""
    whole = (HEIGHT + GAP) * ((len(CHARTS) + 1) // 2) + 20
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH + 60} {whole}" '
            'role="img"><title>Cost over sources and articles</title>'
        ),
        f'<rect width="{2 * WIDTH + 60}" height="{whole}" fill="#fff"/>',
        '<g font-family="sans-serif" font-size="12">',
    ]
    for number, (over, name, title, note) in enumerate(CHARTS):
        left = 60 + number % 2 * (WIDTH + 10)
        top = 30 + number // 2 * (HEIGHT + GAP)
        points = sorted((row[over], row[name]) for row in rows if over in row)
        if points:
            parts += _chart(points, over, title, note, left, top)
    return "".join([*parts, "</g></svg>\n"])


def _chart(
    points: list[tuple[float, float]], over: str, title: str, note: str, left: int, top: int
) -> list[str]:
    right, base = left + WIDTH - 90, top + HEIGHT
    most = max(value for _, value in points) * 1.15
    step = (right - left - 30) / max(len(points) - 1, 1)
    parts = [
        (
            f'<text x="{left}" y="{top - 8}" font-weight="bold">{title}'
            f'<tspan fill="#555" font-weight="normal"> {note}</tspan></text>'
        ),
        f'<path d="M{left} {top}V{base}H{right}" fill="none" stroke="#999"/>',
    ]
    places = []
    for index, (size, value) in enumerate(points):
        x, y = left + 15 + index * step, base - value / most * HEIGHT
        places.append(f"{x:.1f},{y:.1f}")
        parts += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#1a5fb4"/>',
            f'<text x="{x:.1f}" y="{y - 7:.1f}" text-anchor="middle">{_short(value)}</text>',
            (
                f'<text x="{x:.1f}" y="{base + 16}" text-anchor="middle" fill="#555">'
                f"{int(size):,}{' ' + over if index == 0 else ''}</text>"
            ),
        ]
    line = " ".join(places)
    return [*parts, f'<polyline points="{line}" fill="none" stroke="#1a5fb4" stroke-width="1.6"/>']


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def main() -> None:
    """Measure, print, keep and draw."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sources", default="100,1000")
    parser.add_argument("--articles", default="10000,100000")
    parser.add_argument("--latency", type=float, default=0.02)
    parser.add_argument("--draw", type=Path)
    parser.add_argument("--add", type=Path)
    parser.add_argument("--child")
    given = parser.parse_args()
    if given.child:
        child(given.child)
        return
    rows: list[dict[str, float]] = []
    if given.add and given.add.exists():
        rows = [json.loads(line) for line in given.add.read_text("utf-8").splitlines()]
    works = [(sources, int(n), given.latency) for n in given.sources.split(",") if n]
    works += [(articles, int(n)) for n in given.articles.split(",") if n]  # type: ignore[list-item]
    for work, *arguments in works:
        began = time.monotonic()
        row = work(*arguments)
        rows = [each for each in rows if not _same(each, row)] + [row]
        print(json.dumps({key: round(value, 3) for key, value in row.items()}), flush=True)
        print(f"  ({time.monotonic() - began:.0f} s, load {os.getloadavg()[0]:.1f})", flush=True)
        if given.add:
            text = "".join(json.dumps(each) + "\n" for each in rows)
            given.add.write_text(text, encoding="utf-8")
    if given.draw:
        given.draw.write_text(draw(rows), encoding="utf-8")


def _same(one: dict[str, float], other: dict[str, float]) -> bool:
    return any(one.get(key) == other.get(key) is not None for key in ("sources", "articles"))


if __name__ == "__main__":
    main()
