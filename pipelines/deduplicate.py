"""Finds what a draft repeats."""

from aggregator.draft import Draft
from pipelines import Step


class Deduplicate(Step):
    """Marks drafts that carry the text of another article."""

    def process_item(self, draft: Draft) -> Draft:
        """Return the draft with what was found."""
        from aggregator import ingest

        return ingest.deduplicate(draft, self.session.writer)
