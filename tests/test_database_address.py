"""Addresses of databases: what is opened, and what is refused in one line."""

import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text

from aggregator.errors import StoreError
from aggregator.store.engine import Store
from tests.conftest import SERVER, needs_server


def opened(address: str) -> None:
    Store.open(address).close()


@needs_server
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("name", ["postgres://", "postgresql://", "postgresql+psycopg://"])
def test_all_names_of_postgresql_are_understood(database_url: str, name: str) -> None:
    opened(name + database_url.partition("://")[2])


@pytest.mark.parametrize("address", ["mysql://a:secret@h/x", "mssql+pyodbc://a:secret@h/x"])
def test_another_kind_of_database_is_refused_with_the_kinds_that_work(address: str) -> None:
    with pytest.raises(StoreError, match=r"not known: .*give sqlite:///FILE or postgresql") as told:
        opened(address)
    assert "secret" not in str(told.value)


def test_a_driver_that_is_not_there_is_named() -> None:
    with pytest.raises(StoreError, match=r"no driver for this database: .*nosuch"):
        opened("postgresql+nosuch://h/x")


def test_nonsense_is_named() -> None:
    with pytest.raises(StoreError, match=r"address is not understood: what"):
        opened("what")


@needs_server
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_text_comes_back_whole_whatever_the_environment_says(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    store = Store.open(database_url)
    with store.read() as connection:
        assert connection.execute(text("SELECT :word"), {"word": "خبر"}).scalar_one() == "خبر"
    store.close()


@needs_server
def test_a_user_who_may_make_nothing_is_told_what_to_grant() -> None:
    name = f"guest{uuid.uuid4().hex}"
    engine = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE ROLE {name} LOGIN"))
    try:
        with pytest.raises(StoreError, match=r"permission denied for schema.*GRANT CREATE") as told:
            opened(SERVER.replace("aggregator@", f"{name}@"))
        assert "\n" not in str(told.value)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP ROLE {name}"))
        engine.dispose()


@pytest.fixture(params=["LATIN1", "SQL_ASCII"])
def narrow(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database that cannot keep Arabic letters as such."""
    name = f"narrow{uuid.uuid4().hex}"
    engine = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(
            text(
                f"CREATE DATABASE {name} ENCODING '{request.param}' "
                "LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0"
            )
        )
    yield SERVER.rpartition("/")[0] + f"/{name}"
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@needs_server
def test_a_database_that_is_not_utf8_is_refused_before_anything_is_made(narrow: str) -> None:
    with pytest.raises(StoreError, match=r"keeps text as (LATIN1|SQL_ASCII): .*ENCODING 'UTF8'"):
        opened(narrow)
    engine = create_engine(narrow, connect_args={"client_encoding": "utf8"})
    with engine.connect() as connection:
        tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
        assert connection.execute(text(tables)).scalar_one() == 0
    engine.dispose()
