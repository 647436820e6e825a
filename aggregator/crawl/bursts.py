"""Where others write to the store as well: drafts wait a moment and go into it together.

Who decides what an article is keeps all others from deciding (``Writer.claim``). So all that can be
worked out without that is done before, and a burst of drafts takes one turn and one commit.
"""

import asyncio
import logging
from typing import Final

from aggregator.crawl.session import Session
from aggregator.errors import StoreError

log = logging.getLogger(__name__)

#: Drafts that go together, and seconds that the first one of them waits for the others.
MOST: Final = 16
WAIT_S: Final = 0.25


class Bursts:
    """Lets waiting drafts go on together, and commits what they wrote.

    They go on one after the other in the same turn of the loop: a step after this one that waits
    for something would keep the store's lock meanwhile.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._waiting: list[asyncio.Future[None]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._error: StoreError | None = None

    async def turn(self) -> None:
        """Wait until it is this draft's turn.

        Raises:
            StoreError: an earlier burst could not be committed; its entries stay in the queue.
        """
        loop = asyncio.get_running_loop()
        if self._error is not None:
            raise self._error
        own = loop.create_future()
        self._waiting.append(own)
        if len(self._waiting) >= MOST:
            self._go()
        elif self._timer is None:
            self._timer = loop.call_later(WAIT_S, self._go)
        await own

    def _go(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        together, self._waiting = self._waiting, []
        self._session.together = True
        for each in together:
            if not each.done():
                each.set_result(None)
        asyncio.get_running_loop().call_soon(self._end)  # behind all of them

    def _end(self) -> None:
        self._session.together = False
        try:
            self._session.commit()
        except StoreError as error:
            self._session.fail(str(error))
            self._error = error
