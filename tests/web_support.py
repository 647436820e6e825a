"""A small store for the tests of pages, feeds and API, and a client that talks to the service."""

import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn

from aggregator import ingest
from aggregator.config import Config
from aggregator.draft import Draft
from aggregator.store.engine import Store
from aggregator.store.writer import Writer
from aggregator.types import Article, Image, Seed, Source
from aggregator.web.app import create_app
from aggregator.web.site import Site
from tests.fakes import paragraphs

with warnings.catch_warnings():
    # Starlette would rather have a successor of httpx that our lock does not hold.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

WAFD = Source(
    id="wafd",
    name="بوابة الوفد",
    homepage="https://alwafd.example/",
    country="EG",
    language="ar",
    seeds=(Seed(kind="feed", url="https://alwafd.example/rss"),),
)
SABAH = replace(WAFD, id="sabah", name="الصباح", homepage="https://sabah.example/", country="TN")
POST = replace(
    WAFD,
    id="post",
    name="Levant Post",
    homepage="https://post.example/",
    country="LB",
    language="en",
)
SOURCES = {source.id: source for source in (WAFD, SABAH, POST)}
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def draft(number: int, now: datetime, source: Source = WAFD, **changes: object) -> Draft:
    """Return an article of a source; each number has its own text and address."""
    values: dict[str, object] = {
        "url": f"{source.homepage}{7_000_000 + number}",
        "title": f"عنوان الخبر رقم {number} في أرشيف الصحيفة",
        "published": now - timedelta(minutes=number),
        "published_precision": "minute",
        "published_origin": "meta",
        "paragraphs": paragraphs(number),
        "language": "ar",
        "direction": "rtl",
    }
    return Draft(article=Article(**{**values, **changes}), source=source, seen=now)  # type: ignore[arg-type]


def put(store: Store, now: datetime, *drafts: Draft) -> list[Draft]:
    """Store articles in one transaction."""
    done = []
    with Writer(store) as writer:
        for each in drafts:
            clean, why = ingest.clean(each)
            assert clean is not None, why
            done.append(ingest.ingest(clean, writer))
        writer.commit(now)
    return done


def fill(store: Store, now: datetime) -> None:
    """Store three articles of two sources, one of them with a picture and edited once."""
    put(
        store,
        now,
        draft(1, now, title="أحمد يفتتح معرض القاهرة للكتاب", images=(picture(),)),
        draft(2, now, SABAH),
        draft(
            3,
            now,
            POST,
            title="Beirut port reopens after months of repair",
            paragraphs=("The port of Beirut opened again on Monday.", "Ships came at noon."),
            language="en",
            direction="ltr",
        ),
    )
    later = now + timedelta(hours=1)
    put(store, later, draft(1, later, title="أحمد يفتتح معرض القاهرة الدولي للكتاب"))


@contextmanager
def filled(folder: Path, **settings: object) -> Iterator[Site]:
    """Yield the service over a store of :func:`fill`, for tests that only read."""
    now = datetime(2025, 11, 10, 12, tzinfo=UTC)
    config = Config(data=folder, **settings)  # type: ignore[arg-type]
    store = Store.open(config.database_url)
    fill(store, now)
    yield service(store, config, now)
    store.close()


def picture() -> Image:
    """Return a picture on another host."""
    return Image(url="https://pictures.example/a.jpg", alt="المعرض")


def service(
    store: Store,
    config: Config,
    now: datetime,
    *,
    sources: Mapping[str, Source] = SOURCES,
    fresh_s: float = 0.0,
) -> Site:
    """Return a site over the store that believes nothing for long."""
    return Site(config=config, sources=sources, store=store, now=lambda: now, fresh_s=fresh_s)


def client(site: Site, *, raises: bool = True, **headers: str) -> TestClient:
    """Return a client of the service on loopback."""
    return TestClient(
        create_app(site),
        base_url="http://127.0.0.1:8000",
        headers=headers,
        raise_server_exceptions=raises,
    )


class _Server(uvicorn.Server):
    """The service in a thread, on a port that the system picks."""

    def install_signal_handlers(self) -> None:
        """Leave signals to the tests."""


@contextmanager
def on_loopback(site: Site) -> Iterator[str]:
    """Yield the address of the running service."""
    settings = uvicorn.Config(
        create_app(site), host="127.0.0.1", port=0, log_level="error", lifespan="off"
    )
    server, socket = _Server(settings), settings.bind_socket()
    socket.listen(100)  # who calls before the server is up has to wait, no more
    thread = threading.Thread(target=server.run, args=([socket],), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        socket.close()


#: Texts that want to be markup, script, or the end of what they stand in.
HOSTILE_TEXTS = (
    "<script>window.hacked=1</script>",
    '"><img src=x onerror=window.hacked=1>',
    "'\"--></style></title></textarea><svg onload=window.hacked=1>",
    "{{ 7*7 }}{% raw %}<b onmouseover=window.hacked=1>",
    "]]><script>window.hacked=1</script><![CDATA[",
    "javascript:window.hacked=1",
    "&lt;script&gt;window.hacked=1&lt;/script&gt;",
    "\u202egnp.exe\u202c \u2066<i>\u2069",
)
HOSTILE_SOURCE = replace(
    WAFD,
    id="hostile",
    name="<script>window.hacked=1</script>\"'><img src=x onerror=window.hacked=1>",
    homepage="https://hostile.example/",
)
_HOSTILE_HTML = (
    "<p>نص الخبر في أول الأمر</p><script>window.hacked=1</script>"
    "<img src=x onerror='window.hacked=1'><a href='javascript:window.hacked=1'>انقر هنا</a>"
    "<svg><animate onbegin=window.hacked=1 attributeName=x></svg>"
    "<iframe srcdoc='<script>parent.hacked=1</script>'></iframe>"
    "<p style='background:url(https://evil.example/)'>فقرة أخرى من النص</p>"
    "<math><mtext><table><mglyph><style><img src=x onerror=window.hacked=1></style></mglyph>"
    "</table></mtext></math><form action='https://evil.example/'><input></form>"
)


def fill_hostile(store: Store, now: datetime) -> None:
    """Store articles whose every field is an attack."""
    put(
        store,
        now,
        *(
            draft(
                100 + number,
                now,
                HOSTILE_SOURCE,
                title=f"خبر رقم {number} {text}",
                summary=text,
                paragraphs=(*paragraphs(100 + number), text),
                html=_HOSTILE_HTML + "".join(f"<p>{p}</p>" for p in paragraphs(100 + number)),
                authors=(text[:80],),
                categories=(text[:60],),
                images=(Image(url="https://evil.example/x.png", alt=text),),
            )
            for number, text in enumerate(HOSTILE_TEXTS)
        ),
    )
