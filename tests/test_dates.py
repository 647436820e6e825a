"""Printed dates: the golden cases, their kin, and what holds for any text."""

import calendar
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.arabic.dates import ParsedDate, calendars, parse_date
from aggregator.arabic.dates.context import Context
from aggregator.arabic.dates.lexicon import countries, tokens
from aggregator.arabic.dates.plain import read_plain
from aggregator.arabic.dates.zones import zone

DATA = Path(__file__).parent / "data"
NOW = datetime(2025, 11, 24, 9, 0, 30, tzinfo=UTC)
CUT = {"second": 19, "minute": 16, "hour": 13}


def same(got: ParsedDate | None, want: dict[str, Any] | None, tolerance_s: int) -> bool:
    """The rule of the golden set: one instant cut to the precision, or one local day or month."""
    if got is None or want is None:
        return got is None and want is None
    value, precision = datetime.fromisoformat(want["value"]), want["precision"]
    if got.precision != precision or got.value.tzinfo is None:
        return False
    if tolerance_s and abs((got.value - value).total_seconds()) <= tolerance_s:
        return True
    if precision in CUT:
        length = CUT[precision]
        return (
            got.value.astimezone(UTC).isoformat()[:length]
            == value.astimezone(UTC).isoformat()[:length]
        )
    length = 10 if precision == "day" else 7
    return got.value.astimezone(value.tzinfo).isoformat()[:length] == value.isoformat()[:length]


def golden() -> Iterator[dict[str, Any]]:
    lines = (DATA / "golden" / "dates.jsonl").read_text("utf-8").splitlines()
    return (json.loads(line) for line in lines if line)


def kin() -> Iterator[dict[str, Any]]:
    lines = (DATA / "arabic" / "dates_kin.tsv").read_text("utf-8").split("\n")
    for number, line in enumerate(lines, 1):
        if not line or line.startswith("#"):
            continue
        category, text, country, timezone, expected, options, note = line.split("\t")
        given_options = dict(option.split("=") for option in options.split())
        value, _, precision = expected.partition(" ")
        yield {
            "id": f"kin-{number}",
            "category": category,
            "text": re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), text),
            "country": country or None,
            "timezone": timezone or None,
            "now": given_options.get("now", "2025-11-24T09:00:30Z"),
            "order": given_options.get("order"),
            "role": given_options.get("role", "published"),
            "tolerance_s": int(given_options.get("tol", 0)),
            "expected": None if value == "-" else {"value": value, "precision": precision},
            "note": note,
        }


def printed(name: str) -> Iterator[dict[str, Any]]:
    lines = (DATA / "arabic" / f"dates_{name}.tsv").read_text("utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        if line.startswith("#"):
            continue
        text, country, wanted, *options = line.split("\t")
        given_options = dict(option.split("=") for option in " ".join(options).split())
        timezone = countries()[country].zone
        first, *others = (_wanted(each, timezone) for each in wanted.split(" | "))
        yield {
            "id": f"{name}-{number}",
            "text": re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), text),
            "country": country,
            "timezone": timezone,
            "now": given_options.get("now", "2025-11-24T09:00:30Z"),
            "order": given_options.get("order"),
            "role": given_options.get("role", "published"),
            "tolerance_s": max(int(each.partition("~")[2] or 0) for each in wanted.split(" | ")),
            "expected": first,
            "accepted": others,
            "note": "",
        }


_WANTED = re.compile(
    r"(?P<day>\d{4}-\d\d(?:-\d\d)?)(?P<month>M)?"
    r"(?:T(?P<clock>\d\d(?::\d\d(?::\d\d)?)?)h?(?P<offset>[+-]\d\d:\d\d)?)?(?:~\d+)?"
)


def _wanted(text: str, timezone: str) -> dict[str, Any] | None:
    if text == "-":
        return None
    found = _WANTED.fullmatch(text)
    assert found is not None, text
    if found["month"]:
        value, precision = f"{found['day']}-01", "month"
    elif found["clock"]:
        value = f"{found['day']}T{found['clock']}"
        precision = ("hour", "minute", "second")[found["clock"].count(":")]
    else:
        value, precision = found["day"], "day"
    moment = datetime.fromisoformat(value + (found["offset"] or ""))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone(timezone))
    return {"value": moment.isoformat(), "precision": precision}


CASES = [*golden(), *kin(), *printed("unseen"), *printed("third")]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_printed_date_is_read(case: dict[str, Any]) -> None:
    got = parse_date(
        case["text"],
        country=case["country"],
        timezone=case["timezone"],
        now=datetime.fromisoformat(case["now"]),
        order=case.get("order"),
        role=case.get("role", "published"),
    )
    wanted = [case["expected"], *case.get("accepted", [])]
    tolerance_s = case.get("tolerance_s", 0)
    assert any(same(got, want, tolerance_s) for want in wanted), (case["text"], got, case["note"])


def test_kin_are_many_in_every_category() -> None:
    categories = {case["category"] for case in golden()}
    counted = [case["category"] for case in kin()]
    assert len(counted) >= 150
    assert {name for name in categories if counted.count(name) < 4} == set()


def test_without_a_clock_nothing_relative_is_read() -> None:
    for text in ("منذ ساعتين", "أمس", "7 نوفمبر", "now"):
        assert parse_date(text, country="EG", now=None) is None
    found = parse_date("7 نوفمبر 2031", country="EG")
    assert found is not None
    assert found.value.date() == date(2031, 11, 7)


def test_zone_falls_back_to_country_then_utc() -> None:
    for options, offset in (
        ({"timezone": "Asia/Dubai", "country": "EG"}, 4),
        ({"timezone": "Nowhere/At_All", "country": "EG"}, 2),
        ({"timezone": "../../etc/passwd", "country": None}, 0),
        ({"country": "eg"}, 2),
        ({}, 0),
    ):
        found = parse_date("7 نوفمبر 2025 14:35", **options)
        assert found is not None
        assert found.value.utcoffset() == timedelta(hours=offset)


def test_every_zone_in_the_tables_exists() -> None:
    rows = (Path(calendars.__file__).parents[1] / "data" / "dates_zones.tsv").read_text("utf-8")
    named = {country.zone for country in countries().values()}
    for row in rows.splitlines():
        if not row.startswith("#") and "/" in (name := row.split("\t")[1]):
            named.add(name)
    assert {name for name in named if zone(name) is None} == set()


def test_solar_years_begin_where_iran_began_them() -> None:
    for year, first in {
        1300: "1921-03-21", 1357: "1978-03-21", 1375: "1996-03-20", 1376: "1997-03-21",
        1395: "2016-03-20", 1399: "2020-03-20", 1400: "2021-03-21", 1404: "2025-03-21",
        1408: "2029-03-20",
    }.items():  # fmt: skip
        assert calendars.day("solar", year, 1, 1) == date.fromisoformat(first)


DAYS = st.dates(min_value=date(1995, 1, 1), max_value=date(2025, 11, 23))
NAMES = {
    "EG": "يناير|فبراير|مارس|أبريل|مايو|يونيو|يوليو|أغسطس|سبتمبر|أكتوبر|نوفمبر|ديسمبر",
    "SY": "كانون الثاني|شباط|آذار|نيسان|أيار|حزيران|تموز|آب|أيلول|تشرين الأول|تشرين الثاني"
    "|كانون الأول",
    "TN": "جانفي|فيفري|مارس|أفريل|ماي|جوان|جويلية|أوت|سبتمبر|أكتوبر|نوفمبر|ديسمبر",
    "MA": "يناير|فبراير|مارس|أبريل|ماي|يونيو|يوليوز|غشت|شتنبر|أكتوبر|نونبر|دجنبر",
    "IR": "ژانویه|فوریه|مارس|آوریل|مه|ژوئن|ژوئیه|اوت|سپتامبر|اکتبر|نوامبر|دسامبر",
    "US": "January|February|March|April|May|June|July|August|September|October|November|December",
}
MONTHS = {country: names.split("|") for country, names in NAMES.items()}
WEEKDAYS = ["الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"]
EASTERN = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


@given(DAYS, st.sampled_from(sorted(MONTHS)), st.booleans(), st.booleans())
def test_any_day_survives_being_printed(
    day: date, country: str, weekday: bool, eastern: bool
) -> None:
    text = f"{day.day} {MONTHS[country][day.month - 1]} {day.year}"
    if weekday:
        text = f"{WEEKDAYS[day.weekday()]}، {text}"
    if eastern:
        text = text.translate(EASTERN)
    found = parse_date(text, country=country, now=NOW)
    assert found is not None
    assert (found.value.date(), found.precision) == (day, "day")


#: a short one may become another: يونيو, يوليو
LONG_NAMES = [
    (country, number, name)
    for country in ("EG", "SY", "TN", "MA")
    for number, name in enumerate(MONTHS[country], 1)
    if len(name) > 5 and " " not in name
]


@given(st.sampled_from(LONG_NAMES), DAYS, st.data())
def test_a_misspelt_month_is_the_same_or_none(
    month: tuple[str, int, str], any_day: date, data: Any
) -> None:
    country, of_year, name = month
    last = calendar.monthrange(any_day.year, of_year)[1]
    day = any_day.replace(day=min(any_day.day, last), month=of_year)
    at = data.draw(st.integers(0, len(name) - 1))
    letter = data.draw(st.sampled_from("ابتثجحخدذرزسشصضطظعغفقكلمنهوي"))
    for wrong in (name[:at] + name[at + 1 :], name[:at] + letter + name[at:],
                  name[:at] + letter + name[at + 1 :]):  # fmt: skip
        found = parse_date(f"{day.day} {wrong} {day.year}", country=country, now=NOW)
        assert found is None or found.value.date() == day, wrong


@given(DAYS, st.times(), st.sampled_from(["EG", "SY", "MA", "US"]), st.integers(0, 4))
def test_the_short_way_and_the_grammar_agree(
    day: date, clock: Any, country: str, form: int
) -> None:
    half, hour = ("ص" if clock.hour < 12 else "م"), (clock.hour - 1) % 12 + 1
    printed = [
        f"{WEEKDAYS[day.weekday()]}، {day.day:02} {MONTHS[country][day.month - 1]} {day.year}",
        f"{day.day} {MONTHS[country][day.month - 1]}، {day.year} -",
        f"{day.day}/{day.month}/{day.year} |",
        f"{WEEKDAYS[day.weekday()]} {day.month:02}-{day.day:02}-{day.year}",
        f"{day.year}-{day.month:02}-{day.day:02}",
    ][form]
    text = f"{printed} {hour:02}:{clock.minute:02} {half}"
    context = Context(country, None, "mdy" if country == "US" else "dmy", UTC, NOW)
    assert read_plain(tokens(text), context) is not None
    # a bracket makes the line too odd for the short way
    assert read_plain(tokens(f"({text})"), context) is None
    short = parse_date(text, country=country, now=NOW)
    assert short == parse_date(f"({text})", country=country, now=NOW)
    if form != 3 and form != 2:
        assert short is not None
        assert (short.value.date(), short.value.hour) == (day, clock.hour)


@given(DAYS)
def test_islamic_day_survives_being_printed(day: date) -> None:
    from hijridate import Gregorian

    hijri = Gregorian(day.year, day.month, day.day).to_hijri()
    found = parse_date(f"{hijri.day}/{hijri.month}/{hijri.year}هـ", country="SA", now=NOW)
    assert found is not None
    assert found.value.date() == day


@given(st.datetimes(min_value=datetime(1995, 1, 1), max_value=datetime(2025, 11, 23)))  # noqa: DTZ001
def test_machine_dates_keep_the_instant(moment: datetime) -> None:
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    for text in (
        moment.isoformat(),
        moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        moment.strftime("%Y%m%dT%H%M%SZ"),
        moment.strftime("%a, %d %b %Y %H:%M:%S +0000"),
        moment.strftime("%A, %d-%b-%y %H:%M:%S GMT"),
        moment.strftime("%a %b %d %H:%M:%S UTC %Y"),
    ):
        found = parse_date(text, country="EG", now=NOW)
        assert found == ParsedDate(moment, "second"), text


WORDS = (
    "7 11 2025 1447 24 99 / - . : | , ( ) نوفمبر تشرين الثاني كانون رمضان الجمعة م ص هـ منذ قبل "
    "ساعة ساعتين أيام أمس اليوم الآن نشر تحديث آخر بتوقيت غرينتش مكة + 03 T Z GMT EST ago by to "
    "Nov am 年 月 日 الثانية والنصف غرة آبان ۱۴۰۴ الموافق من 202512:07 \u200f \u0640 سا د س و 20 "
    "دقيقة تعليقا 1,532 views h d بين سبتمر إلا خمس دقائق ڤ"
)
PIECES = st.sampled_from(WORDS.split(" "))


@settings(max_examples=400)
@given(
    st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=40).map(" ".join)),
    st.sampled_from([None, "EG", "US", "IR", "TH", "LY", "XX"]),
    st.sampled_from([None, "dmy", "mdy", "ymd"]),
    st.sampled_from(["published", "updated"]),
    st.sampled_from([None, NOW]),
)
def test_no_text_raises_and_no_date_is_naive_or_in_the_future(
    text: str, country: Any, order: Any, role: Any, now: Any
) -> None:
    found = parse_date(text, country=country, order=order, role=role, now=now)
    if found is not None:
        assert found.value.tzinfo is not None
        assert found.precision in ("second", "minute", "hour", "day", "month")
        assert 1900 <= found.value.year <= 2100
        if now is not None:
            assert found.value <= now + timedelta(hours=36)
        if found.precision in ("day", "month"):
            assert (found.value.hour, found.value.minute, found.value.second) == (0, 0, 0)
        if found.precision == "month":
            assert found.value.day == 1


@pytest.mark.parametrize(
    "piece",
    [
        "7/11/2025 ", "منذ ", "نشر ", "رقم ", "7 نوفمبر ", "١", " ", "a", "\u0651\u064e", "(",
        "الى ",
        "7/11/2500 ", "14:35 ", "by ", "اليوم ", "\ufdfa", "كانون ", "7-", "12:", "\u0e48\u0e38",
        "نوفمبر 7 ", "بتوقيت ", "و", "الجمعة ", "2025年", "T", "+03 ", "🙂", "\ud800",
        "7 سبتمر ", "1,532 ", "5 h ", "ore ", "الساعة 5 و ", "بين 7/11/2025 و ",
    ],
)  # fmt: skip
@pytest.mark.timeout(60)
def test_long_lines_take_no_longer_than_they_should(piece: str) -> None:
    text = (piece * 10_000)[:10_000]
    found = parse_date(text, country="EG", now=NOW)
    assert found is None or 1970 <= found.value.year <= NOW.year + 1
