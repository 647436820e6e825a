"""People who read in an app; and search that filters inside the index.

A large store takes a while: the index of all texts is built again (some 20 s for 100,000 articles).
"""

from alembic import op
from sqlalchemy import inspect

from aggregator.store import readers, schema, search_index

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the readers' tables where they are not there, and give every text its facets."""
    connection = op.get_bind()
    schema.metadata.create_all(connection, tables=list(readers.TABLES))
    columns = {column["name"] for column in inspect(connection).get_columns("search_texts")}
    if "facets" not in columns:
        op.execute("ALTER TABLE search_texts ADD COLUMN facets TEXT NOT NULL DEFAULT ''")
    if connection.dialect.name == "sqlite":
        for statement in SQLITE:
            op.execute(statement)
    else:
        op.execute(POSTGRES)


# What ``query.facets`` gives: words of their own, since the sign in them stands in no other word.
SQLITE = (
    "DROP TRIGGER search_added",
    "DROP TRIGGER search_cut",
    "DROP TRIGGER search_changed",
    "DROP TABLE search",
    (
        "UPDATE search_texts SET facets = (SELECT 's=' || lower(hex(source_id)) || ' c=' || "
        "lower(hex(country)) || ' l=' || lower(hex(language)) FROM articles "
        "WHERE articles.pk = search_texts.pk) "
        "WHERE pk IN (SELECT pk FROM articles)"
    ),
    *search_index.SQLITE,
    "INSERT INTO search(search) VALUES ('rebuild')",
)
POSTGRES = (
    "UPDATE search_texts SET facets = 's=' || encode(convert_to(source_id, 'UTF8'), 'hex') || "
    "' c=' || encode(convert_to(country, 'UTF8'), 'hex') || "
    "' l=' || encode(convert_to(language, 'UTF8'), 'hex') "
    "FROM articles WHERE articles.pk = search_texts.pk AND search_texts.facets = ''"
)
