"""``aggregator export``: articles out of the store in any of the formats."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from aggregator.cli import App
from aggregator.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from aggregator.store.engine import Store
    from aggregator.types import Feed, Filter

FORMATS = (
    "jsonl",
    "rss",
    "atom",
    "json",
    "text",
    "opml",
    "parquet",
    "ninjs",
    "schema_org",
)
#: Formats that are read as a window of the newest entries.
FEEDS = {"rss", "atom", "json"}


@click.command()
@click.argument("format_", metavar="FORMAT", type=click.Choice(FORMATS))
@click.option("--source", "sources", multiple=True, help="Only this source (may be repeated).")
@click.option("--country", help="Only sources of this country (EG, MA …).")
@click.option("--language", "spoken", help="Only articles in this language (ar, fr …).")
@click.option("--keyword", help="Only articles with this keyword.")
@click.option("--query", help="Only articles that match a search.")
@click.option("--cluster", help="Only articles on this event.")
@click.option("--since", type=click.IntRange(min=0), help="Every change after this number.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many.")
@click.option("--events", is_flag=True, help="One entry for each event.")
@click.option("--follow", is_flag=True, help="jsonl: go on as changes come, until stopped.")
@click.option(
    "--segments",
    type=click.Path(path_type=Path, file_okay=False),
    help="jsonl: folder of numbered, compressed files; goes on after the last line there.",
)
@click.option("--output", type=click.Path(path_type=Path), help="File; replaced as a whole.")
@click.pass_obj
def export(app: App, /, format_: str, output: Path | None, events: bool, **parts: Any) -> int:
    """Write articles as FORMAT: jsonl rss atom json text opml parquet ninjs schema_org.

    Without --output to standard output. An empty result never replaces the last good file.
    """
    from aggregator.types import Filter

    since, limit = parts["since"], parts["limit"]
    _check(format_, since, parts)
    wanted = Filter(
        sources=tuple(parts["sources"]),
        country=parts["country"],
        language=parts["spoken"],
        keyword=parts["keyword"],
        query=parts["query"],
        cluster=parts["cluster"],
    )
    if parts["follow"] or parts["segments"]:
        return _follow(app, format_, wanted, since or 0, parts)
    if format_ == "opml":
        return write(opml_chunks(app, wanted), output, format_)
    store = app.open()
    with store.read() as connection:
        _see_known(app, connection, wanted.sources)
        if format_ == "jsonl":
            chunks: Iterable[bytes] = _lines(connection, wanted, since, limit, events=events)
        else:
            chunks = _documents(app, connection, format_, wanted, since, limit, events=events)
        return write(chunks, output, format_)


def _see_known(app: App, connection: "Connection", ids: tuple[str, ...]) -> None:
    """See that the sources are in the catalogue, or were when their articles came."""
    if not ids or all(name in app.sources for name in ids):
        return
    from aggregator import catalogue
    from aggregator.store import reading

    catalogue.known(ids, {*app.sources, *reading.source_ids(connection)})


def _check(format_: str, since: int | None, parts: dict[str, Any]) -> None:
    if parts["country"] and len(parts["country"]) != 2:
        raise UsageError("not a country", parts["country"], "two letters, like EG")
    if since is not None and format_ in FEEDS:
        raise UsageError("no cursor in a feed", "--since", "feeds show the newest entries")


def _follow(app: App, format_: str, wanted: "Filter", since: int, parts: dict[str, Any]) -> int:
    """Write changes as they come: to standard output, or into segments."""
    from aggregator.exporters.segments import Segments

    if format_ != "jsonl":
        raise UsageError("only jsonl can be followed", format_)
    store = app.open()
    if parts["segments"]:
        with Segments(parts["segments"]) as segments:
            start = max(since, segments.last_seq)
            for lines in _new_lines(store, wanted, start, follow=parts["follow"]):
                segments.append(lines)
        return 0
    for lines in _new_lines(store, wanted, since, follow=parts["follow"]):
        sys.stdout.buffer.writelines(lines)
        sys.stdout.buffer.flush()
    return 0


def _new_lines(
    store: "Store", wanted: "Filter", since: int, *, follow: bool
) -> Iterator[list[bytes]]:
    """Yield the lines after a number in blocks; with ``follow`` never ends."""
    import time

    from aggregator.store import reading

    while True:
        with store.read() as connection:
            rows = list(reading.changes(connection, since, wanted, limit=1000))
        if rows:
            yield [row.line() for row in rows]
            since = rows[-1].seq
        elif follow:
            time.sleep(1.0)
        else:
            return


def _lines(
    connection: "Connection",
    wanted: "Filter",
    since: int | None,
    limit: int | None,
    *,
    events: bool,
) -> Iterator[bytes]:
    from aggregator.store import reading

    if since is not None:
        rows: Iterable[reading.Row] = reading.changes(connection, since, wanted, limit=limit)
    else:
        rows = reading.living(connection, wanted, limit=limit)
    if events:
        rows = reading.one_per_event(rows)
    for row in rows:
        yield row.line()


def _documents(
    app: App,
    connection: "Connection",
    format_: str,
    wanted: "Filter",
    since: int | None,
    limit: int | None,
    *,
    events: bool,
) -> Iterable[bytes]:
    from aggregator import exporters
    from aggregator.feeds import describe, newest_first
    from aggregator.store import reading

    feed: Feed = describe(app.config, wanted, app.sources, lang=app.lang)
    if format_ in FEEDS:
        rows = reading.newest(
            connection, wanted, limit=limit or app.config.feed_limit, events=events
        )
        return exporters.exporter(format_).write(feed, newest_first(rows))
    if since is not None:
        found: Iterable[reading.Row] = reading.changes(connection, since, wanted, limit=limit)
    else:
        found = reading.living(connection, wanted, limit=limit)
    if events:
        found = reading.one_per_event(found)
    return exporters.exporter(format_).write(feed, (row.change() for row in found))


def opml_chunks(app: App, wanted: "Filter") -> Iterable[bytes]:
    """Return the OPML of the enabled sources, or of those a filter names."""
    from aggregator import catalogue
    from aggregator.exporters import opml
    from aggregator.feeds import describe

    chosen = (
        catalogue.choose(app.sources, wanted.sources)
        if wanted.sources
        else [source for source in app.sources.values() if source.enabled]
    )
    kept = [
        source
        for source in chosen
        if (not wanted.country or source.country == wanted.country.upper())
        and (not wanted.language or source.language == wanted.language)
    ]
    feed = describe(app.config, wanted, app.sources, lang=app.lang)
    return opml.write_sources(feed, kept)


def write(chunks: Iterable[bytes], output: Path | None, format_: str) -> int:
    """Write to a file, replaced as a whole, or to standard output."""
    if output is None:
        stream: BinaryIO = sys.stdout.buffer
        stream.writelines(chunks)
        stream.flush()
        return 0
    from aggregator.exporters.files import replace

    replace(output, chunks, format_=format_)
    return 0
