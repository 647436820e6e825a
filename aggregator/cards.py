"""Text cards: an article as people print it, written and read.

    title
    تاريخ النشر: 7th, November 2025 GMT
    paragraphs, one a line
    المصدر: source name
    كلمات دلالية: keywords، parted by Arabic commas
    إقرأ أيضاً:
    title and paragraphs of a related article, one a line; the heading again before each further one

A missing part is left out. Cards are parted by a line of ``---``. A line that begins with a blank
is text, whatever it looks like: so a paragraph that looks like a heading comes back as a paragraph.
The day is the one in the source's own zone, as its readers saw it; ``GMT`` belongs to the form.
Reading mends the letters (presentation forms, blanks, marks), refuses what is damaged by the number
of its line, and takes linear time. No files.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

from aggregator import language
from aggregator.arabic import display, fold
from aggregator.errors import ImportFileError
from aggregator.types import Moment, Record

PARTING: Final = "---"
PUBLISHED: Final = "تاريخ النشر:"
SOURCE: Final = "المصدر:"
KEYWORDS: Final = "كلمات دلالية:"
RELATED: Final = "إقرأ أيضاً:"
COMMA: Final = "،"

#: Words of a phrase that is looked for in the text, where only blanks part the keywords.
_LONGEST_PHRASE: Final = 6
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_DATE: Final = re.compile(r"(?:([0-9]{1,2})(?:st|nd|rd|th), )?([A-Z][a-z]+) ([0-9]{4}) GMT")
_LINE_BREAKS: Final = re.compile("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_PUNCTUATION: Final = re.compile(r"[^\w\s]+")
# Spellings of the headings that are taken for them: hamza and vowel signs are often left out.
_LOOSE: Final = str.maketrans(
    "أإآ", "ااا", "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0640"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a card says.

    Attributes:
        line: number of its first line in the file, from 1.
        source: name as printed; None where the card names none.
        related: title and paragraphs of each.
    """

    line: int
    title: str
    published: Moment | None = None
    paragraphs: tuple[str, ...] = ()
    source: str | None = None
    keywords: tuple[str, ...] = ()
    related: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str
    heading: str | None = None  # which of the five it begins with


def write(record: Record) -> str:
    """Return the record as a card, line end included."""
    lines = [_text_line(record.title)]
    if date := _date(record):
        lines.append(f"{PUBLISHED} {date}")
    lines += map(_text_line, record.paragraphs)
    if record.source.name:
        lines.append(f"{SOURCE} {_one_line(record.source.name)}")
    if record.keywords:
        lines.append(f"{KEYWORDS} {_write_keywords(record)}")
    for related in record.related:
        lines.append(RELATED)
        lines.append(_text_line(related.title))
        lines += map(_text_line, related.paragraphs)
    return "\n".join(line for line in lines if line.strip()) + "\n"


def parse(text: str, *, path: object = "-") -> list[Card]:
    """Return the cards of a file.

    Args:
        text: the file's text.
        path: its name, for errors.

    Raises:
        ImportFileError: a card is damaged; the identity is ``path:line``.
    """
    groups: list[list[_Line]] = [[]]
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    for number, raw in enumerate(lines, 1):
        if raw.rstrip() == PARTING:
            groups.append([])
        elif raw.strip():
            groups[-1].append(_classify(number, raw))
        if raw.rstrip() == PARTING and len(groups) > 1 and not groups[-2]:
            raise _damaged(path, number, "there is no card before this line")
    if not groups[-1] and len(groups) > 1:
        groups.pop()  # A line of --- at the end parts nothing.
    if not groups[0]:
        raise _damaged(path, 1, "there is no card")
    return [_card(group, path) for group in groups]


def read_keywords(line: str, title: str, texts: Iterable[str]) -> tuple[str, ...]:
    """Return the keywords of a card's line, parted by Arabic commas or by blanks alone.

    A line without commas is read as the title (where it begins with it) and then phrases; the
    longest phrases that stand in the title or text are told apart, and a run of words that do not
    stand there stays one phrase.

    Args:
        line: what follows the heading; mended.
        title: of the article; mended.
        texts: its paragraphs; mended.
    """
    if line.rstrip().endswith(COMMA):
        return _by_comma(line)
    words, head = line.split(), title.split()
    if _begins_with(words, head):
        words = words[len(head) :]
    rest = " ".join(words)
    return _by_comma(rest) if COMMA in rest else _by_text(words, (title, *texts))


def _by_comma(line: str) -> tuple[str, ...]:
    return tuple(word for part in line.split(COMMA) if (word := " ".join(part.split())))


def _by_text(words: Sequence[str], texts: Iterable[str]) -> tuple[str, ...]:
    if not words:
        return ()
    phrases = _phrases(texts)
    folded = [" ".join(_tokens(word)) for word in words]
    found: list[str] = []
    strange: list[str] = []
    position = 0
    while position < len(words):
        length = _longest(folded, position, phrases)
        if length == 0:
            strange.append(words[position])
            position += 1
            continue
        if strange:
            found.append(" ".join(strange))
            strange = []
        found.append(" ".join(words[position : position + length]))
        position += length
    if strange:
        found.append(" ".join(strange))
    once: dict[str, str] = {}
    for phrase in found:
        once.setdefault(fold(phrase, "search"), phrase)
    return tuple(once.values())


def _longest(folded: Sequence[str], position: int, phrases: frozenset[str]) -> int:
    """Return how many words from here make the longest phrase of the text; 0: not even one."""
    for length in range(min(_LONGEST_PHRASE, len(folded) - position), 0, -1):
        if " ".join(folded[position : position + length]) in phrases:
            return length
    return 0


def _phrases(texts: Iterable[str]) -> frozenset[str]:
    """Return all runs of up to six words that no punctuation parts, folded."""
    phrases = set()
    for text in texts:
        for part in _PUNCTUATION.split(fold(text, "search")):
            words = part.split()
            for start in range(len(words)):
                for length in range(1, min(_LONGEST_PHRASE, len(words) - start) + 1):
                    phrases.add(" ".join(words[start : start + length]))
    return frozenset(phrases)


def _tokens(text: str) -> list[str]:
    return _PUNCTUATION.sub(" ", fold(text, "search")).split()


def _begins_with(words: Sequence[str], head: Sequence[str]) -> bool:
    """Whether the line's words begin with the title's, in any spelling."""
    title, start = " ".join(head), " ".join(words[: len(head)])
    if start.count(COMMA) != title.count(COMMA):
        return False  # Keywords parted by commas that happen to be the title's words.
    tokens = _tokens(title)
    return bool(tokens) and tokens == _tokens(start)


def _write_keywords(record: Record) -> str:
    words = [_one_line(word).replace(COMMA, ",") for word in record.keywords]
    line = f"{COMMA} ".join(words)
    # Only where the line alone could be read as the title and phrases without commas.
    title = _one_line(record.title)
    if len(words) > 1 and not _begins_with(line.split(), title.split()):
        return line
    return line if read_keywords(line, title, record.paragraphs) == tuple(words) else line + COMMA


def _date(record: Record) -> str | None:
    moment = record.published
    if moment is None:
        return None
    month = f"{_MONTHS[moment.month - 1]} {moment.year:04} GMT"
    if record.published_precision == "month":
        return month
    teen = moment.day // 10 == 1
    suffix = "th" if teen else {1: "st", 2: "nd", 3: "rd"}.get(moment.day % 10, "th")
    return f"{moment.day}{suffix}, {month}"


def _one_line(text: str) -> str:
    return _LINE_BREAKS.sub(" ", text).strip()


def _text_line(text: str) -> str:
    line = _one_line(text)
    return f" {line}" if line == PARTING or _heading(line) else line


def _heading(line: str) -> str | None:
    start = line[:40].translate(_LOOSE)
    for heading, plain in _HEADINGS:
        if start.startswith(plain):
            return heading
    return None


_HEADINGS: Final = tuple(
    (heading, heading.translate(_LOOSE)) for heading in (PUBLISHED, SOURCE, KEYWORDS, RELATED)
)


def _classify(number: int, raw: str) -> _Line:
    if raw[0].isspace():
        return _Line(number, raw.strip())
    heading = _heading(raw)
    if heading == RELATED and raw.partition(":")[2].strip():
        heading = None  # A sentence, not a heading: the heading stands alone on its line.
    return _Line(number, raw.strip(), heading)


def _damaged(path: object, number: int, cause: str) -> ImportFileError:
    return ImportFileError("card is damaged", f"{path}:{number}", cause)


class _Reader:
    """Reads one card; knows the file's name for errors and the text's language for mending."""

    def __init__(self, path: object, spoken: str) -> None:
        self._path = path
        self._spoken = spoken

    def damaged(self, line: _Line, cause: str) -> ImportFileError:
        return _damaged(self._path, line.number, cause)

    def mend(self, line: _Line, text: str | None = None) -> str:
        raw = line.text if text is None else text
        mended = display(raw, self._spoken).text
        if mended is None and any(map(str.isalnum, raw)):
            raise self.damaged(line, "text cannot be read")
        return mended or ""

    def value(self, line: _Line) -> str:
        value = self.mend(line, line.text.partition(":")[2])
        if not value:
            raise self.damaged(line, "nothing follows the heading")
        return value

    def paragraphs(self, lines: Iterable[_Line]) -> tuple[str, ...]:
        return tuple(text for line in lines if (text := self.mend(line)))

    def moment(self, line: _Line) -> Moment:
        match = _DATE.fullmatch(self.value(line))
        if match is None or match[2] not in _MONTHS:
            raise self.damaged(line, "the date must be like 7th, November 2025 GMT")
        try:
            day = int(match[1] or 1)
            value = datetime(int(match[3]), _MONTHS.index(match[2]) + 1, day, tzinfo=UTC)
        except ValueError as error:
            raise self.damaged(line, f"there is no such date: {error}") from error
        return Moment(value=value, precision="day" if match[1] else "month", origin="page")

    def related(self, lines: Sequence[_Line]) -> tuple[tuple[str, tuple[str, ...]], ...]:
        starts = [index for index, line in enumerate(lines) if line.heading == RELATED]
        found = []
        for start, end in pairwise([*starts, len(lines)]):
            texts = self.paragraphs(lines[start + 1 : end])
            if not texts:
                raise self.damaged(lines[start], "no related article follows")
            found.append((texts[0], texts[1:]))
        return tuple(found)


def _card(lines: list[_Line], path: object) -> Card:
    related_at = next(
        (index for index, line in enumerate(lines) if line.heading == RELATED), len(lines)
    )
    main, rest = lines[:related_at], lines[related_at:]
    sample = "\n".join(line.text for line in main[:20])[:5000]
    reader = _Reader(path, language.detect(sample) or "ar")
    first = lines[0]
    title = "" if first.heading else reader.mend(first)
    if not title:
        raise reader.damaged(first, "the title is missing")
    body, keywords_line, source_line, date_line = _parts(main[1:], reader)
    paragraphs = reader.paragraphs(body)
    return Card(
        line=first.number,
        title=title,
        published=reader.moment(date_line) if date_line else None,
        paragraphs=paragraphs,
        source=reader.value(source_line) if source_line else None,
        keywords=(
            read_keywords(reader.value(keywords_line), title, paragraphs) if keywords_line else ()
        ),
        related=reader.related(rest),
    )


def _parts(
    lines: list[_Line], reader: _Reader
) -> tuple[list[_Line], _Line | None, _Line | None, _Line | None]:
    """Return body, keywords, source and date of what follows the title.

    Only the last line before the keywords is the source: "المصدر: وكالات" further up is text.
    """
    date_line = keywords_line = source_line = None
    if lines and lines[0].heading == PUBLISHED:
        date_line, lines = lines[0], lines[1:]
    if lines and lines[-1].heading == KEYWORDS:
        keywords_line, lines = lines[-1], lines[:-1]
    if lines and lines[-1].heading == SOURCE:
        source_line, lines = lines[-1], lines[:-1]
    for line in lines:
        if line.heading == PUBLISHED:
            raise reader.damaged(line, f"a date in the text: is a line of {PARTING} missing?")
        if line.heading == KEYWORDS:
            raise reader.damaged(line, "text follows the keywords")
    return lines, keywords_line, source_line, date_line
