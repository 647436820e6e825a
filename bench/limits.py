"""What the worst pages cost: processor time and memory of one extraction each.

Run ``python -m bench.limits``. Each page is made here and extracted in a process of its own, after
an ordinary page has loaded all that is loaded once; time is that process's, memory is how far its
peak rose above where it stood. Wanted: 2 s and 200 MB at most, and never an exception. ``--only
NAME`` runs one page.
"""

import argparse
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

MOST_SECONDS, MOST_MEGABYTES = 2.0, 200.0
URL = "https://hostile.example/news/story"

_ORDINARY = (
    "<html lang='ar'><head><title>عنوان الخبر</title></head><body><article><h1>عنوان الخبر</h1>"
    + "<p>فقرة من نص الخبر، وفيها ما يكفي من الكلام لتبدو فقرة حقيقية في صفحة عادية.</p>" * 8
    + "</article></body></html>"
)


def _page(inside: str, head: str = "") -> str:
    body = "<p>فقرة من نص الخبر، وفيها ما يكفي من الكلام.</p>" * 5
    return (
        f"<html><head><title>خبر</title>{head}</head><body><article><h1>خبر</h1>{body}{inside}"
        "</article></body></html>"
    )


def _linked_data(value: str) -> str:
    return _page("", f'<script type="application/ld+json">{value}</script>')


PAGES: dict[str, Callable[[], str | bytes]] = {
    "title of 1 MB": lambda: f"<title>{'عنوان طويل ' * 50_000}</title><p>نص</p>",
    "h1 of 1 MB": lambda: _page(f"<h1>{'long heading ' * 80_000}</h1>"),
    "og:title of 1 MB": lambda: _page(
        "", f'<meta property="og:title" content="{"&amp;amp;" * 110_000}">'
    ),
    "100,000 nested div": lambda: _page("<div>" * 100_000 + "deep text"),
    "100,000 nested div, closed": lambda: _page("<div>" * 100_000 + "x" + "</div>" * 100_000),
    "100,000 nested b": lambda: _page("<b>" * 100_000 + "deep text"),
    "100,000 nested tables": lambda: _page("<table><tr><td>" * 33_000 + "deep text"),
    "100,000 nested lists": lambda: _page("<ul><li>" * 50_000 + "deep text"),
    "10 MB of br": lambda: _page("<br>" * 2_500_000),
    "10 MB of words and br": lambda: _page("word<br>" * 1_250_000),
    "10 MB of one paragraph": lambda: _page(f"<p>{'كلمة عادية، ' * 450_000}</p>"),
    "10 MB of short paragraphs": lambda: _page("<p>نص</p>" * 900_000),
    "10 MB without blanks": lambda: _page("<p>" + "ا" * 5_000_000),
    "10 MB of links": lambda: _page('<a href="/x">word</a> ' * 450_000),
    "10 MB of pictures": lambda: _page('<img src="/a.jpg" alt="x">' * 380_000),
    "10 MB of one address": lambda: _page(f'<img src="/{"a" * 10_000_000}">'),
    "10 MB of data picture": lambda: _page(f'<img src="data:image/png;base64,{"A" * 9_900_000}">'),
    "10 MB of NUL": lambda: b"<p>a" + b"\x00" * 10_000_000 + b"b</p>",
    "NUL between all letters": lambda: _page("<p>word and word</p>" * 2_000).encode("utf-16-le"),
    "lone surrogates": lambda: _page("<p>" + "a\ud800b\udc00" * 300_000 + "</p>"),
    "surrogates as references": lambda: _page("<p>" + "&#55357;&#56832;&#xD800;" * 100_000),
    "direction marks": lambda: _page("<p>" + "\u202e\u2066abc\u2069 " * 200_000),
    "zero-width signs": lambda: _page("<p>" + "\u200b\u200c\u200d\ufeffنص " * 300_000),
    "combining marks": lambda: _page("<p>ن" + "\u064b\u0651\u064e" * 600_000),
    "presentation forms": lambda: _page("<p>" + "ﺍﻟﺮﺋﻴﺲ ﻳﺴﺘﻘﺒﻞ " * 150_000),
    "text misread": lambda: _page("<p>" + "Ø§Ù„Ø±Ø¦ÙŠØ³ " * 100_000),
    "text misread, short paragraphs": lambda: _page("<p>Ø§Ù„Ø±Ø¦ÙŠØ³ ÇáÑÆíÓ ط§ظ„</p>" * 20_000),
    "JSON-LD of 5 MB": lambda: _linked_data(
        '{"@type":"NewsArticle","articleBody":"' + "كلمة " * 550_000 + '"}'
    ),
    "JSON-LD of 5 MB, broken": lambda: _linked_data(
        '{"@type":"NewsArticle","a":[' + "{'b':1}," * 600_000
    ),
    "JSON-LD nested": lambda: _linked_data('{"a":' * 500_000),
    "JSON-LD of brackets": lambda: _linked_data("[" * 5_000_000),
    "JSON-LD of many nodes": lambda: _linked_data(
        "[" + ",".join('{"@type":"NewsArticle","headline":"x"}' for _ in range(130_000)) + "]"
    ),
    "30,000 JSON-LD scripts": lambda: _page(
        "", '<script type="application/ld+json">{"@type":"Thing"</script>' * 30_000
    ),
    "100,000 attributes": lambda: _page(
        f"<p {' '.join(f'a{n}=1' for n in range(100_000))}>text</p>"
    ),
    "100,000 attributes in quotes": lambda: _page(
        "<p " + " ".join(f"a{n}='<b>'" for n in range(100_000)) + ">text</p>"
    ),
    "class of 5 MB": lambda: _page(f'<div class="{"story body " * 450_000}">text</div>'),
    "100,000 classes": lambda: _page("".join(f"<i class=c{n}>a</i>" for n in range(100_000))),
    "100,000 meta": lambda: _page("", "<meta name=date content=2025-01-01>" * 100_000),
    "meta with 5 MB of dates": lambda: _page(
        "", f'<meta name=date content="{"2025-01-01 " * 450_000}">'
    ),
    "100,000 time": lambda: _page("<time datetime=2025-01-01>1 يناير 2025</time>" * 100_000),
    "10 MB of dates": lambda: _page("<p>" + "الأحد 9 نوفمبر 2025 " * 280_000),
    "lines of dates": lambda: _page("<p>9 نوفمبر 2025</p>" * 100_000),
    "bylines": lambda: _page('<span class="author">By A Name</span>' * 100_000),
    "bylines in nested boxes": lambda: _page(("<div>Von " * 250 + "</div>" * 250) * 1_000),
    "100,000 scripts": lambda: _page("<script>a</script>" * 100_000),
    "script without end": lambda: _page("<script " * 1_000_000),
    "comments without end": lambda: _page("<!--" * 2_000_000),
    "scripts in svg": lambda: _page("<svg><script>x</script><a><text>a</text></a></svg>" * 50_000),
    "entities": lambda: _page("<p>" + "&amp;lt;b&amp;gt;" * 500_000),
    "quotes without end": lambda: _page('<a href="' * 500_000),
    "less-than signs": lambda: "<" * 10_000_000,
    "ampersands": lambda: _page("<p>" + "&" * 5_000_000),
    "forms in tables": lambda: _page("<table><form><tr><td>x" * 50_000),
    "random bytes": lambda: bytes((n * 7919 + n // 255) % 256 for n in range(3_000_000)),
    "not one tag": lambda: "نص بلا وسوم. " * 500_000,
}  # fmt: skip


def _measure(name: str, answer: Connection) -> None:
    from aggregator.extract import extract

    page = PAGES[name]()
    extract(_ORDINARY, url=URL)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    try:
        article = extract(page, url=URL)
        said = f"{article.verdict.kind}, {sum(map(len, article.paragraphs)):,} characters"
    except Exception as error:  # noqa: BLE001 - what is looked for here
        said = f"RAISED {type(error).__name__}: {error}"[:100]
    spent = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer.send((spent, (peak - before) / 1024, len(page) / 1e6, said))


def measure(name: str) -> tuple[float, float, float, str]:
    """Return seconds, megabytes above what stood there, size in millions, and what came out."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_measure, args=(name, theirs))
    process.start()
    theirs.close()
    try:
        found: tuple[float, float, float, str] = ours.recv()
    except EOFError:
        found = (0.0, 0.0, 0.0, "RAISED: the process ended")
    process.join()
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--only", choices=sorted(PAGES))
    chosen = options.parse_args()
    failed = 0
    print(f"{'page':<32} million      s     MB  outcome")
    for name in [chosen.only] if chosen.only else PAGES:
        seconds, megabytes, size, said = measure(name)
        bad = seconds > MOST_SECONDS or megabytes > MOST_MEGABYTES or said.startswith("RAISED")
        failed += bad
        print(f"{name:<32} {size:7.1f} {seconds:6.2f} {megabytes:6.0f}  {said}{'  <--' * bad}")
    print(f"\nover {MOST_SECONDS:g} s or {MOST_MEGABYTES:g} MB: {failed} of {len(PAGES)}")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
