"""Read words that count back from now: منذ ساعتين, 3 days ago, أمس, yesterday, الآن."""

from aggregator.arabic.dates.context import Ago
from aggregator.arabic.dates.text import Token

Found = tuple[Ago, int] | None
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_FINEST = ("second", "minute", "hour", "day", "month")
#: more than this is no stamp of news
_MOST = 999
_PLAIN = ("number", "unit", "pair", "part", "now", "day")


def read_ago(line: list[Token], at: int) -> Found:
    """Return the relative time at token ``at`` and the token after it, or None."""
    token = line[at]
    means = token.means
    if "now" in means:
        return _now(means["now"]), at + 1
    if token.number < 0 and "ago" in means and means["ago"] in ("pre", "both"):
        return _behind(line, at)
    if token.number >= 0 or "number" in means or "pair" in means or "part" in means:
        return _before(line, at)
    if "day" in means:
        return Ago(days=int(means["day"]), strict=True), at + 1
    if "weekday" in means and at + 1 < len(line) and "past" in line[at + 1].means:
        return Ago(weekday=means["weekday"], strict=True), at + 2
    if "unit" in means and not line[at].text.isascii():
        return _before(line, at)
    return None


def _now(how: str) -> Ago:
    return Ago(precision="hour" if how == "hour" else "minute")


def _behind(line: list[Token], at: int) -> Found:
    """Read an amount after its word: منذ 3 أيام, il y a 2 heures."""
    place = at + 1
    if place < len(line) and line[place].word in ("حوالي", "نحو", "environ", "etwa", "ca", "circa"):
        place += 1
    found = _amount(line, place)
    if found is None:
        return None
    ago, end = found
    if end < len(line) and line[end].means.get("ago") == "post" and line[end].word == "ago":
        end += 1
    return ago, end


def _before(line: list[Token], at: int) -> Found:
    """Read an amount before its word: 3 days ago, 2 saat önce, 2時間前."""
    found = _amount(line, at)
    if found is None:
        return None
    ago, end = found
    if end < len(line) and line[end].means.get("ago") in ("post", "both"):
        if line[end].means["ago"] == "both" and _counted(line, end + 1):
            return None  # the amount stands behind: "5 minutes to read, 2 hours ago"
        return ago, end + 1
    return None


def _amount(line: list[Token], at: int) -> Found:
    """Read one or two counted units: 3 days, ساعة و 20 دقيقة, ساعة ونصف."""
    first = _counted(line, at)
    if first is None:
        return None
    ago, end = first
    if end < len(line) and "and_part" in line[end].means and ago.precision == "hour":
        ago.seconds += 60 * int(line[end].means["and_part"])
        ago.precision = "minute"
        return ago, end + 1
    place = end
    if place < len(line) and line[place].word in ("و", ",", "and", "et", "und", "y", "e", "ve"):
        place += 1
    if place >= len(line) or (line[place].number < 0 and "number" not in line[place].means):
        return first
    second = _counted(line, place)
    if second is None or not _finer(second[0], ago):
        return first
    ago.seconds += second[0].seconds
    ago.days += second[0].days
    ago.precision = second[0].precision
    return ago, second[1]


def _finer(second: Ago, first: Ago) -> bool:
    if second.precision is None or first.precision is None:
        return False
    return _FINEST.index(second.precision) < _FINEST.index(first.precision)


def _counted(line: list[Token], at: int) -> Found:
    if at >= len(line):
        return None
    token = line[at]
    following = line[at + 1] if at + 1 < len(line) else None
    if token.number >= 0 or "number" in token.means:
        count = token.number if token.number >= 0 else int(token.means["number"])
        if count > _MOST or following is None or "unit" not in following.means:
            return None
        return _units(count, following.means["unit"]), at + 2
    if "part" in token.means:
        if following is not None and following.means.get("unit") == "hour":
            return Ago(seconds=60 * int(token.means["part"]), precision="minute"), at + 2
        return None
    if "pair" in token.means:
        return _units(2, token.means["pair"]), at + 1
    if "unit" in token.means and not _plural(token):
        end = at + 1
        if following is not None and following.means.get("number") == 1:
            end += 1
        return _units(1, token.means["unit"]), end
    return None


def _plural(token: Token) -> bool:
    """Whether the unit stands for an unknown number of them (ساعات, أيام)."""
    return token.word.endswith(
        ("ات", "ام", "دقائق", "دقايق", "اشهر", "شهور", "اسابيع", "ثواني", "ثوان", "سنين")
    )


def _units(count: int, unit: str) -> Ago:
    if unit in _SECONDS:
        return Ago(seconds=count * _SECONDS[unit], precision=unit)  # type: ignore[arg-type]
    if unit == "day":
        return Ago(days=count)
    if unit == "week":
        return Ago(days=7 * count)
    if unit == "month":
        return Ago(months=count, precision="month")
    return Ago(precision=None)  # a year back is no month, and no precision says "year"
