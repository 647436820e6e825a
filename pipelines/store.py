"""Writes a draft into the store."""

from aggregator.draft import Draft
from pipelines import Step


class Store(Step):
    """Writes article, names, version and change; the session commits in batches."""

    def process_item(self, draft: Draft) -> Draft:
        """Return the draft with its outcome."""
        from aggregator import ingest

        done = ingest.store(draft, self.session.writer)
        self.session.count(done.source.id, done.outcome or "unchanged")
        self.session.stored()
        return done
