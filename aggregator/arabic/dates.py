"""Dates as people print them, in Arabic first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from aggregator.types import Precision


@dataclass(frozen=True, slots=True)
class ParsedDate:
    """A printed date: an aware value and how much of it was said."""

    value: datetime
    precision: Precision


def parse_date(
    text: str,
    *,
    country: str | None = None,
    timezone: str | None = None,
    now: datetime | None = None,
    order: Literal["dmy", "mdy", "ymd"] | None = None,
    role: Literal["published", "updated"] = "published",
) -> ParsedDate | None:
    """Return the moment that ``text`` states, or None."""
    return None
