"""When a seed is due again: gathers what ``polling`` decides from."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from aggregator import polling
from aggregator.crawl.session import Session
from aggregator.polling import Bounds, PollHints, PollOutcome
from aggregator.store import crawling, reading, websub
from aggregator.types import Page, Seed, Source

#: How far back the times of posts tell the source's hours and weekdays.
POSTS = timedelta(weeks=4)
_PERMANENT = {301, 308}


def moved_to(page: Page, statuses: tuple[int, ...]) -> str | None:
    """Return where a seed moved for good (all its redirects permanent), None if it did not."""
    return page.url if statuses and _PERMANENT.issuperset(statuses) else None


def next_at(
    session: Session,
    source: Source,
    seed: Seed,
    outcome: PollOutcome,
    *,
    page: Page | None = None,
    parsed: Any = None,
    retry_after_s: float | None = None,
) -> datetime:
    """Return when a seed is due again after this outcome of its poll."""
    connection, now = session.writer.connection, session.now()
    past = crawling.recent_fetches(
        connection, source.id, role="seed", url=seed.url, limit=polling.HISTORY
    )
    history = [outcome, *(_outcome(each, seed) for each in past)]
    pushed = websub.is_pushed(connection, source.id, seed.url, now)
    bounds = Bounds.of(session.config)
    due = polling.next_poll(
        history,
        now,
        hints=replace(_hints(page, parsed, retry_after_s, now), pushed=pushed),
        bounds=bounds,
        posts=reading.posts(connection, source.id, now - POSTS),
        salt=seed.url,
    )
    if outcome.ok and seed.kind == "sitemap":
        due = polling.between(due, now, _feeds_due(session, source, now))
    return min(due, now + timedelta(seconds=bounds.max_s))


def _feeds_due(session: Session, source: Source, now: datetime) -> list[datetime]:
    """Return when the feeds of a source are asked next, but for those that are asked just now."""
    feeds = {seed.url for seed in source.seeds if seed.enabled and seed.kind == "feed"}
    times = []
    for url, state in crawling.seed_states(session.writer.connection, source.id).items():
        if url not in feeds or state.polled_at is None or state.next_at is None:
            continue
        wait = state.next_at - state.polled_at
        times.append(state.next_at if state.next_at > now else now + wait)
    return times


def _outcome(fetch: crawling.Fetch, seed: Seed) -> PollOutcome:
    return PollOutcome(
        at=fetch.at,
        ok=fetch.kind is None,
        kind=fetch.kind,
        entries=None if fetch.status == 304 else fetch.entries,
        new_entries=fetch.new_entries,
        seed=seed.url,
        seed_kind=seed.kind,
    )


def _hints(page: Page | None, parsed: Any, retry_after_s: float | None, now: datetime) -> PollHints:
    hints = polling.hints_from_headers(page.headers, now) if page else PollHints()
    if parsed is not None:
        hints = replace(hints, ttl_s=parsed.ttl_s, update_period_s=parsed.update_period_s)
    return replace(hints, retry_after_s=retry_after_s) if retry_after_s else hints
