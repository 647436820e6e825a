"""Zones from the pinned ``tzdata`` package, so that every machine gives the same offsets."""

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

from aggregator.arabic.dates.lexicon import countries


@lru_cache(maxsize=1024)
def zone(name: str) -> tzinfo | None:
    """Return the IANA zone of that name, or None where there is none.

    The system's own data is not asked: Palestine 2025 and Egypt 2023 are wrong in old copies.
    """
    parts = name.split("/")
    if not all(part.replace("_", "").replace("-", "").replace("+", "").isalnum() for part in parts):
        return None
    try:
        with resources.files("tzdata.zoneinfo").joinpath(*parts).open("rb") as file:
            return ZoneInfo.from_file(file, key=name)
    except (OSError, ValueError, ModuleNotFoundError):
        return None


@lru_cache(maxsize=4096)
def offset(minutes: int) -> tzinfo:
    """Return the fixed zone at so many minutes from UTC, -1440 < minutes < 1440."""
    return timezone(timedelta(minutes=minutes)) if minutes else UTC


@lru_cache(maxsize=1024)
def home_zone(name: str | None, country: str | None) -> tzinfo:
    """Return the source's zone: by name, else of its country's capital, else UTC."""
    if name and (found := zone(name)):
        return found
    if country and (known := countries().get(country.upper())):
        return zone(known.zone) or UTC
    return UTC


def at(day: date, clock: time, where: tzinfo) -> datetime:
    """Return the moment with the fixed offset that ``where`` has then (the first of two)."""
    moment = datetime.combine(day, clock, where)
    found = moment.utcoffset()
    assert found is not None  # noqa: S101 - each zone above knows its offset
    if found % timedelta(minutes=1):  # local mean time before standard zones
        found -= found % timedelta(minutes=1)
    return moment.replace(tzinfo=offset(round(found.total_seconds() / 60)))
