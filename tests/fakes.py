"""Fakes: a web site on loopback whose pages tests set, and a newsroom that fills it."""

import html
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aggregator.types import Seed, Source

TOPICS = (
    ("ميناء", "الحاويات", "الأرصفة", "السفن", "الجمارك"),
    ("جامعة", "الطلاب", "المناهج", "المعامل", "الامتحانات"),
    ("مستشفى", "الأطباء", "العيادات", "الأدوية", "الطوارئ"),
    ("مهرجان", "الأفلام", "المخرجون", "الجوائز", "العروض"),
    ("دوري", "اللاعبون", "المباريات", "الحكام", "الأهداف"),
    ("مزرعة", "القمح", "الري", "المحاصيل", "الأسمدة"),
    ("محكمة", "القضاة", "الشهود", "الدفاع", "الأحكام"),
)
PLACES = ("القاهرة", "الدوحة", "تونس", "بغداد", "الرباط", "عمان", "الخرطوم", "صنعاء", "بيروت")
SENTENCES = (
    "أعلن مدير {a} في {p} أن {b} ستشهد توسعا كبيرا خلال {n} شهرا، وأن {c} ستكون أول المستفيدين.",
    "وقال خلال لقاء مع الصحفيين إن {d} بلغت {m} وحدة، وإن {e} لم تتأخر رغم ظروف العام الصعبة.",
    "وتعود فكرة {a} إلى سنة {y} حين اجتمع أهالي {p} وطالبوا بتحسين {b} وزيادة {d} في أحيائهم.",
    "وأضاف أن {c} و{e} في {p} يحتاجان إلى {k} مليون دينار، تدفع على {n} أقساط متساوية.",
)


def paragraphs(number: int) -> tuple[str, ...]:
    """Return a text for each number, as unlike its neighbours' as news are."""
    a, b, c, d, e = TOPICS[number % len(TOPICS)]
    values = {"a": a, "b": b, "c": c, "d": d, "e": e, "p": PLACES[number % len(PLACES)]}
    numbers = {"n": number + 3, "m": number * 37 + 11, "y": 1950 + number, "k": number * 7 + 3}
    turn = number % len(SENTENCES)
    ordered = SENTENCES[turn:] + SENTENCES[:turn]
    told = tuple(sentence.format(**values, **numbers) for sentence in ordered)
    return (*told, f"رقم الخبر في الأرشيف {number}.")


def number_in(text: Iterable[str]) -> int:
    """Return the number of the story that a stored text is."""
    last = " ".join(text).rpartition("رقم الخبر في الأرشيف ")[2]
    return int(last.split(".")[0])


@dataclass
class Answer:
    """What a path answers."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class FakeSite:
    """Serves ``pages`` (path → Answer or text) on loopback and remembers who asked for what."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        self.pages: dict[str, Answer | str | bytes] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.answer(self)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer((address, 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://{address}:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.asked.append((handler.path, headers))
        page = self.pages.get(handler.path, Answer(b"not here", 404))
        if isinstance(page, str):
            page = page.encode()
        if isinstance(page, bytes):
            page = Answer(page)
        status, body = page.status, page.body
        tag = page.headers.get("ETag")
        if tag and headers.get("if-none-match") == tag:
            status, body = 304, b""
        handler.send_response(status)
        for name, value in page.headers.items():
            handler.send_header(name, value)
        if "Content-Type" not in page.headers:
            handler.send_header("Content-Type", "text/html; charset=utf-8")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def __enter__(self) -> "FakeSite":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@dataclass
class Story:
    """An article of a fake newsroom."""

    number: int
    title: str
    path: str
    guid: str | None = None
    published: datetime = datetime(2025, 11, 10, 8, tzinfo=UTC)
    text: tuple[str, ...] = ()
    canonical: str | None = None
    link: str | None = None

    def __post_init__(self) -> None:
        self.text = self.text or paragraphs(self.number)


def feed(base: str, stories: Iterable[Story], title: str = "صحيفة الاختبار") -> str:
    """Return the RSS of stories, newest first."""
    items = []
    for story in stories:
        guid = f'<guid isPermaLink="false">{html.escape(story.guid)}</guid>' if story.guid else ""
        items.append(
            f"<item><title>{html.escape(story.title)}</title>"
            f"<link>{html.escape(story.link or base + story.path)}</link>{guid}"
            f"<pubDate>{format_datetime(story.published)}</pubDate></item>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
        f"<title>{title}</title><link>{base}/</link><description>-</description>"
        f"{''.join(items)}</channel></rss>"
    )


def page(base: str, story: Story) -> str:
    """Return the page of a story: an article with navigation around it."""
    body = "".join(f"<p>{html.escape(text)}</p>" for text in story.text)
    link = story.canonical or base + story.path
    return (
        '<!doctype html><html lang="ar" dir="rtl"><head><meta charset="utf-8">'
        f"<title>{html.escape(story.title)} - صحيفة الاختبار</title>"
        f'<link rel="canonical" href="{html.escape(link)}">'
        f'<meta property="article:published_time" content="{story.published.isoformat()}">'
        f'<meta property="og:title" content="{html.escape(story.title)}">'
        f'<meta property="og:type" content="article"></head><body>'
        '<nav><a href="/">الرئيسية</a> <a href="/sports">رياضة</a></nav>'
        f"<main><article><h1>{html.escape(story.title)}</h1>{body}</article></main>"
        "<footer>جميع الحقوق محفوظة</footer></body></html>"
    )


def publish(site: FakeSite, stories: Iterable[Story], *, feed_path: str = "/feed") -> None:
    """Put the stories and their feed onto the site; other article pages answer 404 from now on."""
    shown = list(stories)
    site.pages = {
        feed_path: Answer(
            feed(site.url, shown).encode(), headers={"Content-Type": "application/rss+xml"}
        )
    }
    for story in shown:
        site.pages[story.path] = page(site.url, story)


def source(
    site: FakeSite, name: str = "akhbar", *, feed_path: str = "/feed", **more: Any
) -> Source:
    """Return the source that a fake site is."""
    values: dict[str, Any] = {
        "id": name,
        "name": "صحيفة الاختبار",
        "homepage": f"{site.url}/",
        "country": "EG",
        "timezone": "Africa/Cairo",
        "language": "ar",
        "seeds": (Seed(kind="feed", url=f"{site.url}{feed_path}"),),
        "delay_s": 0.0,
    }
    return Source(**{**values, **more})
