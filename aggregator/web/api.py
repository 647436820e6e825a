"""The API: the log from a cursor, articles, sources, health, search; JSON and JSON Lines.

Everything here reads. Records go out as the store keeps them, not decoded and written again.
"""

from collections.abc import Iterator
from typing import Any, Final

import orjson

from aggregator import query as queries
from aggregator import watching
from aggregator.health import Health
from aggregator.store import browsing, crawling, queue, reading, searching, webhooks
from aggregator.store.reading import Row
from aggregator.types import Filter, Source
from aggregator.web import status
from aggregator.web.answers import JSON, Answer
from aggregator.web.asked import Asked, RefusedError
from aggregator.web.links import full
from aggregator.web.site import Site

JSONL: Final = "application/jsonl; charset=utf-8"
#: Changes that one answer of the log has at most, and rows read at a time.
MOST_CHANGES, CHUNK = 10_000, 500
#: Seconds that a long poll waits at most.
MOST_WAIT_S = 60
#: Records of a list.
LIST, MOST_LIST = 50, 500


def dumps(value: Any) -> bytes:
    """Return JSON with a line end."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE)


def answer(value: Any, *, cache: str = "no-cache", lasts_s: float | None = None) -> Answer:
    """Return a value as JSON."""
    return Answer(body=dumps(value), content_type=JSON, cache=cache, lasts_s=lasts_s)


def cursor(site: Site, asked: Asked) -> int:
    """Return the change number to go on from.

    Raises:
        RefusedError: no number, or one that the log has not reached: it is of another store.
    """
    since = asked.number("since", 0, 0, 2**53)
    if since > site.seq:
        raise RefusedError(
            400, "cursor is ahead of the log", f"since={since}", f"the newest is {site.seq}"
        )
    return since


def changes(site: Site, since: int, wanted: Filter, limit: int) -> Iterator[bytes]:
    """Yield lines of the log after a number, in pieces; no connection is held between two pieces.

    The log only grows, so that pieces read one after another are the same as one reading.
    """
    left = limit
    while left > 0:
        with site.store.read() as connection:
            rows = list(reading.changes(connection, since, wanted, limit=min(CHUNK, left)))
        if not rows:
            return
        yield b"".join(row.line() for row in rows)
        left -= len(rows)
        since = rows[-1].seq
        if len(rows) < CHUNK:
            return


def _with_header(row: Row) -> bytes:
    return row.line().rstrip(b"\n")


def _listed(rows: list[Row], **rest: Any) -> Answer:
    """Return records as ``{"articles": [...], ...}``."""
    tail = orjson.dumps(rest)[1:] if rest else b"}"
    body = b'{"articles":[' + b",\n".join(map(_with_header, rows)) + b"],"
    return Answer(body=body + tail + b"\n", content_type=JSON)


def articles(site: Site, asked: Asked) -> Answer:
    """Return living articles, the last to arrive first, with the number to go on from."""
    wanted = asked.filter(site.sources)
    limit = asked.number("limit", LIST, 1, MOST_LIST)
    before = asked.number("before", 0, 0, 2**53) or None
    with site.store.read() as connection:
        lines = browsing.lines(connection, wanted, limit=limit, before=before)
        rows = reading.living(connection, Filter(ids=tuple(line.id for line in lines)))
        by_id = {row.id: row for row in rows} if lines else {}
    found = [by_id[line.id] for line in lines if line.id in by_id]
    following = lines[-1].pk if len(lines) == limit else None
    return _listed(found, next=following, seq=site.seq)


def article(site: Site, asked: Asked) -> Answer:
    """Return one article's newest state, or its tombstone with status 410."""
    with site.store.read() as connection:
        row = reading.find_article(connection, full(asked.params["id"]))
    if row is None:
        raise RefusedError(404, "unknown article", asked.params["id"][:80])
    status_code = 200 if row.record_json else 410
    return Answer(body=row.line(), content_type=JSON, status=status_code, modified=row.at)


def versions(site: Site, asked: Asked) -> Answer:
    """Return the states that an article had before, oldest first."""
    with site.store.read() as connection:
        row = reading.find_article(connection, full(asked.params["id"]))
        if row is None or row.record_json is None:
            raise RefusedError(404, "unknown article", asked.params["id"][:80])
        old = reading.versions(connection, row.pk)
    return answer(
        {
            "id": row.id,
            "versions": [
                {
                    "version": each.version,
                    "superseded": each.at,
                    "kind": each.kind,
                    "changed": each.changed,
                    "article": orjson.Fragment(each.record_json),
                }
                for each in old
            ],
        }
    )


def search(site: Site, asked: Asked) -> Answer:
    """Return the best matches of a query."""
    typed = asked.text("q")
    if not typed or not queries.parse(typed):
        raise RefusedError(400, "a search needs words", "q")
    wanted = asked.filter(site.sources)
    limit = asked.number("limit", 20, 1, 200)
    with site.store.read() as connection:
        rows = searching.search(connection, typed, wanted or None, limit=limit)
    return _listed(rows, query=typed)


def _plain(source: Source, articles_: int) -> dict[str, Any]:
    return {
        "id": source.id,
        "name": source.name,
        "homepage": source.homepage,
        "country": source.country,
        "language": source.language,
        "kind": source.kind,
        "enabled": source.enabled,
        "articles": articles_,
        "seeds": [{"kind": seed.kind, "url": seed.url} for seed in source.seeds],
    }


def sources(site: Site, asked: Asked) -> Answer:
    """Return the catalogue with how many articles each source has."""
    del asked
    with site.store.read() as connection:
        counts = crawling.source_counts(connection)
    found = [_plain(source, counts.get(source.id, 0)) for source in site.sources.values()]
    return answer({"sources": found}, lasts_s=30.0)


def source(site: Site, asked: Asked) -> Answer:
    """Return one source with how it fares."""
    found = site.sources.get(asked.params["id"])
    if found is None:
        raise RefusedError(404, "unknown source", asked.params["id"][:60])
    with site.store.read() as connection:
        counts = crawling.source_counts(connection)
        judged = watching.health_of(connection, found, site.now())
    plain = _plain(found, counts.get(found.id, 0))
    return answer(plain | {"health": _health(judged)}, lasts_s=status.LASTS_S)


def _health(judged: Health) -> dict[str, Any]:
    return {
        "state": judged.state,
        "kind": judged.kind,
        "why": judged.why,
        "since": judged.since,
        "failures": judged.failures,
        "fields": judged.fields,
        "notes": judged.notes,
    }


def health(site: Site, asked: Asked) -> Answer:
    """Return how each source that was ever polled fares."""
    everything = asked.flag("all")
    with site.store.read() as connection:
        judged = status.judged(site, connection, site.now())
    found = [
        {"source": name, "name": site.sources[name].name, **_health(each)}
        for name, each in judged.items()
        if everything or each.state != "unknown"
    ]
    return answer({"seq": site.seq, "sources": found}, lasts_s=status.LASTS_S)


def metrics(site: Site, asked: Asked) -> Answer:
    """Return figures in the text format of Prometheus (exposition format 0.0.4)."""
    del asked
    with site.store.read() as connection:
        living = browsing.living_count(connection)
        counts = crawling.source_counts(connection)
        judged = status.judged(site, connection, site.now())
        owing = len(queue.owing(connection))
        behind = webhooks.behind(connection, site.seq)
        dead = {str(pk): count for pk, count in webhooks.dead_counts(connection).items()}
    states: dict[str, int] = {}
    for each in judged.values():
        states[each.state] = states.get(each.state, 0) + 1
    lines = [
        *_metric("aggregator_changes_total", "counter", "Number of the newest change.", site.seq),
        *_metric("aggregator_articles", "gauge", "Living articles.", living),
        *_metric("aggregator_sources_owing", "gauge", "Sources with pages to fetch.", owing),
        *_family("aggregator_sources", "gauge", "Sources by how they fare.", "state", states),
        *_family(
            "aggregator_source_articles", "gauge", "Living articles by source.", "source", counts
        ),
        *_family("aggregator_webhook_behind", "gauge", "Numbers not told yet.", "webhook", behind),
        *_family("aggregator_dead_letters", "gauge", "Messages not taken.", "webhook", dead),
        *_family(
            "aggregator_http_answers_total", "counter", "Answers by kind.", "kind", site.counts
        ),
    ]
    return Answer(
        body="".join(f"{line}\n" for line in lines).encode(),
        content_type="text/plain; version=0.0.4; charset=utf-8",
        cache="no-store",
        lasts_s=5.0,
    )


def _metric(name: str, kind: str, words: str, value: int) -> list[str]:
    return [f"# HELP {name} {words}", f"# TYPE {name} {kind}", f"{name} {value}"]


def _family(name: str, kind: str, words: str, label: str, values: dict[str, int]) -> list[str]:
    lines = [f"# HELP {name} {words}", f"# TYPE {name} {kind}"]
    for key, value in sorted(values.items()):
        safe = key.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        lines.append(f'{name}{{{label}="{safe}"}} {value}')
    return lines
