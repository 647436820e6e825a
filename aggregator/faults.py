"""The words for what went wrong with a fetch, and how bad each is.

One word a fault, the same in errors, in the table of fetches, in health and in the rhythm of polls.
Answers with a status that is no success are ``http_404`` and so on.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from aggregator.errors import BlockedError, FetchError, GoneError, TemporaryFetchError
from aggregator.wording import Message

#: ``temporary``: likely well soon. ``hard``: somebody has to mend something, there or here.
#: ``blocked``: they, or our own rules, do not let us in.
Severity = Literal["temporary", "hard", "blocked"]

#: kind → (severity, what to tell people)
KINDS: Final[Mapping[str, tuple[Severity, str]]] = MappingProxyType(
    {
        "dns": ("temporary", "host name is not found"),
        "refused": ("temporary", "connection is refused"),
        "unreachable": ("temporary", "host is not reachable"),
        "reset": ("temporary", "connection broke off"),
        "timeout": ("temporary", "no whole answer in time"),
        "truncated": ("temporary", "answer is shorter than it should be"),
        "proxy": ("temporary", "proxy does not work"),
        "robots_unreachable": ("temporary", "robots.txt cannot be read"),
        "stopped": ("temporary", "run was stopped"),
        "empty": ("temporary", "answer is empty"),
        "tls": ("hard", "certificate or encryption is not right"),
        "bad_url": ("hard", "address is not usable"),
        "bad_http": ("hard", "answer is no HTTP"),
        "bad_encoding": ("hard", "answer cannot be decompressed"),
        "too_large": ("hard", "answer is too large"),
        "bomb": ("hard", "answer grows beyond measure when decompressed"),
        "redirect_loop": ("hard", "redirects lead in a circle"),
        "redirect_limit": ("hard", "too many redirects"),
        "scheme": ("hard", "address is not http or https"),
        "unreadable": ("hard", "answer is not what it should be"),
        "not_a_feed": ("hard", "a page came where a feed should be"),
        "broken": ("hard", "fetch failed"),
        "blocked_address": ("blocked", "address is not public"),
        "robots": ("blocked", "robots.txt forbids it"),
        "challenge": ("blocked", "a challenge page came"),
        "login": ("blocked", "a login page came"),
    }
)

#: name and password in an address, which must not get into logs
_SECRET = re.compile(r"^([a-zA-Z][a-zA-Z0-9+.-]{0,20}://)[^/?#@]{1,500}@")
_STATUS = re.compile(r"http_(\d{3})")
_BLOCKED_STATUS = frozenset({401, 402, 403, 407, 429, 451})
_TEMPORARY_STATUS = frozenset({408, 421, 425, 444, 460, 499})


def kind_of_status(status: int) -> str | None:
    """Return the word for an answer with this status; None for success and 304."""
    return None if 200 <= status < 300 or status == 304 else f"http_{status}"


def status_of(kind: str) -> int | None:
    """Return the status of ``http_404`` and the like, None for all other kinds."""
    match = _STATUS.fullmatch(kind)
    return int(match[1]) if match else None


def severity(kind: str) -> Severity:
    """Return how bad a fault is; unknown words count as hard."""
    if kind in KINDS:
        return KINDS[kind][0]
    status = status_of(kind)
    if status is None:
        return "hard"
    if status in _BLOCKED_STATUS:
        return "blocked"
    return "temporary" if status >= 500 or status in _TEMPORARY_STATUS else "hard"


def describe(kind: str) -> Message:
    """Return the words for people."""
    if kind in KINDS:
        return Message(KINDS[kind][1])
    status = status_of(kind)
    return (
        Message(kind) if status is None else Message("the server answers {status}", status=status)
    )


def fault(
    kind: str,
    url: str,
    cause: object = None,
    *,
    status: int | None = None,
    retry_after_s: float | None = None,
) -> FetchError:
    """Return the error to raise for a fault; its ``kind`` is the word."""
    error: FetchError
    url = _SECRET.sub(r"\1", url)
    message, level = describe(kind), severity(kind)
    if level == "temporary":
        error = TemporaryFetchError(message, url, cause, status=status, retry_after_s=retry_after_s)
    elif level == "blocked":
        error = BlockedError(message, url, cause, status=status)
    elif kind == "http_410":
        error = GoneError(message, url, cause, status=status)
    else:
        error = FetchError(message, url, cause, status=status)
    error.kind = kind
    return error
