"""Days of the calendars that pages print: Gregorian, Umm al-Qura, Solar Hijri, Libyan, Buddhist.

All give a Gregorian date or None for a day that the calendar does not have.
"""

from datetime import date, timedelta

from hijridate import Hijri

from aggregator.arabic.dates.lexicon import Calendar

#: years that a printed date may have, per calendar
YEARS = {"gregorian": (1900, 2100), "hijri": (1343, 1500), "solar": (1300, 1479)}
#: years between the Libyan count (from the death of the Prophet, 632) and the Gregorian
LIBYAN = 632
#: years between the Buddhist count of Thailand and the Gregorian
BUDDHIST = 543


def day(calendar: Calendar, year: int, month: int, number: int) -> date | None:
    """Return the Gregorian date of a day, or None where there is no such day or year."""
    if calendar == "hijri":
        return _hijri(year, month, number)
    if calendar == "solar":
        return _solar(year, month, number)
    if not YEARS["gregorian"][0] <= year <= YEARS["gregorian"][1]:
        return None
    try:
        return date(year, month, number)
    except ValueError:
        return None


def _hijri(year: int, month: int, number: int) -> date | None:
    """Umm al-Qura, by the tables of hijridate (1343 to 1500 AH)."""
    if not YEARS["hijri"][0] <= year <= YEARS["hijri"][1]:
        return None
    try:
        found = Hijri(year, month, number).to_gregorian()
    except (ValueError, OverflowError):
        return None
    return date(found.year, found.month, found.day)


def solar_leap(year: int) -> bool:
    """Whether a Solar Hijri year has 366 days.

    The rule of 33 years, which gives the years that Iran's calendar had from 1300 to today and
    agrees with the equinox of Tehran far beyond :data:`YEARS`.
    """
    return (25 * year + 11) % 33 < 8


def _solar(year: int, month: int, number: int) -> date | None:
    first, last = YEARS["solar"]
    if not (first <= year <= last and 1 <= month <= 12 and number >= 1):
        return None
    if number > (31 if month <= 6 else 30 if month < 12 or solar_leap(year) else 29):
        return None
    days = (year - first) * 365 + sum(solar_leap(each) for each in range(first, year))
    days += 31 * (month - 1) if month <= 7 else 186 + 30 * (month - 7)
    return date(1921, 3, 21) + timedelta(days=days + number - 1)  # 1 Farvardin 1300
