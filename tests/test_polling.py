"""The rhythm of polls: facts by table, properties, and simulated months."""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import Config
from aggregator.faults import KINDS, describe, kind_of_status, severity
from aggregator.polling import (
    Bounds,
    PollHints,
    PollOutcome,
    between,
    due_at,
    failing,
    hints_from_headers,
    next_poll,
    retry_after_s,
)

NOW = datetime(2025, 11, 10, 12, tzinfo=UTC)  # a Monday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def good(hours_ago: float, new: int = 0, entries: int = 25, **values) -> PollOutcome:
    return PollOutcome(
        at=NOW - hours_ago * HOUR, ok=True, entries=entries, new_entries=new, **values
    )


def bad(hours_ago: float, kind: str) -> PollOutcome:
    return PollOutcome(at=NOW - hours_ago * HOUR, ok=False, kind=kind)


def wait_h(*args, **kwargs) -> float:
    """Hours until the next poll, without the spread of up to a tenth."""
    return (next_poll(*args, **kwargs) - NOW).total_seconds() / 3600


def about(value: float) -> object:
    return pytest.approx(value, rel=0.11)


def regular(every_h: float, days: float = 28) -> list[datetime]:
    """Posts at any hour, so many that the mean distance is as given."""
    rng = random.Random(3)  # noqa: S311
    return [NOW - days * DAY * rng.random() for _ in range(int(days * 24 / every_h))]


def test_never_polled_is_due_now():
    assert next_poll((), NOW) == NOW


def test_a_first_success_without_knowledge_waits_half_an_hour():
    assert wait_h([good(0)], NOW) == about(0.5)


@pytest.mark.parametrize("every_h", [0.25, 1, 3, 8])
def test_about_one_new_entry_is_expected(every_h):
    history = [good(n * every_h, 1) for n in range(9)]
    assert every_h * 0.6 < wait_h(history, NOW, posts=regular(every_h)) < every_h * 1.7


def test_a_dead_seed_is_still_asked_once_a_day():
    history = [good(n * 24, 0) for n in range(9)]
    old = [NOW - 27 * DAY] * 5
    assert wait_h(history, NOW, posts=old) == about(24)
    assert wait_h([good(0, newest_published=NOW - 400 * DAY)], NOW) == about(24)


def test_never_sooner_than_the_least_and_never_later_than_the_most():
    busy = [NOW - timedelta(seconds=n) for n in range(1000)]
    assert wait_h([good(0, 25), good(0.1, 25)], NOW, posts=busy) == about(300 / 3600)
    bounds = Bounds(min_s=60, max_s=3600)
    assert wait_h([good(0, 25), good(0.1, 25)], NOW, posts=busy, bounds=bounds) == about(1 / 60)
    assert wait_h([bad(0, "http_410")], NOW, bounds=bounds) == 1.0


def office(until: datetime) -> list[datetime]:
    """Posts every quarter of an hour from 6 to 18 UTC, Sunday to Thursday, for four weeks."""
    times = (until - n * timedelta(minutes=15) for n in range(28 * 96))
    return [at for at in times if 6 <= at.hour < 18 and at.weekday() not in {4, 5}]


def test_nights_and_weekends_are_slow_and_mornings_are_not_missed():
    def following(at: datetime) -> datetime:
        outcome = PollOutcome(at=at, ok=True, new_entries=0, entries=25)
        return next_poll([outcome], at, posts=office(at))

    evening, friday = NOW.replace(hour=19), NOW + 4 * DAY
    assert following(NOW) - NOW < timedelta(minutes=30)
    assert following(evening) - evening > 3 * HOUR
    assert following(evening) < (evening + DAY).replace(hour=7)
    assert following(friday) - friday > 2 * (following(NOW) - NOW)


def test_a_burst_hurries_and_silence_slows():
    posts = regular(2)
    usual = wait_h([good(n * 2, 1) for n in range(9)], NOW, posts=posts)
    burst = wait_h([good(n * 0.5, 5) for n in range(9)], NOW, posts=posts)
    silent = wait_h([good(n * 2, 0) for n in range(9)], NOW, posts=posts)
    assert burst < usual / 2
    assert silent > usual * 1.5


@pytest.mark.parametrize(
    ("hints", "hours"),
    [
        (PollHints(ttl_s=3 * 3600), 3),
        (PollHints(update_period_s=7200), 2),
        (PollHints(max_age_s=5400), 1.5),
        (PollHints(expires_s=7200), 2),
        (PollHints(retry_after_s=4 * 3600), 4),
        (PollHints(ttl_s=3600, max_age_s=7200, expires_s=60), 2),
        (PollHints(ttl_s=30 * 86400), 6),
        (PollHints(retry_after_s=30 * 86400), 24),
        (PollHints(pushed=True), 6),
    ],
)
def test_the_longest_wish_wins_and_is_capped(hints, hours):
    busy = regular(0.1, 2)
    assert wait_h([good(0, 3), good(0.3, 3)], NOW, posts=busy, hints=hints) == about(hours)


def test_a_wish_never_hurries():
    history = [good(n * 8, 1) for n in range(9)]
    plain = next_poll(history, NOW, posts=regular(8))
    assert next_poll(history, NOW, posts=regular(8), hints=PollHints(ttl_s=60)) == plain


@pytest.mark.parametrize(
    ("kind", "hours"),
    [
        ("timeout", [1 / 12, 1 / 6, 1 / 3, 2 / 3, 4 / 3]),
        ("http_503", [1 / 12, 1 / 6, 1 / 3]),
        ("http_404", [1, 6, 24, 24]),
        ("not_a_feed", [1, 6, 24]),
        ("tls", [1, 6, 24]),
        ("http_410", [24, 24]),
        ("robots", [24]),
        ("http_403", [2, 4, 8, 12, 12]),
        ("http_429", [2, 4, 8, 12]),
        ("challenge", [2, 4]),
    ],
)
def test_failures_wait_by_their_kind(kind, hours):
    for times, hour in enumerate(hours, 1):
        history = [bad(n, kind) for n in range(times)] + [good(times, 1)]
        assert wait_h(history, NOW, posts=regular(0.2, 3)) == about(hour)


def test_passing_failures_come_to_a_day_and_no_more():
    assert wait_h([bad(n, "dns") for n in range(50)], NOW) == about(24)


def test_success_forgets_all_failures():
    history = [good(0, 1)] + [bad(n, "timeout") for n in range(1, 20)]
    assert wait_h(history, NOW, posts=regular(1)) < 4
    assert failing(history) == []


def test_runs_that_were_stopped_are_nobodys_fault():
    assert failing([bad(0, "stopped"), bad(1, "dns"), good(2)]) == [bad(1, "dns")]
    assert wait_h([bad(0, "stopped"), good(1, 1)], NOW, posts=regular(1)) < 3


def test_retry_after_of_a_failure_counts():
    assert wait_h([bad(0, "http_503")], NOW, hints=PollHints(retry_after_s=7200)) == about(2)


def test_seeds_of_one_rhythm_are_spread_always_the_same_way():
    history = [good(0, 1), good(1, 1)]
    times = {next_poll(history, NOW, posts=regular(1), salt=str(n)) for n in range(50)}
    assert len(times) > 40
    assert max(times) - min(times) < timedelta(minutes=30)
    assert next_poll(history, NOW, salt="a") == next_poll(history, NOW, salt="a")


def test_a_news_sitemap_falls_between_the_polls_of_the_feed():
    feed, sitemap = [NOW + HOUR], [between(NOW + HOUR, NOW, [NOW + HOUR])]
    for _ in range(5):
        feed.append(feed[-1] + HOUR)
        sitemap.append(between(sitemap[-1] + HOUR, sitemap[-1], feed[-2:]))
    together = sorted(feed + sitemap)
    steps = [later - earlier for earlier, later in pairwise(together)]
    assert min(steps) == max(steps) == HOUR / 2


# ------------------------------------------------------------------ clocks


def test_outcomes_from_a_clock_that_was_set_back_do_not_count():
    future = [bad(-24, "http_404"), bad(-25, "http_404")]
    assert wait_h([good(0, 1), *future], NOW, posts=regular(1)) < 3


@pytest.mark.parametrize("jump", [DAY, -DAY, 400 * DAY, -400 * DAY])
def test_a_clock_that_jumps_costs_one_poll_a_seed_at_most(jump):
    """Two hundred seeds on hourly rhythms; the clock jumps there and back within two hours."""
    seeds = {f"s{n}": (NOW - n * 15 * timedelta(seconds=1), None) for n in range(200)}
    seeds = {
        name: (at, at + HOUR + timedelta(seconds=7 * n))
        for n, (name, (at, _)) in enumerate(seeds.items())
    }
    polls = dict.fromkeys(seeds, 0)
    real = NOW
    for minute in range(0, 180, 5):
        real = NOW + timedelta(minutes=minute)
        clock = real + (jump if 60 <= minute < 120 else timedelta())
        for name, (polled, following) in seeds.items():
            if due_at(polled, following, clock) <= clock:
                polls[name] += 1
                history = [PollOutcome(at=clock, ok=True, new_entries=1, entries=25)]
                after = next_poll(history, clock, posts=[clock - n * HOUR for n in range(200)])
                seeds[name] = (clock, after)
    # three hours of an hourly rhythm, and one for each of the two jumps
    assert max(polls.values()) <= 3 + 2
    assert min(polls.values()) >= 2


def test_a_next_poll_too_far_ahead_is_not_believed():
    assert due_at(NOW - DAY, NOW + 90 * DAY, NOW) <= NOW
    assert due_at(NOW, NOW + HOUR, NOW) == NOW + HOUR
    assert due_at(None, None, NOW) == NOW


# ------------------------------------------------------------------ headers


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Mon, 10 Nov 2025 13:00:00 GMT", 3600.0),
        ("Mon, 10 Nov 2025 11:00:00 GMT", 0.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("9" * 400, None),
        ("١٢٠", None),
        ("Mon, 99 Nov 2025 99:99:99 GMT", None),
    ],
)
def test_retry_after_is_read_in_both_forms(value, seconds):
    assert retry_after_s(value, NOW) == seconds


@pytest.mark.parametrize(
    ("headers", "hints"),
    [
        ({"cache-control": "public, max-age=300"}, PollHints(max_age_s=300)),
        ({"cache-control": 'max-age="300"', "age": "100"}, PollHints(max_age_s=200)),
        ({"cache-control": "max-age=300", "age": "900"}, PollHints(max_age_s=0)),
        ({"cache-control": "s-maxage=300, no-cache"}, PollHints()),
        ({"cache-control": "max-age=99999999999999999999"}, PollHints()),
        (
            {"date": "Mon, 10 Nov 2025 10:00:00 GMT", "expires": "Mon, 10 Nov 2025 11:00:00 GMT"},
            PollHints(expires_s=3600),
        ),
        ({"expires": "0"}, PollHints()),
        ({"expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, PollHints(expires_s=0)),
        ({"retry-after": "60"}, PollHints(retry_after_s=60)),
        ({}, PollHints()),
    ],
)
def test_headers_say_how_long_an_answer_lasts(headers, hints):
    assert hints_from_headers(headers, NOW) == hints


@given(
    st.dictionaries(
        st.sampled_from(["cache-control", "age", "expires", "date", "retry-after"]), st.text()
    )
)
def test_no_header_breaks_the_reader(headers):
    hints_from_headers(headers, NOW)


# ------------------------------------------------------------------ properties

moments = st.integers(-40 * 24 * 60, 20 * 24 * 60).map(lambda n: NOW + timedelta(minutes=n))
outcomes = st.builds(
    PollOutcome,
    at=moments,
    ok=st.booleans(),
    kind=st.none() | st.sampled_from([*KINDS, "http_404", "http_500", "nonsense"]),
    entries=st.none() | st.integers(0, 10_000),
    new_entries=st.none() | st.integers(0, 10_000),
    newest_published=st.none() | moments,
)
seconds = st.none() | st.floats(0, 1e9)


@given(
    st.lists(outcomes, min_size=1, max_size=60),
    st.lists(moments, max_size=200),
    st.builds(PollHints, ttl_s=seconds, max_age_s=seconds, retry_after_s=seconds),
)
def test_the_next_poll_always_lies_within_the_bounds(history, posts, hints):
    wait_s = (next_poll(history, NOW, posts=posts, hints=hints) - NOW).total_seconds()
    assert 300 <= wait_s <= 86400


def test_bounds_come_from_the_configuration():
    assert Bounds.of(Config(poll_min_s=60, poll_max_s=7200)) == Bounds(
        min_s=60, max_s=7200, hint_max_s=7200
    )


# ------------------------------------------------------------------ months


def simulate(posts: list[datetime], days: int, window: int = 25) -> tuple[int, list[float], int]:
    """Poll a source whose posts are known; return (polls, lags in minutes, entries missed)."""
    start = posts[0] + 14 * DAY
    history: list[PollOutcome] = [PollOutcome(at=start, ok=True, entries=window, new_entries=0)]
    seen = {post for post in posts if post <= start}
    now, polls, lags, missed = start, 0, [], 0
    while now < start + days * DAY:
        now = next_poll(history, now, posts=[post for post in seen if now - post < 28 * DAY])
        shown = [post for post in posts if post <= now][-window:]
        fresh = [post for post in shown if post not in seen]
        gone = [post for post in posts if post < shown[0] and post not in seen]
        missed += len(gone)
        lags += [(now - post).total_seconds() / 60 for post in fresh]
        seen.update(fresh, gone)
        polls += 1
        outcome = PollOutcome(at=now, ok=True, entries=window, new_entries=len(fresh))
        history = [outcome, *history][:50]
    return polls, lags, missed


@pytest.mark.parametrize(
    ("a_day", "most_polls", "median_lag_min"), [(60, 110, 20), (12, 30, 90), (1, 6, 900)]
)
def test_weeks_of_a_source_with_nights_and_weekends(a_day, most_polls, median_lag_min):
    rng = random.Random(7)  # noqa: S311
    posts = sorted(
        NOW + day * DAY + timedelta(hours=max(0.0, min(23.9, rng.gauss(11, 4))))
        for day in range(28)
        for _ in range(max(0, int(rng.gauss(a_day * (0.3 if day % 7 == 4 else 1), a_day**0.5))))
    )
    polls, lags, missed = simulate(posts, 14)
    lags.sort()
    assert missed == 0
    assert polls / 14 < most_polls
    assert lags[len(lags) // 2] < median_lag_min


# ------------------------------------------------------------------ words


def test_each_kind_has_a_severity_and_words():
    for kind in (*KINDS, "http_404", "http_403", "http_503", "http_418", "unheard_of"):
        assert severity(kind) in {"temporary", "hard", "blocked"}
        assert describe(kind)
    assert [severity(kind_of_status(status)) for status in (403, 404, 408, 429, 451, 500, 503)] == [
        "blocked", "hard", "temporary", "blocked", "blocked", "temporary", "temporary",
    ]  # fmt: skip
    assert kind_of_status(200) is kind_of_status(304) is None
