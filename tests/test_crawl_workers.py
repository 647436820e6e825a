"""Processes that read pages beside a crawl: the same articles, and no page ends the others."""

import asyncio
import dataclasses
import errno
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator import ingest
from aggregator.crawl import workers as workers_of
from aggregator.crawl.page_work import Done, Work, prepared, read
from aggregator.crawl.seed_work import NotASeed, SeedDone, SeedWork
from aggregator.crawl.worker_process import spawn
from aggregator.crawl.workers import AHEAD, Workers
from aggregator.draft import Draft
from aggregator.errors import FetchError
from aggregator.store.engine import Store
from aggregator.store.writer import Writer
from aggregator.types import Page, Seed
from tests.crawl_support import source

NOW = datetime(2025, 11, 10, 12, tzinfo=UTC)
PARAGRAPHS = (
    "أعلنت وزارة النقل في القاهرة أمس افتتاح محطة جديدة للقطار تخدم آلاف الركاب كل يوم.",
    "وقال الوزير إن العمل فيها استمر ثلاث سنوات وكلف الدولة مليار جنيه، وإنها تربط الشرق بالغرب.",
    "وأضاف أن أول قطار يغادرها في السادسة صباحا، على أن يزيد عدد الرحلات في الشهر المقبل.",
    "ورحب سكان الحي بالخطوة، وقالت بائعة إنها كانت تقضي ساعتين في الطريق إلى عملها كل يوم.",
)


def work(title: str = "افتتاح محطة جديدة للقطار في القاهرة", *, number: int = 1) -> Work:
    body = "".join(f"<p>{each} ({number})</p>" for each in PARAGRAPHS)
    head = f"<html lang=ar><title>{title}</title>"
    html = f"{head}<body><article><h1>{title}</h1>{body}</article></body></html>"
    page = Page(
        url=f"http://127.0.0.1/news/{number}.html",
        body=html.encode(),
        status=200,
        headers={"content-type": "text/html; charset=utf-8"},
        fetched=NOW,
    )
    return Work(page=page, source=source(), now=NOW)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'store.db'}")
    yield opened
    opened.close()


def with_workers(
    use: Callable[[Workers], Awaitable[None]], *, count: int = 1, page_s: float = 30
) -> None:
    async def main() -> None:
        workers = Workers(count, worth=1, page_s=page_s)
        try:
            await use(workers)
        finally:
            workers.close()
        assert workers.running == 0

    asyncio.run(main())


def child(workers: Workers) -> int:
    process = workers._running[0]._process
    assert process is not None
    return process.pid


def test_a_worker_finds_what_the_crawl_itself_finds() -> None:
    async def use(workers: Workers) -> None:
        done = await workers.read(work(), waiting=1)
        assert done is not None
        assert done.gathering == read(work())
        assert done.ready is not None
        assert done.ready == prepared(work()).ready
        assert done.ready.candidates

    with_workers(use)


FEED = """<rss version="2.0"><channel><title>أخبار</title>
<item><title>افتتاح محطة جديدة</title><link>http://127.0.0.1/news/1.html</link></item>
<item><title>الخبر الثاني</title><link>http://127.0.0.1/news/2.html</link></item>
</channel></rss>"""


def document(body: str = FEED) -> SeedWork:
    url = "http://127.0.0.1/feed"
    page = Page(url=url, body=body.encode(), status=200, headers={}, fetched=NOW)
    return SeedWork(page=page, seed=Seed(kind="feed", url=url), source=source(), now=NOW)


def test_a_worker_finds_in_a_seed_what_the_crawl_itself_finds() -> None:
    async def use(workers: Workers) -> None:
        done = await workers.read(document(), waiting=1)
        assert done == document().done()
        assert isinstance(done, SeedDone)
        assert [each.entry.title for each in done.announced] == [
            "افتتاح محطة جديدة",
            "الخبر الثاني",
        ]

    with_workers(use)


def test_a_document_that_is_no_feed_is_named_and_ends_no_worker() -> None:
    async def use(workers: Workers) -> None:
        done = await workers.read(document("<html><p>صيانة</p></html>"), waiting=1)
        assert isinstance(done, NotASeed)
        assert "127.0.0.1/feed" in done.why
        assert await workers.read(work(), waiting=1)

    with_workers(use)


def test_large_pages_are_not_heaped_up_at_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers_of, "MOST_BYTES", 3 * len(work().page.body))

    async def use(workers: Workers) -> None:
        asked = [workers.read(work(number=at), waiting=100) for at in range(8)]
        found = await asyncio.gather(*asked)
        assert 1 <= sum(done is not None for done in found) <= 3
        assert await workers.read(work(), waiting=100)  # what is read is no weight any more

    with_workers(use)


def test_a_process_that_was_started_early_is_the_first_worker() -> None:
    early = [spawn()]
    pid = early[0].pid

    async def main() -> None:
        workers = Workers(1, early=early)
        assert workers.are_ready
        assert await workers.read(work(), waiting=1)
        assert child(workers) == pid
        assert not early
        workers.close()

    asyncio.run(main())


def no_process(*_args: object, **_options: object) -> None:
    raise OSError(errno.EAGAIN, "Resource temporarily unavailable")


def test_where_no_process_can_start_the_crawl_reads_the_pages_itself(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(workers_of, "spawn", no_process)

    async def use(workers: Workers) -> None:
        for number in range(3):
            assert await workers.read(work(number=number), waiting=9) is None

    with_workers(use)
    (record,) = caplog.records
    assert record.message.startswith("no process to read pages beside the crawl, it reads them")
    assert "Resource temporarily unavailable" in record.message


def test_a_worker_that_cannot_be_replaced_gives_its_pages_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def use(workers: Workers) -> None:
        assert await workers.read(work(), waiting=1)
        monkeypatch.setattr(workers_of, "spawn", no_process)
        os.kill(child(workers), signal.SIGKILL)
        asked = [workers.read(work(number=at), waiting=9) for at in range(3)]
        found = await asyncio.gather(*asked, return_exceptions=True)
        kinds = [each.kind for each in found if isinstance(each, FetchError)]
        assert kinds == ["unreadable", "stopped", "stopped"]  # what it was at, and the others
        assert await workers.read(work(), waiting=9) is None

    with_workers(use)


def test_a_death_that_a_look_at_the_pipes_finds_leaves_the_page_to_the_crawl(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def use(workers: Workers) -> None:
        assert await workers.read(work(), waiting=1)
        first = asyncio.ensure_future(workers.read(work(number=1), waiting=9))
        second = asyncio.ensure_future(workers.read(work(number=2), waiting=9))
        await asyncio.sleep(0)
        monkeypatch.setattr(workers_of, "spawn", no_process)
        process = workers._running[0]._process
        assert process is not None
        process.kill()
        process.wait()  # the loop did not see it yet
        assert await asyncio.wait_for(workers.read(work(number=3), waiting=9), 60) is None
        for each in await asyncio.gather(first, second, return_exceptions=True):
            assert isinstance(each, FetchError | Done)

    with_workers(use)


def test_few_pages_start_no_process() -> None:
    async def use(workers: Workers) -> None:
        assert await workers.read(work(), waiting=0) is None
        assert workers.running == 0

    with_workers(use)


def test_without_workers_the_crawl_reads_all_pages() -> None:
    async def use(workers: Workers) -> None:
        assert await workers.read(work(), waiting=1000) is None

    with_workers(use, count=0)


def test_pages_beyond_those_taken_ahead_are_left_to_the_crawl() -> None:
    async def use(workers: Workers) -> None:
        asked = [workers.read(work(number=at), waiting=100) for at in range(2 * AHEAD)]
        found = await asyncio.gather(*asked)
        assert [done is not None for done in found] == [True] * AHEAD + [False] * AHEAD
        urls = [done.gathering.first for done in found if done]
        assert urls == [work(number=at).page.url for at in range(AHEAD)]

    with_workers(use)


def test_a_page_that_kills_its_worker_is_named_and_the_next_one_is_read() -> None:
    async def use(workers: Workers) -> None:
        assert await workers.read(work(), waiting=1)
        os.kill(child(workers), signal.SIGKILL)
        with pytest.raises(FetchError, match=r"127\.0\.0\.1/news/2") as caught:
            await workers.read(work(number=2), waiting=1)
        assert caught.value.kind == "unreadable"
        assert await workers.read(work(number=3), waiting=1)

    with_workers(use)


def test_a_page_that_takes_too_long_is_named_and_its_worker_replaced() -> None:
    async def use(workers: Workers) -> None:
        assert await workers.read(work(), waiting=1)
        hung = child(workers)
        os.kill(hung, signal.SIGSTOP)
        workers._running[0]._page_s = 0.2
        with pytest.raises(FetchError, match="more than"):
            await workers.read(work(number=2), waiting=1)
        workers._running[0]._page_s = 30
        assert await workers.read(work(number=3), waiting=1)
        assert child(workers) != hung

    with_workers(use)


def test_workers_pass_over_the_signals_that_end_a_crawl() -> None:
    async def use(workers: Workers) -> None:
        assert await workers.read(work(), waiting=1)
        for each in (signal.SIGTERM, signal.SIGINT):
            os.kill(child(workers), each)
        assert await workers.read(work(number=2), waiting=1)

    with_workers(use)


def test_pages_under_way_stop_with_the_workers() -> None:
    async def use(workers: Workers) -> None:
        asked = [asyncio.ensure_future(workers.read(work(), waiting=9)) for _ in range(AHEAD)]
        await asyncio.sleep(0)
        workers.close()
        for each in await asyncio.gather(*asked, return_exceptions=True):
            assert isinstance(each, FetchError)
            assert each.kind == "stopped"

    with_workers(use)


def test_what_was_worked_out_beforehand_is_stored_like_the_rest(store: Store) -> None:
    def stored(done: Done | None) -> Draft:
        gathering = read(work())
        draft = Draft(article=gathering.article, source=source(), seen=NOW)
        if done is not None:
            draft = dataclasses.replace(draft, ready=done.ready)
        clean, _ = ingest.clean(draft)
        assert clean is not None
        with Writer(store) as writer:
            return ingest.ingest(clean, writer)  # given up at the end

    done = prepared(work())
    plain, ready = stored(None), stored(done)
    assert plain.outcome == ready.outcome == "new"
    for name in ("article", "keywords", "placement", "names"):
        assert getattr(plain, name) == getattr(ready, name)


def test_an_article_that_was_changed_since_is_worked_out_anew(store: Store) -> None:
    done = prepared(work())
    assert done.ready is not None
    done = dataclasses.replace(
        done, ready=dataclasses.replace(done.ready, candidates=(("كلمة", "كلمه", 1.0),))
    )
    draft = Draft(article=done.gathering.article, source=source(), seen=NOW, ready=done.ready)
    clean, _ = ingest.clean(draft)
    assert clean is not None
    changed = dataclasses.replace(clean.article, paragraphs=clean.article.paragraphs[:1])
    with Writer(store) as writer:
        same = ingest.enrich(clean, writer)
        other = ingest.enrich(dataclasses.replace(clean, article=changed), writer)
    assert same.keywords == ("كلمة",)
    assert other.keywords != ("كلمة",)
