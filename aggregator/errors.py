"""The error tree, split by who must act. Every error prints one line: message: identity: cause.

AggregatorError
├── UsageError               the caller acts: wrong option, unknown name; exit 2
├── ConfigError(setting)     the operator acts; exit 2
├── CatalogueError(path)     the writer of a source file acts; exit 2
├── BusyError(holder)        somebody else works on this store; exit 75
├── FetchError(url)          recorded as health, the crawl goes on
│   ├── TemporaryFetchError  again later
│   ├── BlockedError         403, 429, robots.txt, a challenge page, the address guard
│   └── GoneError            410, or 404 many times
├── ParseError(url)          the input is kept, never tried again as it is
├── ImportFileError(path)    a damaged card or line; nothing of that file is stored
├── StoreError(database)     stops the run
├── ClusterError(address)    the operator acts: no scheduler, no workers, another version
│   └── LostClusterError     it was there; asked again for a while
└── ExportError(format)      the last good file stays
"""


class AggregatorError(Exception):
    """Base of all our errors; prints ``message: identity: cause`` with the parts that are known.

    Args:
        message: what went wrong, in few words, no full stop.
        identity: the address, path, id or setting concerned.
        cause: why, and what to do where that is known; an exception is shown by its own words.
    """

    exit_code = 1

    def __init__(self, message: str, identity: object = None, cause: object = None) -> None:
        super().__init__(message, identity, cause)
        self.message = message
        self.identity = identity
        self.cause = cause

    def __str__(self) -> str:
        cause = self.cause
        if isinstance(cause, BaseException) and not isinstance(cause, AggregatorError):
            cause = f"{type(cause).__name__}: {cause}" if str(cause) else type(cause).__name__
        parts = (self.message, self.identity, cause)
        return " ".join(": ".join(str(part) for part in parts if part is not None).split())


class UsageError(AggregatorError):
    """The command was used wrongly."""

    exit_code = 2


class ConfigError(AggregatorError):
    """A setting has no usable value; identity is the setting's name."""

    exit_code = 2


class CatalogueError(AggregatorError):
    """A source file is wrong; identity is ``path: key``."""

    exit_code = 2


class BusyError(AggregatorError):
    """Another process holds the store; identity names it."""

    exit_code = 75


class FetchError(AggregatorError):
    """A request gave nothing usable; identity is the address."""

    #: the word under which health counts it
    kind = "broken"

    def __init__(
        self,
        message: str,
        identity: object = None,
        cause: object = None,
        *,
        status: int | None = None,
    ) -> None:
        super().__init__(message, identity, cause)
        self.status = status


class TemporaryFetchError(FetchError):
    """May well work later: timeout, reset, 5xx."""

    kind = "temporary"

    def __init__(
        self,
        message: str,
        identity: object = None,
        cause: object = None,
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message, identity, cause, status=status)
        self.retry_after_s = retry_after_s


class BlockedError(FetchError):
    """The other side, or our own rules, do not let us in."""

    kind = "blocked"


class GoneError(FetchError):
    """The address is dead for good."""

    kind = "gone"


class ParseError(AggregatorError):
    """The bytes are not what they should be; identity is the address."""


class ImportFileError(AggregatorError):
    """A file to import is damaged; identity is ``path:line``."""


class StoreError(AggregatorError):
    """The store cannot be read or written; identity is the database."""


class ClusterError(AggregatorError):
    """The cluster cannot be used; identity is the address of its scheduler."""


class LostClusterError(ClusterError):
    """The scheduler went away while it was used."""


class ExportError(AggregatorError):
    """A file could not be written; identity is the format or the path."""
