"""Turns the text of a draft into what readers see."""

from aggregator.draft import Draft
from pipelines import Step


class Normalize(Step):
    """Mends letters, blanks and dates; drops a draft whose title is lost."""

    def process_item(self, draft: Draft) -> Draft:
        """Return the mended draft, or drop it."""
        from aggregator.cleaning import normalize

        return normalize(draft) or self.refuse(draft, "unreadable title")
