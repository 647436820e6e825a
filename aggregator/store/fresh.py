"""Makes a new store at once, in the form that all migrations lead to (a test compares both ways).

The first poll of a newcomer need not wait for Alembic, nor for the past.
"""

from sqlalchemy import Engine, inspect, text

from aggregator.store import jobs, leases, prints, readers, schema, search_index

#: Modules whose tables join the metadata by being imported.
_TABLES_OF = (jobs, leases, prints, readers, schema)
#: Two processes that open one new database at once.
_ALONE = text("SELECT pg_advisory_xact_lock(1634166642, hashtext(current_schema()))")


def make(engine: Engine, version: str) -> None:
    """Make all tables, the full-text index and the counter of changes, unless they are there.

    Args:
        engine: of an empty database.
        version: the newest migration's.
    """
    is_sqlite = engine.dialect.name == "sqlite"
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        if not is_sqlite:
            connection.execute(_ALONE)
        if inspect(connection).has_table("alembic_version"):
            return  # another process was first
        schema.metadata.create_all(connection, checkfirst=False)
        for statement in search_index.SQLITE if is_sqlite else search_index.POSTGRESQL:
            connection.exec_driver_sql(statement)
        connection.execute(schema.counters.insert().values(name="changes", value=0))
        connection.exec_driver_sql(
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
            "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
        connection.execute(text("INSERT INTO alembic_version VALUES (:one)"), {"one": version})
