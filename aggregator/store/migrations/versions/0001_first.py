"""The first form of the store."""

from alembic import op

import aggregator.store.leases
import aggregator.store.prints  # noqa: F401 (their tables join the metadata)
from aggregator.store import schema, search_index

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables, the full-text index and the counter of changes."""
    connection = op.get_bind()
    schema.metadata.create_all(connection)
    connection.execute(schema.counters.insert().values(name="changes", value=0))
    if connection.dialect.name == "sqlite":
        for statement in SQLITE_SEARCH:
            op.execute(statement)
    else:
        for statement in search_index.POSTGRESQL:
            op.execute(statement)


#: The words are folded and parted before they come here: the tokenizer has nothing to decide.
SQLITE_SEARCH = (
    (
        "CREATE VIRTUAL TABLE search USING fts5(title, body, content='search_texts', "
        "content_rowid='pk', tokenize='unicode61 remove_diacritics 0')"
    ),
    (
        "CREATE TRIGGER search_added AFTER INSERT ON search_texts BEGIN "
        "INSERT INTO search(rowid, title, body) VALUES (new.pk, new.title, new.body); END"
    ),
    (
        "CREATE TRIGGER search_cut AFTER DELETE ON search_texts BEGIN "
        "INSERT INTO search(search, rowid, title, body) "
        "VALUES ('delete', old.pk, old.title, old.body); END"
    ),
    (
        "CREATE TRIGGER search_changed AFTER UPDATE ON search_texts BEGIN "
        "INSERT INTO search(search, rowid, title, body) "
        "VALUES ('delete', old.pk, old.title, old.body); "
        "INSERT INTO search(rowid, title, body) VALUES (new.pk, new.title, new.body); END"
    ),
)
