"""Refuses what is no article."""

from aggregator.draft import Draft
from pipelines import Step


class Validate(Step):
    """Drops drafts that are not to be stored, with the reason."""

    def process_item(self, draft: Draft) -> Draft:
        """Return the draft, or drop it."""
        from aggregator.cleaning import refusal

        if reason := refusal(draft):
            self.refuse(draft, reason)
        self.session.filled(draft)
        return draft
