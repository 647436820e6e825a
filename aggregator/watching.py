"""How each source fares, by what the store remembers of its crawls: gathers, ``health`` judges."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from aggregator import health
from aggregator.health import Health
from aggregator.polling import PollOutcome
from aggregator.store import crawling, reading
from aggregator.types import Source

#: Outcomes of requests that are looked at, and how far posts tell the usual rhythm.
POLLS, PAGES = 200, 50
POSTS = timedelta(weeks=4)
#: Fields whose filling is counted.
FIELDS = ("title", "published", "paragraphs", "authors", "images", "summary")


def health_of(connection: Connection, source: Source, now: datetime) -> Health:
    """Return how a source fares."""
    states = crawling.seed_states(connection, source.id)
    kinds = {seed.url: seed.kind for seed in source.seeds}
    polls = crawling.recent_fetches(connection, source.id, role="seed", limit=POLLS)
    pages = crawling.recent_fetches(connection, source.id, role="page", limit=PAGES)
    outcomes = [
        PollOutcome(
            at=each.at,
            ok=each.kind is None,
            kind=each.kind,
            entries=None if each.status == 304 else each.entries,  # 304 does not say how many
            new_entries=each.new_entries,
            seed=each.url,
            seed_kind=kinds[each.url],
            moved_to=states[each.url].moved_to if each.url in states else None,
        )
        for each in polls
        if each.url in kinds
    ]
    return health.judge(
        outcomes,
        crawling.fill_rates(connection, source.id),
        now,
        posts=reading.posts(connection, source.id, now - POSTS),
        pages=[PollOutcome(at=each.at, ok=each.kind is None, kind=each.kind) for each in pages],
    )
