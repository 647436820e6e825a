"""What a poll tells of its seed: validators, keys, where it moved, when it is due again."""

from collections.abc import Mapping
from typing import Any

from aggregator.crawl import rhythm
from aggregator.crawl.seed_work import SeedDone
from aggregator.crawl.session import Session
from aggregator.crawl.tasks import Task
from aggregator.polling import PollOutcome
from aggregator.store import crawling
from aggregator.types import Page


def polled(
    session: Session,
    task: Task,
    page: Page,
    meta: Mapping[str, Any],
    values: Mapping[str, Any],
    *,
    done: SeedDone | None = None,
    new: int = 0,
) -> None:
    """Write what a good poll told; sitemaps below an index have no row."""
    if task.depth:
        return
    now = session.now()
    parsed = done.parsed if done else None
    outcome = PollOutcome(
        at=now,
        ok=True,
        entries=done.entries if done else None,
        new_entries=new,
        newest_published=done.newest if done else None,
    )
    next_at = rhythm.next_at(session, task.source, task.seed, outcome, page=page, parsed=parsed)
    written: dict[str, Any] = {**values, "polled_at": now, "next_at": next_at}
    if parsed is not None:  # what a hub knows the feed by
        written["hints"] = {"topic": parsed.self_url or page.url} if parsed.hub else None
    if page.status == 200:
        written["etag"] = page.headers.get("etag")
        written["last_modified"] = page.headers.get("last-modified")
        moved = rhythm.moved_to(page, tuple(meta.get("redirect_statuses", ())))
        written["moved_to"] = moved or (task.url if task.url != task.seed.url else None)
    _save(session, task, written)


def failed(
    session: Session,
    task: Task,
    kind: str,
    why: str,
    *,
    page: Page | None = None,
    wait_s: float | None = None,
) -> None:
    """Name a poll that failed and write when the seed is tried again."""
    session.count(task.source.id, "seed_failed")
    if kind == "stopped":
        return
    where = "" if task.url in why else f"{task.url}: "
    session.fail(f"{task.source.id}: {where}{why}")
    if task.depth:
        return
    now = session.now()
    outcome = PollOutcome(at=now, ok=False, kind=kind)
    next_at = rhythm.next_at(
        session, task.source, task.seed, outcome, page=page, retry_after_s=wait_s
    )
    _save(session, task, {"polled_at": now, "next_at": next_at})


def _save(session: Session, task: Task, values: Mapping[str, Any]) -> None:
    connection = session.writer.connection
    crawling.save_seed(connection, task.source.id, task.seed.url, task.seed.kind, values)
    session.polled()
