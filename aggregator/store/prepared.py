"""Statements of the hot path: compiled once for each kind of database, run on the driver itself.

For a small statement SQLAlchemy's own way takes several times what SQLite takes. These run within
the same transaction of the same connection and raise the same errors; rows come as the driver
gives them (times are text).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NoReturn

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

Row = tuple[Any, ...]
#: Values of one list in one statement.
MOST_VALUES = 256


class _Compiled:
    """A statement in the words of one driver."""

    __slots__ = ("_binds", "_positional", "sql")

    def __init__(self, statement: Any, dialect: Any, columns: Sequence[str]) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(columns) or None)
        self.sql = str(compiled)
        self._positional = bool(compiled.positional)
        names = compiled.positiontup if self._positional else list(compiled.binds)
        self._binds = [
            (
                name,
                compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect),
                compiled.binds[name].value,
            )
            for name in names
        ]

    def bound(self, values: Mapping[str, Any]) -> Any:
        """Return the values as the driver takes them."""
        if self._positional:
            return [
                values.get(name, fixed) if process is None else process(values.get(name, fixed))
                for name, process, fixed in self._binds
            ]
        return {
            name: values.get(name, fixed) if process is None else process(values.get(name, fixed))
            for name, process, fixed in self._binds
        }

    def each(self, common: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Return the values of each row, those that all have in common made up once."""
        first = self.bound(common)
        if not self._positional:
            own = [each for each in self._binds if each[0] not in common]
            return [
                first
                | {
                    name: value if process is None else process(value)
                    for name, process, fixed in own
                    for value in (row.get(name, fixed),)
                }
                for row in rows
            ]
        places = [
            (at, name, process, fixed)
            for at, (name, process, fixed) in enumerate(self._binds)
            if name not in common
        ]
        found = []
        for row in rows:
            values = first.copy()
            for at, name, process, fixed in places:
                value = row.get(name, fixed)
                values[at] = value if process is None else process(value)
            found.append(values)
        return found


class Prepared:
    """A statement without lists of changing length.

    Args:
        build: returns the statement for a dialect's name; called once for each.
        columns: of an INSERT: those that are given.
    """

    def __init__(self, build: Callable[[str], Any], columns: Sequence[str] = ()) -> None:
        self._build, self._columns = build, tuple(columns)
        self._compiled: dict[tuple[str, str], _Compiled] = {}

    def _for(self, connection: Connection) -> _Compiled:
        dialect = connection.dialect
        key = (dialect.name, dialect.driver)
        found = self._compiled.get(key)
        if found is None:
            statement = self._build(dialect.name)
            found = self._compiled[key] = _Compiled(statement, dialect, self._columns)
        return found

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[Row]:
        """Run it and return all rows."""
        own = self._for(connection)
        driver = _driver(connection)
        try:
            rows: list[Row] = driver.execute(own.sql, own.bound(values)).fetchall()
        except connection.dialect.loaded_dbapi.Error as error:
            _named(connection, own.sql, error)
        return rows

    def run(
        self,
        connection: Connection,
        *rows: Mapping[str, Any],
        common: Mapping[str, Any] | None = None,
    ) -> None:
        """Run it once for each of the rows, which all have the ``common`` values beside theirs."""
        if not rows:
            return
        own = self._for(connection)
        driver = _driver(connection)
        try:
            given = [own.bound(row) for row in rows] if common is None else own.each(common, rows)
            if len(rows) == 1:
                driver.execute(own.sql, given[0])
            else:
                driver.cursor().executemany(own.sql, given)
        except connection.dialect.loaded_dbapi.Error as error:
            _named(connection, own.sql, error)


class Listed:
    """A query with one list of values, of any length.

    Args:
        build: returns the statement for a dialect's name and this many values, which it calls
            ``v0``, ``v1`` … (or what ``bind`` makes of them); repeated values must do no harm.
        bind: returns the bound values of one value at one place.
    """

    def __init__(
        self,
        build: Callable[[str, int], Any],
        bind: Callable[[int, Any], Mapping[str, Any]] = lambda at, value: {f"v{at}": value},
    ) -> None:
        self._bind = bind
        self._sized = lru_cache(maxsize=16)(
            lambda size: Prepared(lambda dialect: build(dialect, size))
        )

    def rows(
        self, connection: Connection, values: Iterable[Any], fixed: Mapping[str, Any] | None = None
    ) -> list[Row]:
        """Return the rows of all values; long lists are asked for in parts."""
        wanted = list(values)
        found: list[Row] = []
        for start in range(0, len(wanted), MOST_VALUES):
            part = wanted[start : start + MOST_VALUES]
            size = 1 << (len(part) - 1).bit_length()
            part += part[-1:] * (size - len(part))  # few lengths, few statements
            bound: dict[str, Any] = dict(fixed or {})
            for at, value in enumerate(part):
                bound |= self._bind(at, value)
            found += self._sized(size).rows(connection, bound)
        return found


def ask(connection: Connection, sql: str, values: Sequence[Any] = ()) -> list[Row]:
    """Return the rows of a query in words that all databases know, ``?`` for each value."""
    try:
        rows: list[Row] = (
            _driver(connection).execute(_marked(sql, connection.dialect.paramstyle), values)
        ).fetchall()
    except connection.dialect.loaded_dbapi.Error as error:
        _named(connection, sql, error)
    return rows


def tell(connection: Connection, sql: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run a statement, written as for :func:`ask`, once for each row of values."""
    if not rows:
        return
    try:
        words = _marked(sql, connection.dialect.paramstyle)
        if len(rows) == 1:
            _driver(connection).execute(words, rows[0])
        else:
            _driver(connection).cursor().executemany(words, rows)
    except connection.dialect.loaded_dbapi.Error as error:
        _named(connection, sql, error)


@lru_cache(maxsize=512)
def _marked(sql: str, paramstyle: str) -> str:
    return sql if paramstyle == "qmark" else sql.replace("?", "%s")


def _driver(connection: Connection) -> Any:
    """Return the driver's connection, within a transaction as SQLAlchemy begins it."""
    if not connection.in_transaction():
        connection.begin()
    return connection.connection.dbapi_connection


def _named(connection: Connection, sql: str, error: Exception) -> NoReturn:
    """Raise a driver's error as SQLAlchemy would."""
    dialect = connection.dialect
    driver = dialect.loaded_dbapi.Error
    lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)  # type: ignore[arg-type]
    if lost:
        connection.invalidate(error)
    raise DBAPIError.instance(
        sql, None, error, driver, hide_parameters=True, connection_invalidated=lost, dialect=dialect
    ) from error
