"""The identity and search levels for ordinary Arabic text, by byte tables.

Ordinary text has fewer than 256 different characters: it is encoded into an alphabet of our own
(ASCII at its own codes), reduced by ``bytes.translate`` and decoded, all in C. The tables come from
``reduce``, so both ways give the same; a text that does not fit is left to the other way.
"""

import codecs
import re

from aggregator.arabic.forms import stands_reversed
from aggregator.arabic.reduce import SIGN_STYLES, reduced_sign

_LETTERS = "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيپچڤگ"
_HARAKAT = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652"
_DIGITS = "٠١٢٣٤٥٦٧٨٩"
_BLANKS = "\t\n\r\xa0"
#: Dropped before anything else looks at the text.
_UNSEEN = "\xad\u200b\u200e\u200f\ufeff"
_TATWEEL = "\u0640"
_UNUSED = "\ufffe"
_OTHERS = (
    f"{_LETTERS}{_HARAKAT}{_DIGITS}،؛؟٪«»“”‘’…–—•·éèêëàâçîïôûùüöñáíóúÉÀ{_BLANKS}{_UNSEEN}{_TATWEEL}"
)
_ASCII = "".join(map(chr, range(0x20, 0x7F)))
_ALPHABET = ("\0" + _UNUSED * 31 + _ASCII + _UNUSED + _OTHERS).ljust(256, _UNUSED)
_ENCODING = codecs.charmap_build(_ALPHABET)
#: Codes without a character, where signs between digits wait while punctuation goes.
_WAITING = {sign: bytes([code]) for code, sign in enumerate(b".,:/-", start=1)}


def _code(signs: str) -> bytes:
    return codecs.charmap_encode(signs, "strict", _ENCODING)[0]


_CLEAN = bytes.maketrans(_code(_BLANKS + _DIGITS), b" " * len(_BLANKS) + b"0123456789")
_CLEAN_DROP = _code(_UNSEEN)
_COMMA, _STRETCH = _code("\u060c"), _code(_TATWEEL)
#: What stands in text in visual order only, see ``forms``.
_TA_INSIDE = re.compile(
    re.escape(_code("ة")) + b"[" + _code(_HARAKAT) + b"]*[" + _code(_LETTERS) + b"]"
)
_BEFORE_COMMA = re.compile(b" +(?=" + re.escape(_COMMA) + b")")
_STRETCHES = re.compile(re.escape(_STRETCH) + b"+(?=[" + _code(_LETTERS) + b"])")
_STYLES = {_code(style): ord(sign) for style, sign in SIGN_STYLES.items() if style in _ALPHABET}
_SIGN = re.compile(b"[0-9](?: ?[-" + _code("–—") + b"] ?|[.,:/" + _COMMA + b"])(?=[0-9])")


def _wait(found: re.Match[bytes]) -> bytes:
    sign = found[0][1:].strip(b" ")
    return found[0][:1] + _WAITING[_STYLES.get(sign, sign[0])]


def _tables(*, loose: bool) -> tuple[bytes, bytes]:
    """Return the table and the codes to delete that reduce the whole alphabet to one level."""
    table, drop = bytearray(range(256)), bytearray()
    for sign in _ASCII + _OTHERS:
        reduced = reduced_sign(sign, loose=loose)
        if reduced:
            table[_code(sign)[0]] = _code(reduced)[0]
        else:
            drop += _code(sign)
    for kept, code in _WAITING.items():
        table[code[0]] = kept
    return bytes(table), bytes(drop)


_STRICT, _LOOSE = _tables(loose=False), _tables(loose=True)
_PERCENT_BLANK = re.compile(b"(?<=[0-9]) (?=%)")


def quickly_reduced(text: str, *, loose: bool) -> str | None:
    """Return what ``reduce.reduced(mend(text))`` would, or None where only it can tell."""
    try:
        raw: bytes = codecs.charmap_encode(text, "strict", _ENCODING)[0]
    except UnicodeEncodeError:
        return None
    raw = raw.translate(_CLEAN, _CLEAN_DROP)
    if _STRETCH in raw:
        raw = _STRETCHES.sub(b"", raw)
    if _needs_thought(raw):
        return None
    if b" " + _COMMA in raw:
        raw = _BEFORE_COMMA.sub(b"", raw)
    raw = _SIGN.sub(_wait, raw)
    raw = raw.translate(*(_LOOSE if loose else _STRICT))
    while b"  " in raw:
        raw = raw.replace(b"  ", b" ")
    raw = raw.strip(b" ")
    if b" %" in raw:
        raw = _PERCENT_BLANK.sub(b"", raw)
    return codecs.charmap_decode(raw, "strict", _ALPHABET)[0]


def _needs_thought(raw: bytes) -> bool:
    if b"\0" in raw or _STRETCH in raw:
        return True
    if _TA_INSIDE.search(raw) is None:
        return False
    # Sign for sign the text that ``mend`` would ask about, save the style of digits.
    return stands_reversed(codecs.charmap_decode(raw, "strict", _ALPHABET)[0], thorough=False)
