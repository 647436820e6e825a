"""A database that goes away while a crawl writes: one line, and the session can go on."""

from datetime import datetime

import pytest
from sqlalchemy import NullPool, create_engine, text

from aggregator.config import Config
from aggregator.crawl.session import Session
from aggregator.errors import StoreError
from aggregator.store import crawling
from aggregator.store.crawling import Fetch
from aggregator.store.engine import Store
from tests.conftest import SERVER, needs_server


@needs_server
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_commit_on_a_lost_connection_says_so_and_the_next_one_works(
    config: Config, store: Store, now: datetime
) -> None:
    session = Session(config=config, sources={}, store=store, now=lambda: now, shared=True)
    asked = Fetch(source_id="a", url="https://a.example/", role="seed", at=now, status=200)
    session.log(asked)
    own = session.writer.connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with create_engine(SERVER, poolclass=NullPool).connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": own})
    with pytest.raises(StoreError) as failed:
        session.commit()
    words = str(failed.value)
    assert "the connection was lost: run again" in words
    assert "\n" not in words
    session.commit()  # what was not written stays
    kept = crawling.recent_fetches(session.writer.connection, "a", role="seed", limit=9)
    assert [each.url for each in kept] == [asked.url]
    session.close()
