"""Addresses of everything that is served; the same for pages on the air and in files.

``Links`` are those of the service, ``FileLinks`` those of a static tree: relative, ending in
``.html``, so that the tree works below any address and from a disk.
"""

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlencode

_URN = "urn:uuid:"
_SAFE_NAME = re.compile(r"[\w.-][\w .-]{0,79}")


def short(name: str) -> str:
    """Return an id as addresses show it.

    >>> short("urn:uuid:1b4e28ba-2fa1-11d2-883f-0016d3cca427")
    '1b4e28ba-2fa1-11d2-883f-0016d3cca427'
    """
    return name.removeprefix(_URN)


def full(name: str) -> str:
    """Return the id that an address shows."""
    return name if ":" in name else f"{_URN}{name}"


def file_name(text: str) -> str:
    """Return a file name for a keyword: itself where any file system takes it, else marked.

    >>> file_name("غزة"), file_name("a/b")[:4]
    ('غزة', 'a-b.')
    """
    if _SAFE_NAME.fullmatch(text) and not text.startswith("."):
        return text
    digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=4).hexdigest()
    plain = re.sub(r"[^\w-]+", "-", text)[:60].strip("-") or "x"
    return f"{plain}.{digest}"


@dataclass(frozen=True)
class Links:
    """Addresses of the service; ``prefix`` is the path of the public address, without slash."""

    prefix: str = ""
    is_static: bool = False

    def page(self, path: str, **query: object) -> str:
        """Return the address of a page by its path, with the parts of the query that are set."""
        asked = urlencode({key: value for key, value in query.items() if value})
        return f"{self.prefix}/{path}{'?' if asked else ''}{asked}"

    def home(self, **query: object) -> str:
        """Return the front page."""
        return self.page("", **query)

    def article(self, name: str) -> str:
        """Return the page of an article by its id."""
        return self.page(f"article/{quote(short(name), safe='')}")

    def event(self, name: str) -> str:
        """Return the page of an event by its id."""
        return self.page(f"event/{quote(short(name), safe='')}")

    def source(self, name: str) -> str:
        """Return the page of a source by its id."""
        return self.page(f"source/{quote(name, safe='')}")

    def keyword(self, name: str) -> str:
        """Return the page of a keyword."""
        return self.page(f"keyword/{quote(name, safe='')}")

    def feed(self, path: str, suffix: str = ".rss", **query: object) -> str:
        """Return a feed by its path as ``feeds.path`` gives it."""
        return self.page(f"feeds/{path}{suffix}", **query)

    def has_feed(self, path: str) -> bool:
        """Whether there is a feed at a path as ``feeds.path`` gives it."""
        del path
        return True

    def asset(self, name: str) -> str:
        """Return a file of ``static``."""
        return self.page(f"static/{name}")


@dataclass(frozen=True)
class FileLinks(Links):
    """Relative addresses of a static tree.

    Attributes:
        prefix: ``..`` for each folder that the page lies in, joined by slashes; ``.`` at the top.
        folder: the folder of the interface language, with a slash, or empty.
        feeds: paths of the feeds that the tree has, not quoted, without suffix.
    """

    is_static: bool = True
    folder: str = ""
    feeds: frozenset[str] = frozenset()

    def page(self, path: str, **query: object) -> str:
        """Return a page; files have no queries."""
        del query
        return f"{self.prefix}/{self.folder}{path or 'index'}.html"

    def keyword(self, name: str) -> str:
        """Return the page of a keyword, nothing where it is not worth one."""
        named = file_name(name)
        if f"keyword/{named}" not in self.feeds:
            return ""
        return self.page(f"keyword/{quote(named, safe='')}")

    def has_feed(self, path: str) -> bool:
        """Whether the tree has the feed."""
        kind, _, name = path.partition("/")
        name = unquote(name)
        return (f"{kind}/{file_name(name)}" if kind == "keyword" else path) in self.feeds

    def feed(self, path: str, suffix: str = ".rss", **query: object) -> str:
        """Return a feed; they lie at the top, whatever the language."""
        del query
        kind, _, name = path.partition("/")
        if kind == "keyword":
            path = f"keyword/{quote(file_name(unquote(name)), safe='')}"
        return f"{self.prefix}/feeds/{path}{suffix}"

    def asset(self, name: str) -> str:
        """Return a file of ``static``."""
        return f"{self.prefix}/static/{name}"
