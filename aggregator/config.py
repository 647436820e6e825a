"""How we aggregate: one frozen, typed object made once from the environment and a TOML file.

Each setting ``name`` is read from ``AGGREGATOR_NAME``; a file named by ``AGGREGATOR_CONFIG`` gives
the same names in lower case without the prefix. The environment wins. An unknown name is an error
that says the nearest right one. How to crawl stands in ``settings.py``; what a source is, in YAML.
"""

import difflib
import ipaddress
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from aggregator import signing
from aggregator.errors import ConfigError

PREFIX = "AGGREGATOR_"
#: Variables of the same prefix that are the tests' business.
OF_TESTS = frozenset({"CORPUS", "UPDATE_GOLDEN", "TEST_DATABASE"})
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network_list(text: str) -> tuple[Network, ...]:
    words = text.replace(",", " ").split()
    return tuple(ipaddress.ip_network(word, strict=False) for word in words)


def _boolean(text: str) -> bool:
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("must be true or false")


def _number(kind: type[int] | type[float], least: float, most: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        value = kind(text)
        if not least <= value <= most:
            raise ValueError(f"must be from {least} to {most}")
        return value

    return read


def _key(text: str) -> str:
    if text:
        signing.key_of(text)
    return text


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"must be one of {' '.join(words)}")
        return text

    return read


def _setting(default: Any, read: Callable[[str], Any], doc: str, *, is_secret: bool = False) -> Any:
    return field(default=default, repr=not is_secret, metadata={"read": read, "doc": doc})


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All settings; ``Config.load`` reads them, tests construct it directly."""

    # Where things lie
    data: Path = _setting(
        Path("~/.local/share/aggregator"), Path, "folder for the store, archive and locks"
    )
    database: str = _setting(
        "",
        str,
        "SQLAlchemy address; empty: aggregator.db in the data folder",
        is_secret=True,
    )
    sources: tuple[str, ...] = _setting(
        ("bundled",),
        lambda text: tuple(part for part in text.split(":") if part),
        "folders of source files, parted by ':'; 'bundled' is the catalogue of the program",
    )

    # Whom we may talk to, and how
    allow_networks: tuple[Network, ...] = _setting(
        (), _network_list, "address ranges that the address guard lets through"
    )
    contact: str = _setting(
        "", str, "address (URL or mail) in the user agent, so that a site can reach you"
    )
    proxy: str = _setting(
        "",
        str,
        "http proxy for all requests; the address guard then trusts it",
        is_secret=True,
    )
    delay_s: float = _setting(
        1.0, _number(float, 0, 3600), "seconds between two requests to one host"
    )
    max_crawl_delay_s: float = _setting(
        120.0, _number(float, 0, 86400), "robots.txt Crawl-delay counts up to this, in seconds"
    )
    concurrency: int = _setting(32, _number(int, 1, 1024), "requests in flight over all hosts")
    processes: int = _setting(
        0,
        _number(int, 0, 256),
        "processes that read pages and seeds when many wait; 1: the crawl alone, 0: one a core",
    )
    timeout_s: float = _setting(
        25.0, _number(float, 1, 3600), "seconds for a whole request, tries and redirects together"
    )
    max_body_bytes: int = _setting(
        10_000_000, _number(int, 1000, 2**31), "largest body after decompression"
    )
    max_ratio: float = _setting(
        150.0, _number(float, 1, 100000), "largest growth of a body by decompression"
    )
    retries: int = _setting(1, _number(int, 0, 10), "tries again after a passing failure")

    # Rhythm
    poll_min_s: float = _setting(300.0, _number(float, 1, 86400), "least seconds between polls")
    poll_max_s: float = _setting(
        86400.0, _number(float, 60, 2592000), "most seconds between polls of a source that is well"
    )

    # Neighbours
    window_days: float = _setting(
        7.0, _number(float, 1, 3650), "how far back events and related articles are looked for"
    )

    # Feeds
    base_url: str = _setting("", str, "public address under which feeds and pages are served")
    feed_limit: int = _setting(50, _number(int, 1, 10000), "entries of a feed")
    hub_url: str = _setting("", str, "WebSub hub named in feeds, and told of changes")
    hubs: tuple[str, ...] = _setting(
        (), lambda text: tuple(text.split()), "further WebSub hubs, parted by spaces"
    )
    subscribe: bool = _setting(
        True,
        _boolean,
        "`serve` asks the WebSub hubs of seeds to push, where base_url is a public address",
    )

    # Pages and API
    hosts: tuple[str, ...] = _setting(
        (),
        lambda text: tuple(text.replace(",", " ").lower().split()),
        "host names that `serve` answers to, beside base_url's and loopback; '*' is any",
    )
    cors: tuple[str, ...] = _setting(
        (),
        lambda text: tuple(text.replace(",", " ").split()),
        "origins whose pages may read feeds and API; '*' is any",
    )
    page_images: str = _setting(
        "link",
        _one_of("link", "direct", "proxy"),
        "pictures on pages: link (nothing is fetched), direct (by the browser from their hosts) "
        "or proxy (by `serve`, which keeps them)",
    )
    picture_bytes: int = _setting(
        5_000_000, _number(int, 1000, 2**31), "largest picture that the proxy passes on"
    )
    picture_cache_bytes: int = _setting(
        500_000_000, _number(int, 0, 2**40), "room for pictures on the disk"
    )
    api_keys: tuple[str, ...] = _setting(
        (),
        lambda text: tuple(text.replace(",", " ").split()),
        "keys of which the API asks for one; empty: it is open",
        is_secret=True,
    )
    api_rate: int = _setting(
        600, _number(int, 0, 1_000_000), "API requests a minute and client; 0: no limit"
    )

    # Webhooks
    webhook_tries: int = _setting(
        10, _number(int, 1, 100), "tries of a message, over two days, before it is laid aside"
    )

    # Alerts
    alert_webhook: str = _setting(
        "", str, "address that gets alerts as signed JSON", is_secret=True
    )
    alert_secret: str = _setting(
        "", _key, "key that signs alerts: 16 letters or more, or whsec_ and base64", is_secret=True
    )
    alert_mail: str = _setting("", str, "mail address for alerts")
    smtp: str = _setting("", str, "smtp://user:password@host:port", is_secret=True)
    alert_failures: int = _setting(5, _number(int, 1, 1000), "failures before an alert")
    alert_after_s: float = _setting(
        6 * 3600.0, _number(float, 0, 2592000), "seconds of failure before an alert"
    )

    # Retention
    keep_days: float = _setting(0.0, _number(float, 0, 36500), "0 keeps articles for ever")
    keep_articles: int = _setting(0, _number(int, 0, 2**31), "per source; 0: no limit")
    keep_megabytes: float = _setting(
        0.0, _number(float, 0, 1_000_000), "of records, per source; 0: no limit"
    )

    # Past one machine
    dask: str = _setting("", str, "address of a Dask scheduler")
    lease_s: float = _setting(
        60.0,
        _number(float, 1, 3600),
        "seconds after which another worker takes over the hosts of a dead one",
    )

    # People
    lang: str = _setting("", str, "language of messages: en or ar; empty: by locale")
    api_token: str = _setting(
        "", str, "token for the parts of the API that change anything", is_secret=True
    )

    @property
    def all_hubs(self) -> tuple[str, ...]:
        """All WebSub hubs, each once."""
        return tuple(dict.fromkeys(filter(None, (self.hub_url, *self.hubs))))

    @property
    def database_url(self) -> str:
        """SQLAlchemy address of the store."""
        return self.database or f"sqlite:///{self.data / 'aggregator.db'}"

    @classmethod
    def load(cls, environ: Mapping[str, str]) -> "Config":
        """Return the configuration that the environment and its TOML file describe.

        Raises:
            ConfigError: unknown setting, unusable value, unreadable file.
        """
        texts: dict[str, tuple[str, str]] = {}
        if path := environ.get(PREFIX + "CONFIG"):
            texts.update({name: (f"{path}: {name}", text) for name, text in _read_file(path)})
        for key, text in environ.items():
            name = key.removeprefix(PREFIX)
            if name != key and name != "CONFIG" and name not in OF_TESTS:
                texts[name.lower()] = (key, text)
        known = {each.name: each for each in fields(cls)}
        values: dict[str, Any] = {}
        for name, (where, text) in texts.items():
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                raise ConfigError(
                    "unknown setting", where, f"did you mean {near[0]}?" if near else None
                )
            try:
                values[name] = known[name].metadata["read"](text)
            except ValueError as error:
                raise ConfigError("setting has no usable value", where, str(error)) from error
        config = cls(**values)
        object.__setattr__(config, "data", config.data.expanduser())
        return config


def _read_file(path: str) -> list[tuple[str, str]]:
    try:
        table = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError("configuration file cannot be read", path, error) from error
    return [
        (name, ":".join(map(str, value)) if isinstance(value, list) else str(value))
        for name, value in table.items()
    ]
