"""The full-text index over ``search_texts``, in the words of each database; kept by triggers.

What is written there is folded and parted before: the tokenizers have nothing to decide.
"""

#: ``=`` is a letter, for facets (``aggregator.query.facet``).
SQLITE = (
    (
        "CREATE VIRTUAL TABLE search USING fts5(title, body, facets, content='search_texts', "
        "content_rowid='pk', tokenize=\"unicode61 remove_diacritics 0 tokenchars '='\")"
    ),
    (
        "CREATE TRIGGER search_added AFTER INSERT ON search_texts BEGIN "
        "INSERT INTO search(rowid, title, body, facets) "
        "VALUES (new.pk, new.title, new.body, new.facets); END"
    ),
    (
        "CREATE TRIGGER search_cut AFTER DELETE ON search_texts BEGIN "
        "INSERT INTO search(search, rowid, title, body, facets) "
        "VALUES ('delete', old.pk, old.title, old.body, old.facets); END"
    ),
    (
        "CREATE TRIGGER search_changed AFTER UPDATE ON search_texts BEGIN "
        "INSERT INTO search(search, rowid, title, body, facets) "
        "VALUES ('delete', old.pk, old.title, old.body, old.facets); "
        "INSERT INTO search(rowid, title, body, facets) "
        "VALUES (new.pk, new.title, new.body, new.facets); END"
    ),
)
POSTGRESQL = (
    (
        "ALTER TABLE search_texts ADD COLUMN words tsvector GENERATED ALWAYS AS ("
        "setweight(to_tsvector('simple', title), 'A') || to_tsvector('simple', body)) STORED"
    ),
    "CREATE INDEX ix_search_texts_words ON search_texts USING gin (words)",
)
