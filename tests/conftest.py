"""What all tests share: a fixed clock, a store of their own, sites on loopback."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import pytest

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


@pytest.fixture
def store(config: Config) -> Iterator[Store]:
    """A fresh store on disk."""
    opened = Store.open(config.database_url)
    yield opened
    opened.close()


@pytest.fixture
def site() -> Iterator[FakeSite]:
    """A web site on loopback whose pages the test sets."""
    with FakeSite() as served:
        yield served
