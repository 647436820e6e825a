"""How long to wait before something is sent again. Pure: chance is given by the caller."""

from typing import Final

#: Seconds after the first failure, and at most; each wait is four times the one before.
FIRST_S: Final = 5.0
MOST_S: Final = 12 * 3600.0
#: Retry-After counts up to this.
MOST_ASKED_S: Final = 24 * 3600.0
_GROWTH: Final = 4.0
_SPREAD: Final = 0.25


def wait_s(
    attempts: int, chance: float, *, asked_s: float | None = None, first_s: float = FIRST_S
) -> float:
    """Return the seconds until the next try.

    Args:
        attempts: failures so far, at least 1.
        chance: from 0 to 1, at random: spreads the tries of many by a quarter up and down.
        asked_s: what the receiver asked for (Retry-After): never sooner.
        first_s: after the first failure.

    >>> [wait_s(attempts, 0.5) for attempts in (1, 2, 3, 20)]
    [5.0, 20.0, 80.0, 43200.0]
    >>> wait_s(1, 0.5, asked_s=60)
    60.0
    """
    wait = min(first_s * _GROWTH ** min(max(attempts, 1) - 1, 30), MOST_S)
    wait *= 1 - _SPREAD + 2 * _SPREAD * chance
    return max(wait, min(asked_s or 0.0, MOST_ASKED_S))
