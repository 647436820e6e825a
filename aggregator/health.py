"""How a source fares: ok, quiet, broken, blocked, changed or moved; why, and since when.

Pure. Judges from the outcomes of its polls, of its pages, and from how often each field was filled:

* broken: nothing can be read, by the kind of fault; passing faults only once they last
* blocked: they, or our own rules, do not let us in (403, 429, challenge, login, robots.txt)
* changed: what is fetched is fine, but what used to be found in it is not there any more
* quiet: all works, but nothing new came for much longer than is usual for this source
* moved: it answers, from another address, by permanent redirects only
* unknown: never polled
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise, takewhile
from operator import itemgetter
from typing import Final, Literal

from aggregator.faults import describe, severity
from aggregator.polling import PollOutcome, failing
from aggregator.wording import Message

#: Why nothing is known of a source.
NEVER: Final = Message("never polled")

State = Literal["ok", "quiet", "broken", "blocked", "changed", "moved", "unknown"]
#: day (ISO 8601) → field → (filled, total)
Fills = Mapping[str, Mapping[str, tuple[int, int]]]

#: A passing fault is trouble after so many failures in a row, or after so long.
_PASSING: Final = 3
_PASSING_FOR: Final = timedelta(hours=6)
#: Pages that must have been tried lately, and the share of them that must have failed alike.
_PAGES: Final = 5
_PAGES_SHARE: Final = 0.8
#: Quiet: longer than this many times the longest usual pause, and at least so long.
_PAUSES: Final = 2.0
_LEAST_QUIET: Final = timedelta(hours=12)
#: Without posts to judge by, an entry this old says that nothing comes any more.
_OLD: Final = timedelta(days=30)
_LEAST_POSTS: Final = 5
#: Changed: a field that was filled in most articles and now in few. Articles needed before and now.
_WAS: Final = 0.7
_IS: Final = 0.25
_BEFORE: Final = 20
_NOW: Final = 5
_MOVED: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """A judgement.

    Attributes:
        state: see the module.
        why: one line for people (:mod:`aggregator.wording`); empty if ok and nothing is to be said.
        since: when this state began, as far as outcomes reach back; None if unknown.
        kind: word of the fault (:mod:`aggregator.faults`), ``empty``, or None.
        fields: those that are no longer filled.
        notes: what else is wrong but does not decide, such as one of two seeds that fails.
        failures: failed polls in a row of the seed that decides.
    """

    state: State
    why: str = ""
    since: datetime | None = None
    kind: str | None = None
    fields: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    failures: int = 0

    @property
    def is_well(self) -> bool:
        """Whether nobody needs to look."""
        return self.state in {"ok", "moved", "unknown"}


def judge(
    outcomes: Sequence[PollOutcome],
    fills: Fills,
    now: datetime,
    *,
    posts: Sequence[datetime] = (),
    pages: Sequence[PollOutcome] = (),
) -> Health:
    """Return how a source fares.

    Args:
        outcomes: polls of all its seeds (``seed`` tells them apart), newest first.
        fills: how often each field was filled, per day.
        now: the caller's clock, aware.
        posts: when it posted in the last weeks, in any order; see :func:`polling.next_poll`.
        pages: its latest requests for article pages, newest first; ``ok`` and ``kind`` count.
    """
    seeds = [_judge_seed(each, now) for each in _by_seed(outcomes)]
    if not seeds:
        return Health(state="unknown", why=NEVER)
    if not any(each.is_well for each in seeds):
        return _with_notes(min(seeds, key=_rank), seeds)
    verdicts = (
        _judge_pages(pages),
        _judge_fills(fills),
        _judge_silence(outcomes, posts, now),
        next((each for each in seeds if each.state == "moved"), None),
    )
    found = next((each for each in verdicts if each is not None), None)
    return _with_notes(found or Health(state="ok", since=_well_since(outcomes)), seeds)


_ORDER: Final[tuple[State, ...]] = ("broken", "blocked", "changed", "quiet", "moved", "ok")


def _rank(health: Health) -> int:
    return _ORDER.index(health.state)


def _with_notes(health: Health, others: Sequence[Health]) -> Health:
    notes = [each.why for each in others if each.why and each.why != health.why]
    return replace(health, notes=tuple(dict.fromkeys(notes)))


def _by_seed(outcomes: Sequence[PollOutcome]) -> list[list[PollOutcome]]:
    seeds: dict[str, list[PollOutcome]] = {}
    for outcome in outcomes:
        if outcome.kind != "stopped":
            seeds.setdefault(outcome.seed, []).append(outcome)
    return list(seeds.values())


# ------------------------------------------------------------------ one seed


def _judge_seed(outcomes: Sequence[PollOutcome], now: datetime) -> Health:
    """Return how one seed fares, leaving out what only the whole source can tell."""
    failures = failing(outcomes)
    good = [each for each in outcomes if each.ok]
    if failures:
        return _judge_failures(failures, now, worked=bool(good))
    found = _judge_empty(good) or _judge_moved(good)
    return found or Health(state="ok", since=_well_since(outcomes))


def _judge_failures(failures: Sequence[PollOutcome], now: datetime, *, worked: bool) -> Health:
    kind = failures[0].kind or "broken"
    level = severity(kind)
    alike = takewhile(lambda each: severity(each.kind or "broken") == level, failures)
    since = list(alike)[-1].at
    why = _at_seed(describe(kind), failures[0].seed)
    if len(failures) > 1:
        why = Message("{what}, {count} times", what=why, count=len(failures))
    state: State = "blocked" if level == "blocked" else "broken"
    passing = level == "temporary" and len(failures) < _PASSING and now - since < _PASSING_FOR
    if passing and worked:  # what never worked is no hiccup
        state = "ok"
    return Health(state=state, why=why, since=since, kind=kind, failures=len(failures))


def _at_seed(what: Message, seed: str) -> Message:
    return Message("{what}: {where}", what=what, where=seed) if seed else what


def _judge_empty(good: Sequence[PollOutcome]) -> Health | None:
    """Return a judgement where a seed shows no entry at all; an unchanged answer says nothing."""
    shown = [each for each in good if each.entries is not None]
    empty = list(takewhile(lambda each: each.entries == 0, shown))
    if not empty:
        return None
    if empty[0].seed_kind == "listing":
        why = _at_seed(Message("the selector finds no links"), empty[0].seed)
        return Health(state="changed", why=why, since=empty[-1].at, kind="empty", fields=("links",))
    is_map = empty[0].seed_kind == "sitemap"
    what = Message("the sitemap is empty" if is_map else "the feed is empty")
    why = _at_seed(what, empty[0].seed)
    return Health(state="quiet", why=why, since=empty[-1].at, kind="empty")


def _judge_moved(good: Sequence[PollOutcome]) -> Health | None:
    target = good[0].moved_to if good else None
    alike = list(takewhile(lambda each: each.moved_to == target, good))
    if target is None or len(alike) < _MOVED:
        return None
    why = _at_seed(Message("moved for good to {target}", target=target), good[0].seed)
    return Health(state="moved", why=why, since=alike[-1].at)


def _well_since(outcomes: Sequence[PollOutcome]) -> datetime | None:
    latest = sorted(outcomes, key=lambda each: each.at, reverse=True)
    streak = list(takewhile(lambda each: each.ok, latest))
    return streak[-1].at if streak else None


# ------------------------------------------------------------------ the whole source


def _judge_pages(pages: Sequence[PollOutcome]) -> Health | None:
    """Return a judgement where seeds are fine and pages are not."""
    # An article that is gone is no fault of the source.
    tried = [each for each in pages if each.kind not in {"http_404", "http_410", "stopped"}]
    recent = [each for each in tried[:20] if tried[0].at - each.at < timedelta(days=3)]
    if len(recent) < _PAGES:
        return None
    levels = Counter(severity(each.kind or "broken") for each in recent if not each.ok)
    level, count = max(levels.items(), key=itemgetter(1), default=(None, 0))
    if count < _PAGES_SHARE * len(recent):
        return None
    failed = [each for each in recent if not each.ok]
    kind = Counter(each.kind or "broken" for each in failed).most_common(1)[0][0]
    streak = list(takewhile(lambda each: not each.ok, tried))
    return Health(
        state="blocked" if level == "blocked" else "broken",
        why=Message("the seeds are fine, but of the pages: {what}", what=describe(kind)),
        since=(streak or failed)[-1].at,
        kind=kind,
        failures=len(streak),
    )


def _judge_fills(fills: Fills) -> Health | None:
    """Return a judgement where fields that used to be filled are empty now."""
    days = sorted(fills, reverse=True)
    names = sorted({name for day in days for name in fills[day]})
    lost: dict[str, str] = {}
    for name in names:
        counts = [(day, *fills[day].get(name, (0, 0))) for day in days]
        since = _lost_since([each for each in counts if each[2]])
        if since:
            lost[name] = since
    if not lost:
        return None
    first = min(lost.values())
    return Health(
        state="changed",
        why=Message("no longer found: {fields}", fields=_listed(tuple(lost))),
        since=datetime.fromisoformat(first).replace(tzinfo=UTC),
        fields=tuple(lost),
    )


def _listed(names: Sequence[str]) -> Message:
    """Return names of fields, each of which has a word of its own in other languages."""
    said = Message(names[0])
    for name in names[1:]:
        said = Message("{one}, {other}", one=said, other=Message(name))
    return said


def _lost_since(counts: Sequence[tuple[str, int, int]]) -> str | None:
    """Return the day on which a field was lost, None if it was not.

    Args:
        counts: (day, filled, total) of one field, newest first.
    """
    filled = total = taken = 0
    while taken < len(counts) and total < _NOW:
        filled, total, taken = filled + counts[taken][1], total + counts[taken][2], taken + 1
    if total < _NOW or filled > _IS * total or _best_share(counts[taken:]) < _WAS:
        return None
    poor = list(takewhile(lambda each: each[1] <= _IS * each[2], counts))
    return poor[-1][0] if poor else counts[0][0]


def _best_share(counts: Sequence[tuple[str, int, int]]) -> float:
    """Return the best share over any run of days with enough articles.

    The best, not the mean: the longer a field is lost, the less the mean would show it.
    """
    best = 0.0
    for start in range(len(counts)):
        filled = total = 0
        for _, more, of in counts[start:]:
            filled, total = filled + more, total + of
            if total >= _BEFORE:
                best = max(best, filled / total)
                break
    return best


def _judge_silence(
    outcomes: Sequence[PollOutcome], posts: Sequence[datetime], now: datetime
) -> Health | None:
    """Return a judgement where nothing new came for longer than is usual."""
    last = max((post for post in posts if post <= now), default=None) or _last_new(outcomes, now)
    if last is None:
        return None
    pause = now - last
    if pause <= _patience(posts):
        return None
    hours = round(pause / timedelta(hours=1))
    why = Message("nothing new for {count} hours", count=hours)
    if hours >= 48:
        why = Message("nothing new for {count} days", count=round(hours / 24))
    return Health(state="quiet", why=why, since=last)


def _patience(posts: Sequence[datetime]) -> timedelta:
    """Return how long a pause is still usual for a source."""
    if len(posts) < _LEAST_POSTS:
        return _OLD
    pauses = sorted(later - earlier for earlier, later in pairwise(sorted(posts)))
    longest = pauses[-2] if len(pauses) >= 20 else pauses[-1]  # one holiday is no habit
    return min(max(longest * _PAUSES, _LEAST_QUIET), _OLD)


def _last_new(outcomes: Sequence[PollOutcome], now: datetime) -> datetime | None:
    """Return when something new was last seen by the polls, the oldest poll if nothing was."""
    published = [each.newest_published for each in outcomes if each.newest_published]
    known = [each.at for each in outcomes if each.new_entries] + [
        each for each in published if each <= now
    ]
    return max(known, default=min((each.at for each in outcomes), default=None))
