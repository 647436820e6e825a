"""Who may ask the API, and how often: keys and a token bucket a client. No clock of its own."""

import hmac
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

#: Clients that are remembered; the longest unseen are forgotten first.
_MOST_CLIENTS = 10_000


@dataclass
class Buckets:
    """A bucket of requests for each client, refilled evenly; a minute's worth may come at once.

    Attributes:
        per_minute: 0 sets no limit.
    """

    per_minute: int
    _clients: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def wait_s(self, client: str, now_s: float) -> float:
        """Take one request; return 0, or the seconds to wait for the next one.

        >>> buckets = Buckets(60)
        >>> [buckets.wait_s("a", 0.0) for _ in range(61)][-2:]
        [0.0, 1.0]
        """
        if not self.per_minute:
            return 0.0
        left, seen = self._clients.pop(client, (float(self.per_minute), now_s))
        left = min(left + (now_s - seen) * self.per_minute / 60, float(self.per_minute))
        wait = 0.0 if left >= 1 else (1 - left) * 60 / self.per_minute
        self._clients[client] = (left - 1 if left >= 1 else left, now_s)
        while len(self._clients) > _MOST_CLIENTS:
            self._clients.popitem(last=False)
        return wait


def key_is_known(header: str | None, other: str | None, keys: Iterable[str]) -> bool:
    """Whether ``Authorization: Bearer KEY`` or ``X-API-Key`` names one of the keys.

    Each is compared in constant time; no keys means that everybody may ask.
    """
    known = tuple(keys)
    if not known:
        return True
    scheme, _, token = (header or "").partition(" ")
    given = token.strip() if scheme.lower() == "bearer" else (other or "").strip()
    return any(hmac.compare_digest(given.encode(), key.encode()) for key in known)
