"""When a seed is due again: gathers what ``polling`` decides from."""

from datetime import datetime, timedelta
from typing import Any

from aggregator.crawl.session import Session
from aggregator.types import Page, Seed, Source
from aggregator.urls import absolute


def moved_to(url: str, page: Page) -> str | None:
    """Return where a seed moved for good (all redirects permanent), None if it did not."""
    statuses = page.headers.get("x-redirect-statuses", "")
    if not page.redirects or not statuses:
        return None
    permanent = all(status.strip() in {"301", "308"} for status in statuses.split(","))
    return absolute(url, page.url) if permanent else None


def next_at(
    session: Session,
    source: Source,
    seed: Seed,
    page: Page | None,
    parsed: Any,
    *,
    failed: str | None = None,
) -> datetime:
    """Return when a seed is due again."""
    del source, seed, page, parsed
    wait = session.config.poll_min_s * (4 if failed else 1)
    return session.now() + timedelta(seconds=wait)
