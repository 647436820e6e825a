"""Text that somebody decoded with the wrong character set, brought back; lost text named as lost.

Two kinds of damage, each possible more than once over: UTF-8 read as a single-byte set (``Ø§Ù„``,
``ط§ظ„``, ``ุงู„``) and windows-1256 or its like read as another single-byte set (``ÇáÑÆíÓ``). The
first proves itself by the structure of UTF-8; the second is believed only where the outcome is far
less odd than what stood there. Pieces that are sound stay as they are.
"""

import re
from dataclasses import dataclass
from functools import cache

from aggregator.arabic.plausible import oddness

#: What text is misread as: codecs in order, the later ones only for what the first leaves open.
_CODECS = {
    "latin": ("cp1252", "latin-1"),
    "arabic": ("cp1256",),
    "thai": ("cp874", "cp1252", "latin-1"),
    "cyrillic": ("cp1251", "latin-1"),
    "turkish": ("cp1254", "latin-1"),
    "central": ("cp1250", "latin-1"),
    "greek": ("cp1253", "latin-1"),
    "mac": ("mac_roman",),
    "dos": ("cp437",),
    "dos-latin": ("cp850",),
}
#: Signs that must stand in a text for a reading to be worth a try, cheap to look for.
_QUOTES = "[\xab\xbb\u2014\u2018\u2019\u201c\u201d\u2026]"
_SIGN = (  # what the second byte of a pair looks like in windows-1256
    "[\x80-\xbf\u0152-\u02dc\u060c\u061b\u061f\u0679-\u06ba\u06be\u200c-\u203a\u20ac\u2122]"
)
_ARABIC_PAIR = "[\u0622\u0623\u0637-\u063a]" + _SIGN
#: a letter with an accent within a Latin word, and a letter of Hebrew
_ACCENT_PAIR = f"[\u0622-\u0625]{_SIGN}(?:(?=[A-Za-z])|(?<=[A-Za-z]..))"
_HEBREW_PAIR = "\xd7" + _SIGN
_TURKISH, _CENTRAL = "[\u011e\u011f\u0130\u0131\u015e\u015f]", "[\u0102-\u017e]"
_CLUES = {
    "latin": "[\xc2-\xf4][\x80-\xff\u0152-\u02dc\u2013-\u203a\u20ac\u2122]|[\xc0-\xff]{2}"
    "|[\xc2\xc3] ",
    "arabic": f"{_ARABIC_PAIR}{_ARABIC_PAIR}|{_ACCENT_PAIR}|{_HEBREW_PAIR}{_HEBREW_PAIR}",
    "thai": "[\u0e38\u0e39].[\u0e38\u0e39]|[\u0e23-\u0e25].(?:(?=[A-Za-z])|(?<=[A-Za-z]..))",
    "cyrillic": "[\u0400-\u042f].[\u0400-\u042f]",
    "turkish": f"{_TURKISH}[\x80-\xff]|[\xc0-\xff]{_TURKISH}",
    "central": f"{_CENTRAL}[\x80-\u017f\u2013-\u203a\u20ac\u2122]|[\xc0-\xff]{_CENTRAL}",
    "greek": "[\u0391-\u03a9].[\u0391-\u03a9]",
    "mac": f"\xab\xb7|[\xff\u0178].[\xff\u0178]|{_QUOTES}.?{_QUOTES}",
    "dos": "[\u2500-\u259f].?[\u2500-\u259f]",
    "dos-latin": "[\xcf\u2518].[\xcf\u2518]|\xc3\xdf|[\u2500-\u259f\xa6].?[\xc0-\xff]",
}
#: Letters that call for a reading at all, and one pass that finds them.
_TRIGGERS = {
    "latin": "[\xc0-\xff]",
    "thai": "[\u0e23-\u0e25\u0e38\u0e39]",
    "cyrillic": "[\u0400-\u042f]",
    "turkish": _TURKISH,
    "central": _CENTRAL,
    "greek": "[\u0391-\u03a9]",
    "mac": "[\xff\u0178\xc0\xc1\xc2\xca\xcc\xcd\xcf\xd3\xd4\u0152\u0153]",
    "dos": "[\u2500-\u259f]",
    "dos-latin": "[\u2500-\u259f]",
}
_FOREIGN = re.compile("[\xc0-\u024f\u0391-\u042f\u0e23-\u0e25\u0e38\u0e39\u2500-\u259f]")
_ARABIC_CLUE = re.compile(_CLUES["arabic"])
#: The article ال read as Mac Roman, alone and behind و or ب: no letters, but never honest.
_MAC_ARTICLES = ("\xab\xb7", "\u2014\xab")
_LONGEST_CHAIN = 4
#: A longer text is no title and no paragraph; nobody reads a megabyte of it.
_LONGEST = 200_000


@dataclass(frozen=True)
class _Reading:
    """A single-byte set as misreader: characters back to bytes, and how UTF-8 looks in it."""

    name: str
    table: dict[str, int]
    clue: re.Pattern[str]
    run: re.Pattern[str]

    def raw(self, text: str) -> bytes | None:
        """Return the bytes that ``text`` was read from, None if it holds foreign characters."""
        try:
            return bytes([self.table[char] for char in text])
        except KeyError:
            return None


@cache
def _reading(name: str) -> _Reading:
    table: dict[str, int] = {}
    known: set[int] = set()
    for codec in _CODECS[name]:
        for byte in range(256):
            char = bytes([byte]).decode(codec, "ignore")
            # C1 controls stand for their byte in every reading: some decoders leave them so.
            if char and char not in table and (byte not in known or "\x80" <= char <= "\x9f"):
                table[char] = byte
        known = set(table.values())

    def kind(low: int, high: int) -> str:
        chars = "".join(char for char, byte in table.items() if low <= byte <= high)
        return f"[{re.escape(chars)}]"

    more = kind(0x80, 0xBF)
    run = (
        f"(?:{kind(0xC2, 0xDF)}{more}|{kind(0xE0, 0xEF)}{more}{{2}}|{kind(0xF0, 0xF4)}{more}{{3}})+"
    )
    return _Reading(name, table, re.compile(_CLUES[name]), re.compile(run))


def repair(text: str) -> tuple[str, bool]:
    """Return the text as it was meant, and whether anything had to be repaired."""
    mended = text
    if len(text) > _LONGEST:
        return text, False
    for _ in range(_LONGEST_CHAIN):
        likely = _likely_readings(mended)
        better = _step(mended, likely) if likely else None
        if better is None or better == mended:
            break
        mended = better
    return mended, mended != text


def in_turkish(text: str) -> str:
    """Return a Turkish text with the six letters that windows-1252 reads as Icelandic ones.

    Where one of them stands as it should, the others are a name's from Iceland.
    """
    return text if _READ_RIGHT.search(text) else text.translate(_ICELANDIC)


#: Where windows-1252 and windows-1254 differ; Turkish has none of these.
_READ_RIGHT = re.compile(_TURKISH)
_ICELANDIC = str.maketrans("\xd0\xf0\xdd\xfd\xde\xfe", "\u011e\u011f\u0130\u0131\u015e\u015f")


def _likely_readings(text: str) -> list[_Reading]:
    """Return the sets that ``text`` may have been misread as; none for most, and cheaply."""
    names = ["arabic"] if _ARABIC_CLUE.search(text) else []
    letters = "".join(set(_FOREIGN.findall(text)))
    if letters:
        names += [name for name, trigger in _TRIGGERS.items() if re.search(trigger, letters)]
    if "mac" not in names and any(article in text for article in _MAC_ARTICLES):
        names.append("mac")
    return [reading for name in names if (reading := _reading(name)).clue.search(text)]


def _step(text: str, likely: list[_Reading]) -> str | None:
    """Return ``text`` with the likeliest misreading undone, None where there is none."""
    meant = [better for reading in likely if (better := _undo_utf8(text, reading))]
    # The signs of a symbolic set make a sequence of UTF-8 by chance: Ã‰ is جن read as Mac Roman.
    other = [
        better
        for reading in likely
        if (not meant or reading.name in _SYMBOLIC) and (better := _undo_single_byte(text, reading))
    ]
    if other:
        meant = [better for better in meant if len(better) <= _SHRUNK * len(text)]
    return min(meant + other, key=_bits_a_sign, default=None)


#: UTF-8 undone leaves half of the signs or fewer, blanks aside; by chance it takes a few.
_SHRUNK = 0.75


def _bits_a_sign(text: str) -> float:
    bits, signs = oddness(text)
    return bits / signs if signs else 0.0


#: Share of the signs beyond ASCII that must belong to UTF-8, where a reading is far from Latin.
_COVERED = 0.7


def _undo_utf8(text: str, reading: _Reading) -> str | None:
    """Return ``text`` with UTF-8 that was read as ``reading`` decoded, None if there is none."""
    for gap, filled in _GAPS.get(reading.name, ()):
        text = gap.sub(filled, text)
    runs = [run for run in reading.run.finditer(text) if _is_free(run, reading)]
    if not _prove([run.group() for run in runs], reading):
        return _undo_accents(text, reading) if reading.name in {"arabic", "thai"} else None
    if reading.name not in {"latin", "turkish", "arabic"}:
        signs = sum(char > "\x7f" and char not in _TYPOGRAPHIC for char in text)
        if sum(len(run.group()) for run in runs) < _COVERED * signs:
            return None

    def decoded(run: re.Match[str]) -> str:
        return (_is_free(run, reading) and _decoded(run.group(), reading)) or run.group()

    return reading.run.sub(decoded, text)


def _undo_accents(text: str, reading: _Reading) -> str | None:
    """Return ``text`` with letters with accents decoded in Latin words: «Quأ©bec», «yaؤںؤ±إں».

    No word is made of both scripts, and chance hardly puts a sign there that makes such a letter.
    Where anything else is in the other script, the text may well be honest.
    """

    def letters(run: re.Match[str]) -> str | None:
        meant = _decoded(run.group(), reading) or ""
        return meant if _ACCENTED.fullmatch(meant) else None

    def is_inside(run: re.Match[str]) -> bool:
        around = text[max(0, run.start() - 1) : run.start()] + text[run.end() : run.end() + 1]
        return _ASCII_LETTER.search(around) is not None

    if not any(letters(run) and is_inside(run) for run in reading.run.finditer(text)):
        return None
    meant = reading.run.sub(lambda run: letters(run) or run.group(), text)
    return None if _OTHER_SCRIPT.search(meant) else meant


def _is_free(run: re.Match[str], reading: _Reading) -> bool:
    """Whether a run does not follow an Arabic letter: قط؟ is a word with its mark."""
    before = run.string[max(0, run.start() - 1) : run.start()]
    return reading.name != "arabic" or not _ARABIC_LETTER.match(before)


#: Typography that may well follow a capital with an accent in honest text: «MAÇÃ”», «OÙ…».
_TYPOGRAPHIC = frozenset("“”‘’‚„…–—»›‹«•")
_ARABIC_LETTER = re.compile("[\u0621-\u064a]")
_OTHER_SCRIPT = re.compile("[\u0621-\u064a\u0e01-\u0e5b]")
_ACCENTED = re.compile("[\xa0\xab\xbb\xc0-\u017f\u2010-\u201f]+")


def _decoded(run: str, reading: _Reading) -> str | None:
    raw = reading.raw(run)
    return None if raw is None else raw.decode("utf-8", "ignore")


def _prove(runs: list[str], reading: _Reading) -> bool:
    """Whether these runs can only be misread UTF-8."""
    found = [(run, _decoded(run, reading) or "") for run in runs]
    if any(len(text) >= 2 and _LIKELY_LETTERS.fullmatch(text) for _, text in found):
        return True
    if reading.name == "arabic":  # misread twice or more?
        whole = "".join(text for _, text in found)
        return len(whole) >= _FEWEST_DOUBLE and any(
            _reading(name).raw(whole) is not None for name in ("latin", "arabic")
        )
    return reading.name in {"latin", "turkish"} and any(
        not _TYPOGRAPHIC.issuperset(piece[1:])
        for run, text in found
        for piece in _pieces(run, text)
    )


_FEWEST_DOUBLE = 3
#: Letters that news is written in, of one script: Arabic, Hebrew, Cyrillic, Greek.
_LIKELY_LETTERS = re.compile(
    "[\u060c\u061b\u061f\u0621-\u063a\u0640-\u0652\u0660-\u0669\u0679\u067e\u0686\u0688\u0691\u0698"
    "\u06a9\u06af\u06ba\u06be\u06c1\u06cc\u06d2\ufb50-\ufdff\ufe70-\ufefc"
    # Kurdish and Pashto
    "\u067c\u0681\u0685\u0689\u0693\u0695\u0696\u069a\u06a4\u06ab\u06b5\u06bc\u06c6\u06cd\u06ce\u06d0\u06d5]+"
    "|[\u05d0-\u05ea]+|[\u0401\u0410-\u044f\u0451\u0456\u0457]+|[\u0386-\u03ce]+"
)


def _pieces(run: str, found: str) -> list[str]:
    """Return the parts of ``run`` behind those characters of ``found`` that Latin text may hold."""
    pieces, start = [], 0
    for char in found:
        end = start + len(char.encode())
        if (
            char < "\u0180"
            or "\u2000" <= char < "\u2300"
            or char in "\ufeff\ufffd"
            or char > "\uffff"
        ):
            pieces.append(run[start:end])
        start = end
    # Three signs in a row, as in â€™, are never honest, typography or not.
    return [f"{piece}?" if len(piece) > 2 else piece for piece in pieces]


#: Bytes that get lost on the way since nobody sees them: the soft hyphen (in ح), C1 controls (in
#: ف) and the no-break blank (in ٠ and à, and misread itself), for which a blank may stand.
_GAPS = {
    "latin": (
        (re.compile("(?<=\xd9[\xa0-\xa9])\xd9 (?=\xd9[\xa0-\xa9])"), "\xd9\xa0"),
        (re.compile("\xd9[?\ufffd](?=[\xd8-\xdb])|\xd9(?=[\xd8-\xdb .,:!)\\]]|$)"), "\xd9\x81"),
        (re.compile("\xd8(?=[\xd8-\xdb .,:!)\\]]|$)"), "\xd8\xad"),
        (re.compile("(?<=[a-z])\xc3 {1,2}|(?<![^ ])\xc3 {1,2}(?=[A-Za-z0-9])"), "\xc3\xa0 "),
        (re.compile("(?<=[a-z0-9])\xc2 {1,2}"), "\xc2\xa0"),
    ),
    "arabic": ((re.compile("\u0637(?=[\u0637\u0638 .,:!)\\]]|$)"), "\u0637\xad"),),
}


#: What text may have been before a single-byte misreading, with the bits against it.
_TARGETS = {"cp1256": 0.0, "iso8859_6": 4.0, "cp1255": 10.0, "cp1251": 10.0}
_ASCII_LETTER = re.compile("[A-Za-z]")
_FEWEST_SIGNS = 3
#: Bits a sign (see ``plausible``): the outcome must be this good, and so much better.
_GOOD_BITS, _GAIN_BITS = 5.4, 1.5
#: Prose of any language has fewer, and none is by the gain better.
_SOUND_BITS = 4.5
#: Sets whose misreadings look like symbols, which are not odd enough to be judged by themselves.
_SYMBOLIC = frozenset({"mac", "dos", "dos-latin"})
_GOOD_SYMBOLIC_BITS, _FEWEST_SYMBOLIC = 4.8, 5


def _undo_single_byte(text: str, reading: _Reading) -> str | None:
    """Return ``text`` with a set that was read as ``reading`` decoded, None if there is none."""
    words = {
        word: raw
        for word in text.split(" ")
        if not word.isascii()
        and not _ASCII_LETTER.search(word)
        and (raw := reading.raw(word)) is not None
    }
    before, signs = oddness(" ".join(words))
    fewest = _FEWEST_SYMBOLIC if reading.name in _SYMBOLIC else _FEWEST_SIGNS
    if signs < fewest or len(set("".join(words))) < min(fewest, 4):
        return None  # nothing, or a rule drawn with signs
    if reading.name in _SYMBOLIC:
        if signs < _COVERED * oddness(text)[1]:
            return None
    elif before < _SOUND_BITS * signs:
        return None
    best: dict[str, str] | None = None
    best_bits = 0.0
    for target, against in _TARGETS.items():
        if target == _CODECS[reading.name][0] or (reading.name in _SYMBOLIC and against > 4.0):
            continue
        meant = {word: raw.decode(target, "replace") for word, raw in words.items()}
        after = (oddness(" ".join(meant.values()))[0] + against) / signs
        if _is_gain(reading, before / signs, after, signs) and (best is None or after < best_bits):
            best, best_bits = meant, after
    return None if best is None else " ".join(best.get(word, word) for word in text.split(" "))


def _is_gain(reading: _Reading, before: float, after: float, signs: int) -> bool:
    if reading.name in _SYMBOLIC:
        return after <= _GOOD_SYMBOLIC_BITS
    return after <= _GOOD_BITS and before - after >= _GAIN_BITS


#: What is left where all but the first bytes of misread UTF-8 were dropped.
_LEADS_ONLY = re.compile("[\xd8-\xdb \xa0]{5,}")
_LOST_WORD = re.compile(r"^\W*[?\ufffd\u061f]{2,}\W*$|^\W*\ufffd\W*$")


def is_lost(text: str) -> bool:
    """Whether most of ``text`` is signs that stand for letters nobody can bring back."""
    if _LEADS_ONLY.fullmatch(text):
        return text != " " * len(text)
    if "?" not in text and "\ufffd" not in text and "\u061f" not in text:
        return False
    words = text.split()
    lost = sum(_LOST_WORD.match(word) is not None for word in words)
    readable = sum(any(map(str.isalpha, word)) for word in words)
    if readable == 0:
        return lost > 0
    torn = text.count("\ufffd")
    letters = sum(map(str.isalpha, text))
    return (lost >= 2 and lost > readable) or torn > letters
