"""One spider for every source of the catalogue.

    scrapy crawl news -a sources=alwafd,youm7 -a limit=20

It asks for each due seed, reads the entries, and fetches the pages of those that are unknown or
moved. What it learns goes into the store with the queue, so that a killed run loses nothing.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import scrapy
from scrapy import Request
from scrapy.http import Response

from aggregator.crawl import session, turns
from aggregator.crawl.reading import Reader
from aggregator.crawl.tasks import Task
from aggregator.errors import FetchError


@dataclass(frozen=True, slots=True)
class Arguments:
    """What the command line says.

    Attributes:
        sources: ids; empty: all enabled ones.
        limit: most new pages of a source.
        due: only seeds whose time has come.
    """

    sources: tuple[str, ...] = ()
    limit: int | None = None
    due: bool = False

    @classmethod
    def parse(
        cls, sources: str = "", limit: str | int | None = None, due: str | bool = False
    ) -> "Arguments":
        """Return the arguments of ``-a``; raises ValueError."""
        names = tuple(name for name in sources.replace(" ", ",").split(",") if name)
        return cls(
            sources=names,
            limit=int(limit) if limit is not None else None,
            due=due in {True, "1", "true", "yes"},
        )


class NewsSpider(scrapy.Spider):
    """Polls seeds, fetches pages, yields drafts."""

    name = "news"

    def __init__(
        self,
        sources: str = "",
        limit: str | None = None,
        due: str | bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.arguments = Arguments.parse(sources, limit, due)

    @cached_property
    def reader(self) -> Reader:
        """What the answers go to."""
        current = session.of(self.crawler)
        return Reader(current, limit=self.arguments.limit, only_due=self.arguments.due)

    async def start(self) -> AsyncIterator[Any]:
        """Yield the requests for all seeds and for what earlier runs left in the queue."""
        current = session.of(self.crawler)
        rounds = turns.again_and_again if current.service else turns.once
        async for sources in rounds(current, self.arguments.sources):
            for left, source in zip(range(len(sources), 0, -1), sources, strict=True):
                for task in self.reader.begin(source, left=left):
                    yield self.request(task)

    def request(self, task: Task) -> Request:
        """Return the request for a task of the reader."""
        return Request(
            task.url,
            callback=self.arrived,
            errback=self.failed,
            dont_filter=True,
            priority=task.priority,
            meta={
                "task": task,
                "source": task.source,
                "validators": task.validators,
                "download_slot": task.slot,
            },
        )

    async def arrived(self, response: Response) -> AsyncIterator[Any]:
        """Yield the drafts and further requests that an answer leads to."""
        task = response.meta["task"]
        try:
            done = await self.reader.beforehand(task, response)
            outcomes = self.reader.arrived(task, response, done)
        except FetchError as error:  # a page that could not be read
            outcomes = self.reader.failed(task, error, response.meta)
        for each in outcomes:
            yield self._sent(each)

    def failed(self, failure: Any) -> Iterator[Any]:
        """Record a request that got no answer."""
        request = failure.request
        outcomes = self.reader.failed(request.meta["task"], failure.value, request.meta)
        yield from map(self._sent, outcomes)

    def closed(self, reason: str) -> None:
        """Make the last of it lasting, where nobody else does (``scrapy crawl``)."""
        del reason
        self.reader.close()
        session.of(self.crawler).end()

    def _sent(self, outcome: Any) -> Any:
        return self.request(outcome) if isinstance(outcome, Task) else outcome
