"""Finds the stored article that a draft is."""

from aggregator.draft import Draft
from pipelines import Step


class Identify(Step):
    """Gives drafts their names and, where the store knows them, their article."""

    def process_item(self, draft: Draft) -> Draft:
        """Return the draft with what was found."""
        from aggregator import ingest

        return ingest.identify(draft, self.session.writer)
