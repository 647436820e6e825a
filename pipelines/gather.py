"""Lets drafts into the store by bursts, where others write to it as well."""

from typing import Any

from aggregator.crawl.bursts import Bursts
from aggregator.draft import Draft
from pipelines import Step


class Gather(Step):
    """Works out what needs no turn of its own, then waits for one; alone it passes drafts on."""

    def __init__(self, crawler: Any) -> None:
        super().__init__(crawler)
        self._bursts = Bursts(self.session)

    async def process_item(self, draft: Draft) -> Draft:
        """Return the draft when it may go on."""
        if not self.session.shared:
            return draft
        from aggregator import ingest

        draft = ingest.foreseen(draft)
        await self._bursts.turn()
        return draft
