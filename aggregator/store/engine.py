"""Opens a store: connection settings, migrations, and plain words for what can be wrong with it.

SQLite runs in WAL mode with full synchronisation: a commit that returned is on the disk. Writers
begin with BEGIN IMMEDIATE, so that two of them wait for each other and never deadlock.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from aggregator.errors import StoreError

#: Newest migration; the check on opening costs one query, Alembic is imported only to migrate.
HEAD = "0003"
#: Seconds a writer waits for another one.
BUSY_TIMEOUT_S = 30


class Store:
    """An opened store. Reads take :meth:`read`, writes a ``Writer``."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.url = engine.url.render_as_string(hide_password=True)
        #: with the password: for processes that open it as well, never for people
        self.address = engine.url.render_as_string(hide_password=False)
        self.is_sqlite = engine.dialect.name == "sqlite"

    @classmethod
    def open(cls, database_url: str, *, must_exist: bool = False) -> "Store":
        """Return the store at an SQLAlchemy address, made or migrated where needed.

        Raises:
            StoreError: unreachable, damaged, not ours, read-only, or from a newer version.
        """
        try:
            url = make_url(database_url)
        except ArgumentError as error:
            raise StoreError("database address is not understood", database_url, error) from error
        if url.drivername == "postgres":  # libpq's other name for it; hosts hand out such addresses
            url = url.set(drivername="postgresql")
        if url.get_backend_name() not in {"sqlite", "postgresql"}:
            raise StoreError(
                "this database is not known",
                url.render_as_string(hide_password=True),
                "give sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME",
            )
        if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
            _prepare_file(Path(str(url.database)), must_exist=must_exist)
        try:
            engine = _sqlite(database_url) if url.get_backend_name() == "sqlite" else _other(url)
        except (NoSuchModuleError, ModuleNotFoundError) as error:
            raise StoreError(
                "no driver for this database", url.render_as_string(hide_password=True), error
            ) from error
        store = cls(engine)
        try:
            with named_errors(store.url):
                store._migrate()
        except StoreError:
            store.close()
            raise
        return store

    def _migrate(self) -> None:
        with self.engine.connect() as connection:
            tables = set(inspect(connection).get_table_names())
            version = None
            if "alembic_version" in tables:
                version = connection.execute(
                    text("SELECT version_num FROM alembic_version")
                ).scalar()
        if version == HEAD:
            return
        if version is None and "articles" in tables:
            raise StoreError("this database holds other tables", self.url, "give another one")
        if version is None and "alembic_version" not in tables:
            self._check_encoding()
            from aggregator.store.fresh import make

            make(self.engine, HEAD)
            return
        from aggregator.store.migrate import known_revisions, upgrade

        if version is not None and version not in known_revisions():
            raise StoreError(
                "the store was made by a newer version",
                self.url,
                f"it is at {version}, this program knows up to {HEAD}: update the program",
            )
        upgrade(self.engine)

    def _check_encoding(self) -> None:
        if self.is_sqlite:
            return
        with self.engine.connect() as connection:
            encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
        if encoding != "UTF8":
            raise StoreError(
                f"this database keeps text as {encoding}",
                self.url,
                "make one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0",
            )

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection that sees one unchanging state of the store."""
        with named_errors(self.url), self.engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield a connection with a short transaction of its own, beside the writer's."""
        with named_errors(self.url), self.engine.connect() as connection:
            writing = connection.execution_options(writing=True)
            with writing.begin():
                yield writing

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()


def _prepare_file(path: Path, *, must_exist: bool) -> None:
    if must_exist and not path.exists():
        raise StoreError("there is no store yet", path, "run `aggregator crawl` first")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError("folder of the store cannot be made", path.parent, error) from error


def _sqlite(database_url: str) -> Engine:
    # An article's arrival runs some hundred statements, many of them with lists of any length.
    asked = {"timeout": BUSY_TIMEOUT_S, "cached_statements": 512}
    engine = create_engine(database_url, connect_args=asked)

    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, below
        if connection.execute("PRAGMA page_count").fetchone()[0] == 0:
            connection.execute("PRAGMA auto_vacuum=INCREMENTAL")  # later it needs the write lock
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "temp_store=MEMORY",
            "cache_size=-32768",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _other(url: Any) -> Engine:
    known: dict[str, Any] = {}
    if url.get_driver_name() == "psycopg":
        # a server that is gone is noticed within seconds, not after the kernel's two hours
        known = {"connect_timeout": 10, "keepalives_idle": 10, "tcp_user_timeout": 20_000}
        known["client_encoding"] = "utf8"  # whatever PGCLIENTENCODING says
    asked = {name: value for name, value in known.items() if name not in url.query}
    return create_engine(
        url, pool_pre_ping=True, pool_size=5, max_overflow=10, pool_timeout=30, connect_args=asked
    )


@contextlib.contextmanager
def named_errors(database: str) -> Iterator[None]:
    """Turn database errors into one line that says what to do."""
    try:
        yield
    except SQLAlchemyError as error:
        cause: object = error
        if isinstance(error, DBAPIError) and error.orig is not None:
            cause = _advice(str(error.orig))
        raise StoreError("the store failed", database, cause) from error
    except sqlite3.Error as error:
        raise StoreError("the store failed", database, _advice(str(error))) from error


_LOST = "the connection was lost: run again, nothing stored is lost"
_NO_ROOM = "the server has no connection left: run fewer workers, or raise max_connections"


def _advice(cause: str) -> str:
    """Return the database's own words, with what to do about the common ones."""
    hints = {
        "database or disk is full": "free some space, then run again: nothing is lost",
        "disk i/o error": "the disk fails or is full",
        "readonly database": "the file or its folder may not be written",
        "unable to open database": "check that the path exists and may be written",
        "malformed": "the file is damaged: restore a backup, or `sqlite3 FILE .recover`",
        "not a database": "this is another kind of file: give another path",
        "database is locked": "another process holds it",
        "terminating connection": _LOST,
        "server closed the connection": _LOST,
        "connection refused": "check that the server runs, and its address",
        "too many clients": _NO_ROOM,
        "remaining connection slots": _NO_ROOM,
        "permission denied for schema": "make the user its owner, or GRANT CREATE ON SCHEMA",
        "read-only transaction": "the database takes no writes: give the primary's address",
    }
    line = " ".join(cause.split())
    hint = next((hint for words, hint in hints.items() if words in line.lower()), None)
    return f"{line} ({hint})" if hint else line
