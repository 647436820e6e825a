"""Pages kept as WARC 1.1 files, and read back from them.

One gzip member a record, response and revisit records only. File names are ours alone: day and
number. A record is in a file whole or not at all: what a crash or a full disk left behind is cut
off before the next one is written. One writer at a time; the store's lock sees to it.

Bodies are kept as they were after decompression, so ``Content-Encoding`` is not among the headers.
Reading takes any WARC file, ours or not, up to a size per body. Source: ISO 28500:2017.
"""

from aggregator.archive.reading import MAX_BODY_BYTES, Stored, read, records, size, size_before
from aggregator.archive.records import Position
from aggregator.archive.writing import MAX_FILE_BYTES, Archive

__all__ = [
    "MAX_BODY_BYTES",
    "MAX_FILE_BYTES",
    "Archive",
    "Position",
    "Stored",
    "read",
    "records",
    "size",
    "size_before",
]
