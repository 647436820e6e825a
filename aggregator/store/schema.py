"""The tables, as SQLAlchemy Core knows them; the migrations build exactly these.

Times are UTC text of fixed width (``2025-11-07T10:00:00.000000Z``): they sort as they stand, read
well in any SQL shell and mean the same in SQLite and PostgreSQL. JSON is text for the same reason.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: SQLite gives rowids only to INTEGER keys, PostgreSQL should count in 64 bit.
Key = BigInteger().with_variant(Integer, "sqlite")


class Time(TypeDecorator[datetime]):
    """An aware datetime as UTC text."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Return the text that is stored."""
        return None if value is None else stamp(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return the aware datetime, UTC."""
        return None if value is None else datetime.fromisoformat(value)


def stamp(value: datetime) -> str:
    """Return the stored form of an aware time."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


#: One row an article; ``record`` is its JSON object of the contract, without the change header.
articles = Table(
    "articles",
    metadata,
    Column("pk", Key, primary_key=True),
    Column("id", String(45), nullable=False, unique=True),
    Column("source_id", String(100), nullable=False),
    Column("country", String(2), nullable=False),
    Column("language", String(35), nullable=False),
    Column("url", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("published", Time),
    Column("first_seen", Time, nullable=False),
    Column("last_seen", Time, nullable=False),
    #: when title or body last really changed; what feeds call updated
    Column("revised", Time, nullable=False),
    #: ``live``, ``deleted`` (told by the source) or ``purged`` (by retention: only a tombstone)
    Column("state", String(8), nullable=False, default="live"),
    Column("version", Integer, nullable=False, default=1),
    Column("seq", BigInteger, nullable=False),
    Column("content_hash", String(32), nullable=False),
    Column("cluster", String(45)),
    Column("copy_of", Key),
    Column("record", LargeBinary),
    Index(None, "source_id", "first_seen"),
    Index(None, "seq"),
    Index(None, "cluster"),
    Index(None, "copy_of"),
    Index(None, "published"),
)

#: Everything an article was ever known by. ``scope`` is empty for addresses, a source's or a
#: feed's key for the rest (``identity.py`` says which).
aliases = Table(
    "aliases",
    metadata,
    Column("scope", String(200), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("article_pk", Key, nullable=False),
    Column("at", Time, nullable=False),
    Index(None, "article_pk"),
)

#: Superseded states of articles; the newest state stands in ``articles``.
versions = Table(
    "versions",
    metadata,
    Column("article_pk", Key, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("at", Time, nullable=False),
    #: what the next version changed: ``typo``, ``title``, ``body``, ``correction``, ``update``
    Column("kind", String(16), nullable=False),
    Column("changed", Text, nullable=False),
    Column("record", LargeBinary, nullable=False),
)

#: Which seed showed which entry when; ``pending`` ones are the queue that survives a crash.
sightings = Table(
    "sightings",
    metadata,
    Column("pk", Key, primary_key=True),
    Column("source_id", String(100), nullable=False),
    Column("seed_url", Text, nullable=False),
    Column("entry_key", Text, nullable=False),
    Column("url", Text),
    Column("guid", Text),
    #: what the entry said of itself when it was last taken: decides whether it is fetched again
    Column("announced", Text, nullable=False),
    Column("first_at", Time, nullable=False),
    Column("last_at", Time, nullable=False),
    #: ``pending``, ``stored``, ``rejected`` (no article), ``failed`` (given up), ``gone``
    Column("state", String(8), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("reason", Text),
    Column("entry", Text),
    Column("article_pk", Key),
    UniqueConstraint("source_id", "seed_url", "entry_key"),
    Index(None, "source_id", "state"),
    Index(None, "article_pk"),
)

#: What is known of each seed: validators, rhythm, how it fares.
seeds = Table(
    "seeds",
    metadata,
    Column("source_id", String(100), primary_key=True),
    Column("url", Text, primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_hash", String(32)),
    Column("moved_to", Text),
    Column("hub", Text),
    Column("polled_at", Time),
    Column("next_at", Time),
    Column("hints", Text),
    Column("keys", Text),
    Index(None, "next_at"),
)

#: Every request that told us something.
fetches = Table(
    "fetches",
    metadata,
    Column("pk", Key, primary_key=True),
    Column("source_id", String(100), nullable=False),
    #: ``seed`` or ``page``
    Column("role", String(8), nullable=False),
    Column("url", Text, nullable=False),
    Column("at", Time, nullable=False),
    Column("status", Integer),
    Column("bytes", Integer),
    Column("ms", Integer),
    #: None where all is well, else a word: ``timeout``, ``http_404``, ``not_a_feed`` …
    Column("kind", String(24)),
    Column("error", Text),
    Column("entries", Integer),
    Column("new_entries", Integer),
    Index(None, "source_id", "at"),
    Index(None, "at"),
)

#: How often each field was filled, per source and day.
fills = Table(
    "fills",
    metadata,
    Column("source_id", String(100), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("field", String(20), primary_key=True),
    Column("filled", Integer, nullable=False),
    Column("total", Integer, nullable=False),
)

#: The numbered log. ``version`` says which state of the article the line shows.
changes = Table(
    "changes",
    metadata,
    Column(
        "seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    ),
    Column("article_pk", Key, nullable=False),
    Column("article_id", String(45), nullable=False),
    Column("event", String(8), nullable=False),
    Column("changed", Text, nullable=False),
    Column("at", Time, nullable=False),
    Column("version", Integer, nullable=False),
    Column("reason", Text),
    Index(None, "article_pk"),
)

#: Keywords of living articles, folded, for the filters.
keywords = Table(
    "keywords",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("article_pk", Key, primary_key=True),
    Column("keyword", Text, nullable=False),
    Index(None, "article_pk"),
)

#: Folded text: what full-text search reads, in SQLite (FTS5) and PostgreSQL alike.
search_texts = Table(
    "search_texts",
    metadata,
    Column("pk", Key, primary_key=True),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    #: source, country and language as words (``query.facets``), so that the index can filter
    Column("facets", Text, nullable=False, server_default=""),
)

#: Counters that must have no gaps (``changes``); taken inside the transaction that uses them.
counters = Table(
    "counters",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

#: Alert and health memory of each source.
source_states = Table(
    "source_states",
    metadata,
    Column("source_id", String(100), primary_key=True),
    Column("state", String(10), nullable=False),
    Column("since", Time, nullable=False),
    Column("detail", Text, nullable=False),
    Column("alerted_at", Time),
)

#: Who gets every change pushed, and how far each of them is.
webhooks = Table(
    "webhooks",
    metadata,
    Column("pk", Key, primary_key=True),
    #: part of the ids of its messages; never used again, unlike the key
    Column("uid", String(16), nullable=False, unique=True),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("filter", Text, nullable=False),
    #: everything up to this number was taken, or laid aside as a dead letter
    Column("cursor", BigInteger, nullable=False),
    #: last number of the last message
    Column("told", BigInteger, nullable=False),
    #: last number of the message that is being tried again; None: the next one is not made yet
    Column("until", BigInteger),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_at", Time),
    #: ``on``, or ``off``: the receiver answered that it is gone
    Column("state", String(8), nullable=False, default="on"),
    Column("reason", Text),
    Column("created", Time, nullable=False),
    Column("delivered_at", Time),
)

#: Messages that were not taken, however often they were sent.
dead_letters = Table(
    "dead_letters",
    metadata,
    Column("pk", Key, primary_key=True),
    Column("webhook_pk", Key, nullable=False),
    Column("message_id", String(80), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("first_seq", BigInteger, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("count", Integer, nullable=False),
    Column("at", Time, nullable=False),
    Column("reason", Text),
    Index(None, "webhook_pk"),
)

#: Which changes each WebSub hub was told of.
hub_pings = Table(
    "hub_pings",
    metadata,
    Column("hub", Text, primary_key=True),
    Column("cursor", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_at", Time),
    Column("reason", Text),
    Column("told_at", Time),
)

#: Our subscriptions at the WebSub hubs of seeds.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("source_id", String(100), primary_key=True),
    Column("seed_url", Text, primary_key=True),
    Column("hub", Text, nullable=False),
    Column("topic", Text, nullable=False),
    #: last part of the callback's address, which nobody can guess
    Column("token", String(64), nullable=False, unique=True),
    Column("secret", String(64), nullable=False),
    #: ``asked``, ``active``, ``denied``, ``failed``, ``leaving``
    Column("state", String(8), nullable=False),
    #: what the hub may confirm: ``subscribe`` or ``unsubscribe``, and since when
    Column("asked", String(12)),
    Column("asked_at", Time),
    Column("lease_until", Time),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_at", Time, nullable=False),
    Column("reason", Text),
    Column("pushed_at", Time),
    Column("pushes", Integer, nullable=False, default=0),
)

#: Random keys that sign addresses; made when first needed, the same for all processes.
signing_keys = Table(
    "signing_keys",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("key", LargeBinary, nullable=False),
)
