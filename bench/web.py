"""Figures of the service: feeds against a bare Starlette answer, pages and search at 100,000.

``python -m bench.web [ARTICLES]``. The service and the bare application run on uvicorn in processes
of their own, in turns, asked by the same client over kept connections.
"""

import http.client
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import orjson
from sqlalchemy import insert, select, text, update

from aggregator import query
from aggregator import record as codec
from aggregator.config import Config
from aggregator.draft import Draft
from aggregator.store import schema
from aggregator.store.engine import Store
from aggregator.types import Article, Record, Seed, Source, SourceRef
from tests.fakes import paragraphs
from tests.miniweb import texts

NOW = datetime(2025, 11, 10, 12, tzinfo=UTC)
ROUNDS, SECONDS = 5, 2.0
#: Drafts that there are.
DRAFTS = 5300
WORDS = [
    "القاهرة",
    "الوزير",
    "المدينة",
    "الطلاب",
    "المستشفى",
    "القطار",
    "السوق",
    "النيل",
    "الشتاء",
    "الجامعة",
]


def sources() -> dict[str, Source]:
    """Return forty sources."""
    return {
        f"s{n}": Source(
            id=f"s{n}",
            name=f"صحيفة رقم {n}",
            homepage=f"https://s{n}.example/",
            country=("EG", "MA", "LB", "SA")[n % 4],
            language="ar",
            seeds=(Seed(kind="feed", url=f"https://s{n}.example/rss"),),
        )
        for n in range(40)
    }


def build(store: Store, count: int, start: int = 0) -> None:
    """Fill a store up to so many articles, three to an event, as the writer would."""
    known = list(sources().values())
    with store.engine.connect().execution_options(writing=True) as connection:
        logged = connection.scalar(select(schema.counters.c.value)) or 0
        for first in range(start, count, 5000):
            rows = [record(n, known[n % 40]) for n in range(first, min(first + 5000, count))]
            _store(connection, rows, first, logged - start)
            connection.commit()
        connection.execute(update(schema.counters).values(value=count + logged - start))
        connection.commit()
        connection.execute(text("ANALYZE"))
        connection.commit()


def drafts(count: int, start: int = 0) -> Iterator[Draft]:
    """Yield articles as they come from pages, over the last thirty days, some of them copies."""
    known = list(sources().values())
    for number, one in enumerate(islice(texts(DRAFTS), start, start + count), start):
        source = known[one["source"] % 40]
        article = Article(
            url=f"{source.homepage}arrived/{number}",
            title=one["title"],
            paragraphs=tuple(one["text"].split("\n")),
            published=NOW - timedelta(minutes=8 * (DRAFTS - number)),
            published_precision="minute",
            published_origin="meta",
            language="ar",
            direction="rtl",
        )
        yield Draft(article=article, source=source, seen=NOW)


def record(number: int, source: Source) -> Record:
    """Return an article with a text of its own."""
    event = f"urn:uuid:00000000-0000-5000-9000-{number // 3:012}"
    word = WORDS[number % 10]
    return Record(
        id=f"urn:uuid:00000000-0000-5000-8000-{number:012}",
        url=f"{source.homepage}{number}",
        title=f"{word} {WORDS[number // 10 % 10]} في خبر رقم {number} لهذا اليوم",
        published=NOW - timedelta(minutes=200_000 - number),
        published_precision="minute",
        published_origin="feed",
        first_seen=NOW - timedelta(minutes=200_000 - number),
        paragraphs=paragraphs(number),
        html="".join(f"<p>{each}</p>" for each in paragraphs(number)),
        source=SourceRef(
            id=source.id,
            name=source.name,
            homepage=source.homepage,
            country=source.country,
            language="ar",
        ),
        keywords=(word, f"كلمة {number % 500}"),
        language="ar",
        direction="rtl",
        cluster=event,
    )


def _store(connection, rows: list[Record], start: int, shift: int) -> None:
    values, log, words, texts = [], [], [], []
    for pk, each in enumerate(rows, start + 1):
        values.append(
            {
                "pk": pk,
                "id": each.id,
                "source_id": each.source.id,
                "country": each.source.country,
                "language": "ar",
                "url": each.url,
                "title": each.title,
                "published": each.published,
                "first_seen": each.first_seen,
                "last_seen": each.first_seen,
                "revised": each.first_seen,
                "seq": pk + shift,
                "content_hash": "x",
                "cluster": each.cluster,
                "record": codec.dumps(each),
            }
        )
        log.append(
            {
                "seq": pk + shift,
                "article_pk": pk,
                "article_id": each.id,
                "event": "new",
                "changed": "[]",
                "at": each.first_seen,
                "version": 1,
            }
        )
        words += [
            {"key": word[:200], "article_pk": pk, "keyword": word} for word in set(each.keywords)
        ]
        texts.append(
            {
                "pk": pk,
                "title": " ".join(query.search_words(each.title)),
                "body": " ".join(query.search_words(" ".join(each.paragraphs))),
                "facets": query.facets(each.source.id, each.source.country, each.language),
            }
        )
    connection.execute(insert(schema.articles), values)
    connection.execute(insert(schema.changes), log)
    connection.execute(insert(schema.keywords), words)
    connection.execute(insert(schema.search_texts), texts)


def serve_ours(folder: str, port: int) -> None:
    """Run the service."""
    import uvicorn

    from aggregator.web.app import create_app
    from aggregator.web.site import Site

    config = Config(data=Path(folder), api_rate=0)
    site = Site(
        config=config, sources=sources(), store=Store.open(config.database_url), now=lambda: NOW
    )
    uvicorn.run(create_app(site), port=port, log_level="error", lifespan="off")


def serve_bare(body: bytes, port: int) -> None:
    """Run the bare Starlette application: the same bytes, made before."""
    import uvicorn
    from starlette.applications import Starlette
    from starlette.responses import Response
    from starlette.routing import Route

    async def answer(request):
        return Response(body, media_type="application/rss+xml")

    uvicorn.run(
        Starlette(routes=[Route("/feed", answer)]), port=port, log_level="error", lifespan="off"
    )


def rate(port: int, path: str, headers: dict[str, str], status: int) -> float:
    """Return requests a second over one kept connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    until, count = time.perf_counter() + SECONDS, 0
    begin = time.perf_counter()
    while time.perf_counter() < until:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == status, answer.status
        count += 1
    return count / (time.perf_counter() - begin)


def wait_for(port: int, path: str) -> tuple[bytes, dict[str, str]]:
    """Return body and headers once a server answers."""
    for _ in range(300):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.read(), dict(answer.getheaders())
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server does not answer")


def spread(call: Callable[[int], object], times: int) -> tuple[float, float]:
    """Return median and 99th percentile in milliseconds."""
    took = []
    for number in range(times):
        begin = time.perf_counter()
        call(number)
        took.append((time.perf_counter() - begin) * 1000)
    return statistics.median(took), sorted(took)[int(times * 0.99) - 1]


def rendering(folder: str) -> None:
    """Print what pages, feeds and search cost without any prepared answer."""
    from aggregator.store import searching
    from aggregator.web import feeds, pages
    from aggregator.web.asked import Asked
    from aggregator.web.site import Site

    config = Config(data=Path(folder))
    site = Site(
        config=config, sources=sources(), store=Store.open(config.database_url), now=lambda: NOW
    )
    site.refresh()
    asked = Asked(base="http://127.0.0.1")
    article = replace(asked, params={"id": record(5, sources()["s5"]).id})
    feed = replace(asked, html=False, params={"kind": "all", "format": "rss"})
    for name, call in {
        "front page": lambda _: pages.front(site, asked),
        "article page": lambda _: pages.article(site, article),
        "feed of 50, rss": lambda _: feeds.feed(site, feed),
    }.items():
        call(0)
        median, high = spread(call, 100)
        print(f"  {name:34} median {median:6.1f} ms, p99 {high:6.1f} ms")
    queries = {
        "search, two rare words": lambda n: f"رقم {n * 37} {WORDS[n % 10]}",
        "search, two words of a tenth each": lambda n: f"{WORDS[n % 10]} {WORDS[n // 10 % 10]}",
        "search, a word of every article": lambda _: "خبر",
    }
    with site.store.read() as connection:
        for name, asked_for in queries.items():
            median, high = spread(
                lambda n, q=asked_for: searching.search(connection, q(n), limit=20), 100
            )
            print(f"  {name:34} median {median:6.1f} ms, p99 {high:6.1f} ms")


def main() -> None:
    """Build, serve, ask, print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Config(data=Path(folder)).database_url)
        begin = time.perf_counter()
        build(store, count)
        print(f"{count:,} articles, built in {time.perf_counter() - begin:.0f} s")
        store.close()
        print("without prepared answers:")
        rendering(folder)
        ours = multiprocessing.Process(target=serve_ours, args=(folder, 8431), daemon=True)
        ours.start()
        body, headers = wait_for(8431, "/feeds/all.rss")
        bare = multiprocessing.Process(target=serve_bare, args=(body, 8432), daemon=True)
        bare.start()
        wait_for(8432, "/feed")
        whole, same, still = [], [], []
        tag = {"If-None-Match": headers["etag"]}
        for _ in range(ROUNDS):  # in turns, so that a busy machine is busy for all
            still.append(rate(8432, "/feed", {}, 200))
            whole.append(rate(8431, "/feeds/all.rss", {}, 200))
            same.append(rate(8431, "/feeds/all.rss", tag, 304))
        front = rate(8431, "/", {"Accept": "text/html"}, 200)
        ours.kill()
        bare.kill()
        base = statistics.median(still)
        print(f"feed of {len(body):,} bytes, requests a second, median of {ROUNDS}:")
        print(f"  bare Starlette {base:7.0f}")
        for name, rates in (("ours, 200", whole), ("ours, 304", same)):
            middle = statistics.median(rates)
            print(f"  {name:14} {middle:7.0f}   {middle / base:.2f} x")
        print(f"  front page     {front:7.0f}   ({1000 / front:.1f} ms)")
        print(orjson.dumps({"articles": count}).decode())


if __name__ == "__main__":
    main()
