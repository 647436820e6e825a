"""A claim: one place of a page that states a date, and how it is read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from aggregator.arabic.dates import ParsedDate, parse_date, parse_roles
from aggregator.types import Moment, Precision, Source

Role = Literal["published", "updated", "unsure"]
_YEAR = re.compile(r"\d{4}")
_ZONE = re.compile(
    r"[0-9.][Zz]\b|[+-]\d\d:?\d\d\b|GMT|UTC|غرينتش|جرينتش|توقيت|\b[A-Z]{1,3}[SD]?T\b|МСК"
)
#: longer values are no dates
LONGEST = 300
#: languages whose pages come from one country far more than from all others
_HOMES: Mapping[str, str] = {
    "de": "DE", "fr": "FR", "it": "IT", "es": "ES", "pt": "PT", "nl": "NL", "pl": "PL", "cs": "CZ",
    "sk": "SK", "hu": "HU", "ro": "RO", "bg": "BG", "el": "GR", "tr": "TR", "ru": "RU", "uk": "UA",
    "sv": "SE", "da": "DK", "nb": "NO", "no": "NO", "fi": "FI", "et": "EE", "lv": "LV", "lt": "LT",
    "hr": "HR", "sr": "RS", "sl": "SI", "mk": "MK", "sq": "AL", "he": "IL", "fa": "IR", "ur": "PK",
    "hi": "IN", "bn": "BD", "ta": "IN", "th": "TH", "vi": "VN", "id": "ID", "ms": "MY", "ja": "JP",
    "ko": "KR", "zh": "CN", "ka": "GE", "hy": "AM", "az": "AZ", "kk": "KZ", "is": "IS", "ca": "ES",
    "eu": "ES", "gl": "ES", "be": "BY", "ps": "AF", "ckb": "IQ", "ku": "IQ", "ar": "EG",
}  # fmt: skip
#: top level domains that are sold as words
_NOT_COUNTRIES = frozenset(
    ("tv", "io", "me", "co", "ai", "cc", "ws", "to", "fm", "am", "la", "ly", "gg", "im", "is", "so",
     "sh", "st", "nu", "tk", "vc", "ag", "eu", "su", "in", "us", "ag", "li", "mn", "cx", "gl", "bz")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Home:
    """Where a page is from, as far as dates need it.

    Attributes:
        country: for names and the order of numbers; None: unknown.
        timezone: IANA name; None: unknown, printed times then have no certain zone.
        sure: the zone is known, not guessed from the language.
    """

    country: str | None
    timezone: str | None
    order: Literal["dmy", "mdy"] | None
    sure: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """One dated statement.

    Attributes:
        name: the kind of place, for notes: ``json-ld datePublished``.
        origin: as in :class:`aggregator.types.Moment`.
        zoned: the statement names its zone.
        text: as it stood there, shortened.
    """

    role: Role
    value: datetime
    precision: Precision
    origin: str
    name: str
    zoned: bool
    text: str = ""

    @property
    def day(self) -> date:
        """The day that a reader of the statement sees."""
        return self.value.date()

    def moment(self) -> Moment:
        """Return the claim as a date of an article."""
        return Moment(value=self.value, precision=self.precision, origin=self.origin)


def home(source: Source | None, host: str, language: str | None) -> Home:
    """Return where a page is from: by its source, its domain, its language."""
    if source is not None:
        return Home(source.country, source.timezone, source.date_order, True)
    end = host.rpartition(".")[2].lower()
    if len(end) == 2 and end.isascii() and end not in _NOT_COUNTRIES:
        return Home("GB" if end == "uk" else end.upper(), None, None, True)
    base, _, region = (language or "").partition("-")
    if len(region) == 2 and region.isalpha() and base.lower() != "ar":
        # en-US and en-GB are set by templates, and tell little but the order of numbers
        return Home(region.upper(), "UTC", None, False)
    country = _HOMES.get(base.lower())
    return Home(country, "UTC" if country else None, "dmy" if country else None, False)


def read(
    text: object,
    role: Role,
    origin: str,
    name: str,
    home: Home,
    now: datetime | None,
) -> Claim | None:
    """Return the claim that a text makes, or None where it states no date of that role."""
    text = _plain(text)
    if not text:
        return None
    if stamp := _stamp(text):
        return Claim(role, stamp, "second", origin, name, True, text)
    found = parse_date(
        text,
        country=home.country,
        timezone=home.timezone,
        now=now,
        order=home.order,
        role="updated" if role == "updated" else "published",
    )
    return _claim(found, text, role, origin, name) if found else None


def read_printed(text: str, home: Home, now: datetime | None) -> tuple[Claim | None, Claim | None]:
    """Return what a printed line says of the publication and of the last change."""
    text = _plain(text)
    found = parse_roles(
        text, country=home.country, timezone=home.timezone, now=now, order=home.order
    )
    published, updated = found
    return (
        _claim(published, text, "published", "page", "printed") if published else None,
        _claim(updated, text, "updated", "page", "printed") if updated else None,
    )


def _plain(text: object) -> str:
    if isinstance(text, int | float) and not isinstance(text, bool):
        text = str(int(text)) if 0 < text < 1e14 else ""
    return text.strip()[:LONGEST] if isinstance(text, str) else ""


def _claim(found: ParsedDate, text: str, role: Role, origin: str, name: str) -> Claim:
    return Claim(role, *_honest(found), origin, name, _names_zone(text, found), text[:80])


def _stamp(text: str) -> datetime | None:
    """Return the moment of a count of seconds or milliseconds since 1970, from 1995 to 2100."""
    if not (text.isascii() and text.isdigit() and len(text) in (9, 10, 12, 13)):
        return None
    seconds = int(text) / (1000 if len(text) > 10 else 1)
    if not 788918400 <= seconds < 4102444800:
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(seconds))


def _honest(found: ParsedDate) -> tuple[datetime, Precision]:
    """Return value and precision; midnight to the second is how machines write a bare day."""
    value = found.value
    if found.precision in ("second", "minute") and not (value.hour or value.minute or value.second):
        return value, "day"
    return value, found.precision


def _names_zone(text: str, found: ParsedDate) -> bool:
    """Whether the moment is certain: a zone is named, or it is counted back from now."""
    if found.precision in ("day", "month"):
        return False
    if not _YEAR.search(text):
        return True
    tail = text[10:]
    return _ZONE.search(tail) is not None
