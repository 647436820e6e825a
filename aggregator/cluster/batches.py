"""Parts due sources into batches such that no host is in two of them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aggregator.types import Source
from aggregator.urls import host

#: Sources of a batch: few enough that a lost batch is a small loss, many enough that one crawl
#: keeps a worker busy while single hosts rest.
MOST: Final = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Sources that one worker crawls together, and all hosts they are known to need."""

    ids: tuple[str, ...]
    hosts: frozenset[str]


def hosts_of(source: Source, moved: Iterable[str] = ()) -> frozenset[str]:
    """Return the hosts that a crawl of a source will ask; ``moved``: where its seeds live now."""
    addresses = (source.homepage, *(seed.url for seed in source.seeds if seed.enabled), *moved)
    return frozenset(name for name in map(host, addresses) if name)


def size_for(due: int, workers: int) -> int:
    """Return how many sources a batch should have, so that each worker gets about three."""
    return max(1, min(MOST, -(-due // max(1, 3 * workers))))


def part(hosts: Mapping[str, frozenset[str]], size: int) -> list[Batch]:
    """Return batches of about ``size`` sources; sources that share a host stay together.

    The order of the sources (longest due first) decides the order of the batches. A group that
    shares hosts stays whole, also where it is larger than ``size``.
    """
    batches: list[Batch] = []
    open_ids: list[str] = []
    open_hosts: set[str] = set()
    for group in _groups(hosts):
        if open_ids and len(open_ids) + len(group) > size:
            batches.append(Batch(ids=tuple(open_ids), hosts=frozenset(open_hosts)))
            open_ids, open_hosts = [], set()
        open_ids.extend(group)
        open_hosts.update(*(hosts[name] for name in group))
    if open_ids:
        batches.append(Batch(ids=tuple(open_ids), hosts=frozenset(open_hosts)))
    return batches


def _groups(hosts: Mapping[str, frozenset[str]]) -> Sequence[Sequence[str]]:
    """Return the sources in groups that are tied by hosts, each at its first one's place."""
    parent = {name: name for name in hosts}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = name = parent[parent[name]]
        return name

    first: dict[str, str] = {}
    place = {name: number for number, name in enumerate(hosts)}
    for name, own in hosts.items():
        for each in own:
            one, other = root(first.setdefault(each, name)), root(name)
            if one != other:
                early, late = sorted((one, other), key=place.__getitem__)
                parent[late] = early
    groups: dict[str, list[str]] = {}
    for name in hosts:
        groups.setdefault(root(name), []).append(name)
    return list(groups.values())
