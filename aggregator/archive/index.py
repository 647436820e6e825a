"""The index beside the WARC files: what is known of payloads, and where files should end."""

import os
import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from aggregator.archive.records import Known, Position, clean, warc_date

#: Payloads whose repetition is noticed.
_MAX_KNOWN: Final = 200_000
NAME: Final = re.compile(r"aggregator-(\d{8})-(\d{5,9})\.warc\.gz")
INDEX: Final = "index.tsv"


@dataclass(slots=True)
class Index:
    """The lines of the index file: what is known of payloads, and where files should end."""

    payloads: dict[str, Known] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)


def index_line(
    digest: str, url: str, date: datetime, position: Position, length: int, *, is_first: bool
) -> str:
    """Return the line of a record; the digest stands in a payload's first one alone."""
    parts = (
        digest if is_first else "-",
        position.file,
        str(position.offset),
        str(position.offset + length),
        warc_date(date),
        clean(url),
    )
    return "\t".join(parts) + "\n"


def read_index(folder: Path) -> Index:
    """Return the index of a folder that is written to; a torn last line is cut off."""
    index = Index()
    path = folder / INDEX
    if not path.exists():
        return index
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole != len(data):  # a torn last line: its record is cut off as well
        os.truncate(path, whole)
    for line in data[:whole].decode("utf-8", "replace").splitlines():
        learn(index, line)
    return index


def learn(index: Index, line: str) -> None:
    """Add what a line says; a damaged one says nothing."""
    parts = line.rstrip("\n").split("\t")
    if len(parts) != 6 or not parts[2].isdigit() or not parts[3].isdigit():
        return
    digest, file, offset, end, date, url = parts
    if not NAME.fullmatch(file):
        return
    index.ends[file] = max(int(end), index.ends.get(file, 0))
    if digest != "-" and len(index.payloads) < _MAX_KNOWN:
        index.payloads.setdefault(digest, Known(url, date, file, int(offset)))


def read_near(path: Path) -> Index:
    """Return the index beside a file that is only read; empty where there is none."""
    try:
        data = (path.parent / INDEX).read_text("utf-8", "replace")
    except OSError:
        return Index()
    index = Index()
    for line in data.splitlines():
        learn(index, line)
    return index
