"""Adds what a draft has to do with others."""

from aggregator.draft import Draft
from pipelines import Step


class Enrich(Step):
    """Adds keywords, event and related articles."""

    def process_item(self, draft: Draft) -> Draft:
        """Return the draft with what was found."""
        from aggregator import ingest

        return ingest.enrich(draft, self.session.writer)
