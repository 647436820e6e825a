"""When to ask a seed again: its own rhythm, what it asks for, and how it failed.

Pure: no clock, no network. A seed that is well is asked again when about one new entry is to be
expected, by the hours and weekdays at which the source usually posts and by what the last polls
found; never sooner than it asks for (``ttl``, ``sy:``, Cache-Control, Expires, Retry-After: the
longest wins). Failures wait by their kind: passing ones double from minutes on, hard ones come to a
day, blocked ones to half a day; the first success forgets them. All within the bounds.

Sources: RFC 9111 §4.2 (freshness), RFC 9110 §10.2.3 (Retry-After), RSS 2.0 ``ttl``, RSS 1.0
syndication module.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Final

from aggregator.config import Config
from aggregator.faults import severity

HISTORY: Final = 50
#: New entries to be expected when a seed is asked again.
_EXPECTED: Final = 1.0
#: A seed of which nothing is known but that it works.
_FIRST_S: Final = 1800.0
_STEP_S: Final = 900.0
#: Weeks of posts that tell hours and weekdays, and how many of them are needed to.
_WEEKS: Final = 4
_LEAST_POSTS: Final = 5
#: Strength of "all hours are alike" against what was seen, in posts.
_PRIOR_POSTS: Final = 12.0
#: Polls that tell whether it posts more or less than usual just now.
_RECENT: Final = 8
#: With a hub that tells us, polls are only a safety net.
_PUSHED_S: Final = 6 * 3600.0
_HOUR_S: Final = 3600.0
_DAY_S: Final = 86_400.0
_WEEK_S: Final = 7 * _DAY_S
#: A Monday at midnight, from which the hours of the week count.
_MONDAY: Final = datetime(2024, 1, 1, tzinfo=UTC)
#: Seeds of one rhythm are spread over a tenth of their wait, and no more than this.
_SPREAD_S: Final = 600.0
#: Clocks differ by this much without harm.
_SLACK: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class PollOutcome:
    """What came of one poll of one seed.

    Attributes:
        at: when, aware.
        ok: whether the seed could be read, or had not changed (304).
        kind: word of the fault (:mod:`aggregator.faults`), None if ok.
        entries: how many it showed; None if unchanged or failed.
        new_entries: how many of them were unknown.
        newest_published: the latest date among them.
        seed: its address, where outcomes of several seeds stand together.
        seed_kind: ``feed``, ``sitemap`` or ``listing``.
        moved_to: where a chain of only permanent redirects led.
    """

    at: datetime
    ok: bool
    kind: str | None = None
    entries: int | None = None
    new_entries: int | None = None
    newest_published: datetime | None = None
    seed: str = ""
    seed_kind: str = "feed"
    moved_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PollHints:
    """What a seed asks for, in seconds; None where it says nothing.

    Attributes:
        ttl_s: RSS ``ttl`` (which is in minutes there).
        update_period_s: ``sy:updatePeriod`` divided by ``sy:updateFrequency``.
        max_age_s: Cache-Control ``max-age`` less Age.
        expires_s: Expires less Date.
        retry_after_s: Retry-After.
        pushed: a WebSub hub tells us of news.
    """

    ttl_s: float | None = None
    update_period_s: float | None = None
    max_age_s: float | None = None
    expires_s: float | None = None
    retry_after_s: float | None = None
    pushed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Least and most seconds between polls.

    Attributes:
        hint_max_s: what ``ttl`` and the like can ask for at most: most of them are defaults of
            software, not orders. Retry-After is one and counts up to ``max_s``.
    """

    min_s: float = 300.0
    max_s: float = 86_400.0
    hint_max_s: float = 6 * 3600.0

    @classmethod
    def of(cls, config: Config) -> "Bounds":
        """Return the configured bounds."""
        longest = max(config.poll_min_s, config.poll_max_s)
        return cls(min_s=config.poll_min_s, max_s=longest, hint_max_s=min(6 * 3600.0, longest))


NO_HINTS: Final = PollHints()
DEFAULT_BOUNDS: Final = Bounds()


def next_poll(
    history: Sequence[PollOutcome],
    now: datetime,
    *,
    hints: PollHints = NO_HINTS,
    bounds: Bounds = DEFAULT_BOUNDS,
    posts: Sequence[datetime] = (),
    salt: str = "",
) -> datetime:
    """Return the time of the next poll.

    Args:
        history: outcomes of this seed, newest first, at most 50 count. Outcomes that lie in the
            future come from a clock that was set back; they do not count.
        now: the caller's clock, aware.
        hints: from the last answer.
        bounds: see :class:`Bounds`.
        posts: when the source posted in the last weeks, in any order: dates of publication, or of
            first sight.
        salt: the seed's address: spreads seeds of one rhythm over time, always the same way.

    Returns:
        Aware UTC: now if it was never polled, else from now + min_s to now + max_s.

    >>> next_poll((), datetime(2026, 1, 1, tzinfo=UTC)).hour
    0
    """
    now = now.astimezone(UTC)
    if not history:
        return now
    known = [each for each in history[:HISTORY] if each.at <= now + _SLACK]
    failures = failing(known)
    if failures:
        wait_s = max(_backoff_s(failures, bounds), hints.retry_after_s or 0.0)
    else:
        wait_s = max(_rhythm_s(known, posts, now, bounds), _asked_s(hints, bounds))
    wait_s += min(wait_s / 10, _SPREAD_S) * _share(salt, now)
    return now + timedelta(seconds=min(max(wait_s, bounds.min_s), bounds.max_s))


def due_at(
    polled_at: datetime | None,
    next_at: datetime | None,
    now: datetime,
    bounds: Bounds = DEFAULT_BOUNDS,
) -> datetime:
    """Return when a seed is due, by what was stored, whatever happened to the clock since.

    A last poll in the future means that the clock was set back: due once, now; the poll then
    stores times of the new clock. A next poll too far ahead is no longer believed.
    """
    if polled_at is None or next_at is None or polled_at > now + _SLACK:
        return now
    return min(next_at, polled_at + timedelta(seconds=bounds.max_s))


def between(due: datetime, now: datetime, others: Sequence[datetime]) -> datetime:
    """Return the time of a poll, put off if it falls together with the source's other seeds.

    A news sitemap that is asked for half way between two polls of the feed halves the lag; at the
    same time as the feed, it brings nothing. Never sooner: a seed may have asked for its pause.

    Args:
        due: what :func:`next_poll` says for this seed.
        now: the caller's clock.
        others: when the source's other seeds are due.
    """
    wait = due - now
    if any(abs(other - due) < wait / 4 for other in others):
        return due + wait / 2
    return due


def failing(history: Sequence[PollOutcome]) -> list[PollOutcome]:
    """Return the failures since the last success, newest first; runs that were stopped are none."""
    failures = []
    for outcome in history:
        if outcome.ok:
            break
        if outcome.kind != "stopped":
            failures.append(outcome)
    return failures


def _backoff_s(failures: Sequence[PollOutcome], bounds: Bounds) -> float:
    """Return how long to wait after failures; the newest says of which kind."""
    times = len(failures)
    kind = failures[0].kind or "broken"
    if kind in {"http_410", "robots"}:
        return _DAY_S
    match severity(kind):
        case "temporary":
            return float(bounds.min_s * 2 ** min(times - 1, 16))
        case "blocked":
            return min(2.0 ** min(times, 8), 12.0) * _HOUR_S
        case "hard":
            # Feeds break for an hour when somebody works on the site; only then it is a day.
            return {1: _HOUR_S, 2: 6 * _HOUR_S}.get(times, _DAY_S)


def _asked_s(hints: PollHints, bounds: Bounds) -> float:
    """Return what the seed asks for: the longest, capped."""
    soft = (hints.ttl_s, hints.update_period_s, hints.max_age_s, hints.expires_s)
    asked_s = min(max((each or 0.0 for each in soft), default=0.0), bounds.hint_max_s)
    return max(asked_s, hints.retry_after_s or 0.0, _PUSHED_S if hints.pushed else 0.0)


def _rhythm_s(
    known: Sequence[PollOutcome], posts: Sequence[datetime], now: datetime, bounds: Bounds
) -> float:
    """Return the seconds until about one new entry is to be expected."""
    profile = _profile(posts, now)
    if profile is None:
        profile = _flat(known, now)
    if profile is None:
        return _FIRST_S
    tempo = _tempo(known, profile)
    rates = [each * tempo for each in profile]
    expected, wait_s = 0.0, 0.0
    week_s = (now - _MONDAY).total_seconds() % _WEEK_S
    while expected < _EXPECTED and wait_s < bounds.max_s:
        rate = rates[int((week_s + wait_s) // _HOUR_S) % 168]  # entries an hour
        needed_s = (_EXPECTED - expected) / rate * _HOUR_S if rate else bounds.max_s
        step_s = min(_STEP_S, needed_s)
        expected += rate * step_s / _HOUR_S
        wait_s += step_s
    return wait_s


def _hour(at: datetime) -> int:
    """Return the hour of the week, 0 is Monday at midnight UTC."""
    at = at.astimezone(UTC)
    return at.weekday() * 24 + at.hour


def _profile(posts: Sequence[datetime], now: datetime) -> list[float] | None:
    """Return posts an hour for each hour of the week, from the posts of the last weeks."""
    start = now - timedelta(weeks=_WEEKS)
    recent = [post.astimezone(UTC) for post in posts if start <= post <= now + _SLACK]
    if len(recent) < _LEAST_POSTS:
        return None
    span_h = max((now - min(recent)).total_seconds() / _HOUR_S, 1.0)
    by_hour, by_day = [0.0] * 24, [0.0] * 7
    for post in recent:
        by_hour[post.hour] += 1
        by_day[post.weekday()] += 1
    rate = len(recent) / span_h
    # Nobody posts by the full hour, so each hour lends a little to its neighbours.
    soft = [by_hour[n] / 2 + (by_hour[n - 1] + by_hour[(n + 1) % 24]) / 4 for n in range(24)]
    hours = _factors(soft, len(recent), span_h / 24)
    days = _factors(by_day, len(recent), span_h / 168)
    return [rate * days[day] * hours[hour] for day in range(7) for hour in range(24)]


def _factors(counts: Sequence[float], total: int, rounds: float) -> list[float]:
    """Return by how much each hour (or weekday) differs from the mean, drawn towards 1.

    Less than a whole round of the clock says nothing about the hours that were not seen.
    """
    if rounds < 1.0:
        return [1.0] * len(counts)
    mean = total / len(counts)
    prior = _PRIOR_POSTS / len(counts)
    return [(count + prior) / (mean + prior) for count in counts]


def _flat(known: Sequence[PollOutcome], now: datetime) -> list[float] | None:
    """Return the same rate for all hours, from what the polls found."""
    found, hours = _found(known)
    if hours <= 0:
        newest = next((each.newest_published for each in known if each.newest_published), None)
        if newest is None:
            return None
        found, hours = 0.0, max((now - newest).total_seconds() / _HOUR_S, 1.0)
    return [(found + 0.5) / (hours + 0.5)] * 168


def _found(known: Sequence[PollOutcome]) -> tuple[float, float]:
    """Return (new entries, hours) of the polls whose predecessor is known."""
    good = [each for each in known if each.ok][: _RECENT + 1]
    found = sum(each.new_entries or 0 for each in good[:-1])
    hours = (good[0].at - good[-1].at).total_seconds() / _HOUR_S if good else 0.0
    return float(found), max(hours, 0.0)


def _tempo(known: Sequence[PollOutcome], profile: Sequence[float]) -> float:
    """Return by how much more, or less, than usual came of late: 0.25 to 4."""
    good = [each for each in known if each.ok][: _RECENT + 1]
    found = expected = 0.0
    for newer, older in pairwise(good):
        hours = (newer.at - older.at).total_seconds() / _HOUR_S
        if 0 < hours <= 24:  # a longer pause was ours, and its entries may be gone from the feed
            found += newer.new_entries or 0
            expected += profile[_hour(older.at + (newer.at - older.at) / 2)] * hours
    return min(max((found + 1.5) / (expected + 1.5), 0.25), 4.0)


def _share(salt: str, now: datetime) -> float:
    """Return a number from 0 to 1, the same for the same seed and time."""
    digest = hashlib.blake2b(f"{salt} {now.isoformat()}".encode(), digest_size=2).digest()
    return int.from_bytes(digest) / 65_535


def retry_after_s(value: str, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for, None if it says nothing usable."""
    value = value.strip()
    if value.isascii() and value.isdigit() and len(value) <= 9:
        return float(value)
    until = _http_date(value)
    return None if until is None else max(0.0, (until - now).total_seconds())


def hints_from_headers(headers: Mapping[str, str], now: datetime) -> PollHints:
    """Return what the headers of an answer (names in lower case) ask for."""
    retry = headers.get("retry-after")
    date = _http_date(headers.get("date", "")) or now
    expires = _http_date(headers.get("expires", ""))
    return PollHints(
        max_age_s=_max_age_s(headers),
        expires_s=None if expires is None else max(0.0, (expires - date).total_seconds()),
        retry_after_s=retry_after_s(retry, now) if retry else None,
    )


def _max_age_s(headers: Mapping[str, str]) -> float | None:
    for part in headers.get("cache-control", "").lower().split(","):
        name, _, value = part.strip().partition("=")
        value = value.strip().strip('"')
        if name == "max-age" and value.isascii() and value.isdigit() and len(value) <= 9:
            age = headers.get("age", "")
            spent = int(age) if age.isascii() and age.isdigit() and len(age) <= 9 else 0
            return float(max(0, int(value) - spent))
    return None


def _http_date(value: str) -> datetime | None:
    if not 16 <= len(value) <= 64:
        return None
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
