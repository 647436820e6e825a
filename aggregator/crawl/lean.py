"""Imports Scrapy and aiohttp for a command without what its crawl never uses: a quarter of a start.

Our crawls have no reactor and one way out, :mod:`aggregator.crawl.transport`, which trusts
certificates by a context of its own. So Twisted does without its TLS (pyOpenSSL, cryptography),
guessing charsets and JMESPath are imported when they are first called, and aiohttp does not read
the system's certificates twice as it is imported: its own contexts trust nobody.

For our own processes alone: who imports Scrapy first (``scrapy crawl``, a test) has all of it.
"""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.abc import MetaPathFinder
from types import ModuleType
from typing import Any, Final

#: Modules that Twisted does without where they cannot be imported.
_WITHOUT: Final = frozenset(
    {"twisted.internet._newtls", "twisted.internet.ssl", "twisted.protocols.tls"}
)
#: Modules that come when they are first asked for, and the functions that are taken from them.
_LATER: Final = {
    "scrapy.utils.ssl": ("get_openssl_version",),  # for a line of the log that we leave out
    "charset_normalizer": ("from_bytes",),
    "jmespath": (),
    "packaging.version": ("Version",),  # of terminals on Windows
    "twisted.web.http": (),  # for the words of a status
    "logging.config": ("dictConfig",),  # we set up our own log
}
#: Where OpenSSL looks for certificates.
_CERTIFICATES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def import_all() -> None:
    """Import what crawls are made of, if nobody did so before."""
    if "aiohttp" not in sys.modules:
        with _no_certificates():
            import_module("aiohttp")
    if "scrapy" not in sys.modules and "twisted" not in sys.modules:
        # Another version of Scrapy may want more of them: then the plain import follows.
        with suppress(ImportError), _without_some():
            import_module("scrapy.crawler")


@contextmanager
def _no_certificates() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in _CERTIFICATES}
    os.environ.update(dict.fromkeys(_CERTIFICATES, os.devnull))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


class _Without(MetaPathFinder):
    """Finds nothing of what is to be left out."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> None:
        del path, target
        if fullname in _WITHOUT:
            raise ModuleNotFoundError(f"{fullname} is left out", name=fullname)


class _Later(ModuleType):
    """Stands in for a module: its attributes are those of the real one, imported by then."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(_real(self.__name__), name)


def _real(name: str) -> ModuleType:
    if isinstance(sys.modules.get(name), _Later):
        del sys.modules[name]
    return import_module(name)


def _called_later(module: str, function: str) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        return getattr(_real(module), function)(*args, **kwargs)

    return call


@contextmanager
def _without_some() -> Iterator[None]:
    finder = _Without()
    stands_in: list[str] = []
    for name, functions in _LATER.items():
        if name not in sys.modules:
            module = _Later(name)
            for function in functions:
                setattr(module, function, _called_later(name, function))
            sys.modules[name] = module
            stands_in.append(name)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in stands_in:  # the next import is of the real one
            if isinstance(sys.modules.get(name), _Later):
                del sys.modules[name]
