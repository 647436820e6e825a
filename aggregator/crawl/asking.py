"""Which pages a run asks for: each once, and no more of a source than it may."""

from collections import Counter
from collections.abc import Iterable, Iterator

from aggregator import announcing
from aggregator.crawl.session import Session
from aggregator.crawl.tasks import Task
from aggregator.store import queue
from aggregator.types import Entry, Seed, Source
from aggregator.urls import canonical


class Asking:
    """The pages that are under way, and how many new ones each source was granted.

    Args:
        session: of the run.
        limit: most new pages of a source; None: as many as there are.
    """

    def __init__(self, session: Session, limit: int | None = None) -> None:
        self._session = session
        self._limit = limit
        self._taken: Counter[str] = Counter()
        self._under_way: set[str] = set()

    @property
    def is_done(self) -> bool:
        """Whether no page will be asked for: none may be, and none is under way."""
        return self._limit == 0 and not self._under_way

    def page(
        self,
        source: Source,
        seed: Seed,
        sighting: int,
        entry: Entry | None,
        *,
        key: str,
        attempts: int = 0,
        present: frozenset[str] = frozenset(),
        shared_guid: bool = False,
    ) -> Task | None:
        """Return the request for an entry's page, None where none is to be made now.

        ``key`` is the entry's within its seed: the canonical address where it has one.
        """
        if entry is None or not entry.url:
            return None
        if key in self._under_way:  # another seed's entry, or AMP form, brings it in this run
            queue.settle(self._session.writer.connection, sighting, "stored")
            return None
        if self._limit is not None and self._taken[source.id] >= self._limit:
            return None
        self._under_way.add(key)
        self._taken[source.id] += 1
        return Task(
            role="page",
            url=entry.url,
            source=source,
            seed=seed,
            sighting=sighting,
            attempts=attempts,
            entry=entry,
            present=present,
            shared_guid=shared_guid,
        )

    def owed(self, source: Source) -> Iterator[Task]:
        """Yield the requests for pages that earlier runs left in the queue."""
        if self._limit is not None and self._taken[source.id] >= self._limit:
            return
        by_url = {seed.url: seed for seed in source.seeds}
        for owed in queue.pending(self._session.writer.connection, source.id):
            seed = by_url.get(owed.seed_url, source.seeds[0])
            entry = announcing.load_entry(owed.entry)
            task = self.page(
                source, seed, owed.pk, entry, key=owed.entry_key, attempts=owed.attempts
            )
            if task:
                yield task

    def checks(self, task: Task, vanished: tuple[str, ...]) -> Iterator[Task]:
        """Yield requests for pages whose entries vanished: their articles may be gone."""
        if not vanished:
            return
        connection = self._session.writer.connection
        seen = queue.sightings(connection, task.source.id, task.seed.url, vanished)
        for sighting in seen.values():
            if sighting.state != "stored" or not sighting.url:
                continue
            if (key := canonical(sighting.url)) not in self._under_way:
                self._under_way.add(key)
                yield Task(
                    role="page",
                    url=sighting.url,
                    source=task.source,
                    seed=task.seed,
                    sighting=sighting.pk,
                    check=True,
                )

    def done(self, urls: Iterable[str]) -> None:
        """Let these pages be asked for again."""
        self._under_way.difference_update(map(canonical, urls))
