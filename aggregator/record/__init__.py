r"""The record as JSON: written byte for byte the same for the same article, read strictly.

The order of the keys is the order of the fields of :class:`~aggregator.types.Record`; letters stay
letters (UTF-8, never ``\uXXXX``); times are RFC 3339 with offset, UTC as ``Z``. A line of JSON
Lines is a header (``schema, seq, event, changed, at``) spliced before the record's own bytes, so
that stored records go out without being read or encoded again. No clock, no files, no network.
"""

from aggregator.record.fields import RECORD_FIELDS, REQUIRED, SCHEMA, read_fields
from aggregator.record.reading import load, loads
from aggregator.record.writing import dump_change, dumps, line, timestamp

__all__ = [
    "RECORD_FIELDS",
    "REQUIRED",
    "SCHEMA",
    "dump_change",
    "dumps",
    "line",
    "load",
    "loads",
    "read_fields",
    "timestamp",
]
