"""Articles for the tests of what leaves the program: plain ones, and the hardest we know."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from aggregator.types import Change, CopyRef, Feed, Image, Record, Related, Seed, Source, SourceRef

DATA = Path(__file__).parent / "data"
SEED_FILE = DATA / "seed" / "000_c3a5d13f4eaa2ea5.txt"
CAIRO = timezone(timedelta(hours=2))
AT_FIRST = datetime(2025, 11, 7, 12, 20, tzinfo=UTC)

FEED = Feed(
    id="urn:uuid:2d4a7a3e-5d0e-5a8e-8a2b-000000000001",
    title="كل الأخبار",
    home_url="https://news.example/",
    self_url="https://news.example/feeds/all.rss?a=1&b=2",
    description="أخبار من كل مكان",
    language="ar",
    hub_url="https://hub.example/",
    previous="https://news.example/feeds/all-3.rss",
    icon="https://news.example/icon.png",
)
ALWAFD = SourceRef(
    id="alwafd",
    name="بوابة الوفد",
    homepage="https://alwafd.news/",
    country="EG",
    language="ar",
)
PLAIN = Record(
    id="urn:uuid:2d4a7a3e-5d0e-5a8e-8a2b-000000000011",
    url="https://alwafd.news/5512",
    title="افتتاح مكتبة عامة في أسوان",
    published=datetime(2025, 11, 7, 14, 15, tzinfo=CAIRO),
    published_precision="minute",
    published_origin="page",
    first_seen=datetime(2025, 11, 7, 12, 20, 1, 250000, tzinfo=UTC),
    paragraphs=("فتحت مكتبة جديدة أبوابها في أسوان.", "وتضم عشرة آلاف كتاب."),
    html='<p>فتحت مكتبة جديدة أبوابها في <a href="https://alwafd.news/aswan" rel="noopener '
    'noreferrer">أسوان</a>.</p><p>وتضم عشرة آلاف كتاب.</p>',
    summary="مكتبة جديدة في أسوان",
    source=ALWAFD,
    authors=("منى سالم", "كريم عادل"),
    categories=("ثقافة",),
    keywords=("أسوان", "مكتبة عامة", "ثقافة"),
    related=(
        Related(
            id="urn:uuid:2d4a7a3e-5d0e-5a8e-8a2b-000000000099",
            url="https://other.example/9",
            title="مكتبة متنقلة تصل الأقصر",
            source="خبر آخر",
            paragraphs=("وصلت المكتبة المتنقلة.", "وتبقى أسبوعا."),
        ),
        Related(
            id="urn:uuid:2d4a7a3e-5d0e-5a8e-8a2b-000000000098",
            url="https://o.example/8",
            title="قراء",
        ),
    ),
    images=(
        Image(
            url="https://alwafd.news/a.jpg?w=1&h=2", width=800, height=600, alt='واجهة "المكتبة"'
        ),
        Image(url="https://alwafd.news/b.webp"),
    ),
    language="ar",
    direction="rtl",
    also_in=(
        CopyRef(
            id="urn:uuid:2d4a7a3e-5d0e-5a8e-8a2b-000000000097",
            source="other",
            url="https://other.example/7",
        ),
    ),
    cluster="urn:uuid:2d4a7a3e-5d0e-5a8e-8a2b-000000000096",
    free_access=True,
    origins={"title": "selector", "paragraphs": "selector"},
)
MIXED = Record(
    id="urn:uuid:2d4a7a3e-5d0e-5a8e-8a2b-000000000012",
    url="https://alwafd.news/أخبار/openai?id=3&x=1",
    title="OpenAI تطلق نموذجا جديدا و Google ترد",
    published=datetime(2025, 11, 6, tzinfo=CAIRO),
    published_precision="day",
    published_origin="url",
    updated=datetime(2025, 11, 7, 9, 0, tzinfo=CAIRO),
    first_seen=datetime(2025, 11, 6, 10, 0, tzinfo=UTC),
    paragraphs=("أعلنت OpenAI نموذجا جديدا.",),
    source=ALWAFD,
    language="ar",
    direction="rtl",
    credit="رويترز",
    copy_of="urn:uuid:2d4a7a3e-5d0e-5a8e-8a2b-000000000095",
    version=3,
    free_access=False,
)
FRENCH = Record(
    id="urn:uuid:2d4a7a3e-5d0e-5a8e-8a2b-000000000013",
    url="https://journal.example/marché",
    title="L’« accord » d’octobre : 5 < 6 & “R&D”",
    first_seen=datetime(2025, 11, 5, 8, 30, tzinfo=UTC),
    paragraphs=("Le marché a rouvert.",),
    html="<p>Le marché a rouvert.</p>",
    source=SourceRef(
        id="journal",
        name="Le Journal",
        homepage="https://journal.example/",
        country="MA",
        language="fr",
    ),
    language="fr",
    direction="ltr",
)
MONTH = replace(
    PLAIN,
    id="urn:uuid:2d4a7a3e-5d0e-5a8e-8a2b-000000000014",
    url="urn:uuid:2d4a7a3e-5d0e-5a8e-8a2b-000000000014",
    title="بلا يوم",
    published=datetime(2025, 10, 1, tzinfo=UTC),
    published_precision="month",
    html="",
    summary=None,
    paragraphs=(),
    authors=(),
    categories=(),
    keywords=(),
    related=(),
    images=(),
    also_in=(),
    source=replace(ALWAFD, homepage=""),
    origins={},
)
HOSTILE = Record(
    id="urn:uuid:2d4a7a3e-5d0e-5a8e-8a2b-000000000015",
    url="https://evil.example/?q=\"><script>&x=']]>",
    title="]]></title><script>alert(1)</script>\x00\x0b\x1f\ufffe &amp; \u202eلص\u202c \U0001f600",
    published=datetime(
        1999, 12, 31, 23, 59, 59, 999999, tzinfo=timezone(timedelta(hours=-11, minutes=-30))
    ),
    published_precision="second",
    published_origin="meta",
    first_seen=datetime(2025, 11, 4, tzinfo=UTC),
    paragraphs=("a < b && c > d ]]> --> \x08\ud800", "\"quoted\" 'single' \r\n\ttab"),
    summary="<b>not bold</b> &lt;",
    source=replace(ALWAFD, name='<source> & "co"', homepage="https://evil.example/\"'<>&"),
    authors=("<author>", "a & b"),
    categories=("<c>&\"'",),
    images=(Image(url='https://evil.example/"x.PNG<>&', alt='<alt> & "x"\x0c'),),
    language="ar",
    direction="rtl",
)
RECORDS = (PLAIN, MIXED, FRENCH, MONTH, HOSTILE)


def change(record: Record, seq: int = 1, **values) -> Change:
    """The change that brought this record."""
    first = record.version == 1
    defaults = {
        "seq": seq,
        "event": "new" if first else "edited",
        "changed": () if first else ("title", "paragraphs"),
        "at": record.first_seen + timedelta(hours=0 if first else 30),
        "id": record.id,
        "record": record,
    }
    return Change(**(defaults | values))


CHANGES = tuple(change(record, seq) for seq, record in enumerate(RECORDS, 1))
DELETED = Change(
    seq=6,
    event="deleted",
    at=datetime(2025, 11, 8, tzinfo=UTC),
    id="urn:uuid:2d4a7a3e-5d0e-5a8e-8a2b-000000000016",
    reason="gone",
)
SOURCES = (
    Source(
        id="alwafd",
        name="بوابة الوفد",
        homepage="https://alwafd.news/",
        country="EG",
        language="ar",
        seeds=(
            Seed(kind="feed", url="https://alwafd.news/rss?a=1&b=2"),
            Seed(kind="feed", url="https://alwafd.news/sport.rss", title="رياضة"),
            Seed(kind="feed", url="https://alwafd.news/old.rss", enabled=False),
        ),
    ),
    Source(
        id="journal",
        name='Le "Journal" & Cie',
        homepage="https://journal.example/",
        country="MA",
        language="fr",
        seeds=(Seed(kind="sitemap", url="https://journal.example/news.xml"),),
    ),
    Source(
        id="ahram",
        name="الأهرام",
        homepage="https://ahram.example/",
        country="EG",
        language="ar",
        seeds=(Seed(kind="feed", url="https://ahram.example/rss"),),
    ),
)
