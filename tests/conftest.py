"""What all tests share: a fixed clock, a store of their own, sites on loopback."""

import os
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from aggregator.config import Config
from aggregator.store.engine import Store
from tests.fakes import FakeSite

for _name in [name for name in os.environ if name.startswith("AGGREGATOR_")]:
    if _name not in {"AGGREGATOR_CORPUS", "AGGREGATOR_UPDATE_GOLDEN", "AGGREGATOR_TEST_DATABASE"}:
        del os.environ[_name]  # a developer's own settings are not the tests' business

DATA = Path(__file__).parent / "data"


@pytest.fixture
def data() -> Path:
    """The folder of test data."""
    return DATA


@pytest.fixture
def now() -> datetime:
    """A fixed time: Monday, 2025-11-10 12:00 UTC."""
    return datetime(2025, 11, 10, 12, tzinfo=UTC)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A configuration for tests: own data folder, loopback allowed, no delays."""
    return Config(
        data=tmp_path / "data",
        allow_networks=(ip_network("127.0.0.0/8"),),
        delay_s=0.0,
        timeout_s=5.0,
    )


SERVER = os.environ.get("AGGREGATOR_TEST_DATABASE", "")
needs_server = pytest.mark.skipif(
    not SERVER, reason="needs PostgreSQL: run by .ci/with-postgres make test"
)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=needs_server)])
def database_url(request: pytest.FixtureRequest, config: Config) -> Iterator[str]:
    """The address of an empty database, of each kind that there is."""
    if request.param == "sqlite":
        yield config.database_url
        return
    name = f"t{uuid.uuid4().hex}"
    engine = create_engine(SERVER)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    yield f"{SERVER}?options=-csearch_path%3D{name}"
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    engine.dispose()


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A fresh store, on SQLite and on PostgreSQL."""
    opened = Store.open(database_url)
    yield opened
    opened.close()


@pytest.fixture
def site() -> Iterator[FakeSite]:
    """A web site on loopback whose pages the test sets."""
    with FakeSite() as served:
        yield served
