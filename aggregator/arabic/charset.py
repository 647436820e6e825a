"""Bytes to text: evidence first, labels second, the habits of the country third.

A byte order mark settles it; then UTF-8 and UTF-16, which prove themselves by their structure.
What remains is judged by how odd the text looks in each single-byte set (``plausible``); a label
or a country counts as some bits of evidence, so that a wrong label is overruled only where the
bytes speak against it. No download, no model beyond a table of Arabic letter pairs.
"""

import codecs
import re
from dataclasses import dataclass

from aggregator.arabic.labels import codec_of, declared, encoding_name
from aggregator.arabic.plausible import oddness

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: The sets that are judged whatever the labels say, and the bits against each where nothing else
#: speaks: how much rarer than windows-1256 it is among the pages we meet.
_SETS = {
    "windows-1256": 0.0,
    "windows-1252": 3.0,
    "windows-1254": 9.0,
    "windows-1255": 8.0,
    "windows-1251": 9.0,
    "windows-1250": 12.0,
    "windows-1253": 14.0,
    "iso-8859-6": 12.0,
    "koi8-r": 14.0,
    "gbk": 20.0,
    "big5": 22.0,
    "shift_jis": 22.0,
    "euc-kr": 22.0,
}
#: The set that a country's old pages are in, and the bits for it.
_COUNTRIES = {
    "windows-1256": "AE BH DJ DZ EG IQ JO KM KW LB LY MA MR OM PS QA SA SD SO SY TN YE IR AF PK",
    "windows-1255": "IL",
    "windows-1254": "TR CY AZ",
    "windows-1251": "RU UA BY BG RS KZ KG MK MN TJ UZ",
    "windows-1253": "GR",
    "windows-1250": "PL CZ SK HU SI HR RO BA AL",
    "windows-1252": "FR BE CH DE AT US GB CA ES PT BR IT NL LU SE NO DK FI IE AU SN CI ML NE BF",
}
_COUNTRY_BITS = {
    country: name for name, countries in _COUNTRIES.items() for country in countries.split()
}
_HABIT = 6.0
#: windows-1254 is Latin 1 but for the letters of Turkish: nothing is lost where it is preferred.
_TURKISH_HABIT = 12.0
#: Arab countries that write as much French.
_ALSO_FRENCH = frozenset({"DZ", "MA", "TN", "LB", "MR", "DJ", "KM"})
#: Bits that a label is worth. Latin 1 is what servers say when nobody told them.
#: ISO 8859-6 is at times a guess at the name of windows-1256.
_LABEL, _WEAK_LABELS = 30.0, {"windows-1252": 8.0, "iso-8859-6": 20.0}
#: Bits against windows-1256 where it shows no Arabic letter: windows-1252 reads the same then.
_NO_ARABIC = 20.0
#: A labelled set whose text is no odder than this, in bits a character, needs no rivals.
_SOUND = 4.6
_SAMPLE = 65536
#: With so many characters beyond ASCII a sound text is no chance.
_MANY = 40
#: Sets whose structure is checked by their own decoder.
_MULTIBYTE = frozenset(
    {"gbk", "gb18030", "big5", "euc-jp", "euc-kr", "shift_jis", "iso-2022-jp", "iso-2022-kr", "hz"}
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """Decoded text.

    Attributes:
        text: without a byte order mark; U+FFFD only where bytes mean nothing.
        encoding: the encoding used, as the WHATWG Encoding Standard names it, in lower case.
        repaired: whether a label was overruled or damaged bytes were mended.
    """

    text: str
    encoding: str
    repaired: bool


def decode(
    body: bytes,
    header: str | None = None,
    meta: str | None = None,
    xml_declaration: str | None = None,
    country: str | None = None,
) -> Decoded:
    """Return ``body`` as text, with the encoding that was used.

    Args:
        body: any bytes.
        header: charset of the Content-Type header, or its whole value.
        meta: charset of the meta element, or its whole content. None: looked for in ``body``.
        xml_declaration: encoding of the XML declaration. None: looked for in ``body``.
        country: ISO 3166-1 alpha-2 of the source.
    """
    for mark, name in _MARKS:
        if body.startswith(mark):
            text = _marked(body[len(mark) :], name)
            return Decoded(text, name, repaired=_is_other(name, encoding_name(header)))
    found_meta, found_xml = declared(body)
    labels = [
        label
        for value in (header, xml_declaration or found_xml, meta or found_meta)
        if (label := encoding_name(value))
    ]
    return (
        _sixteen_bit(body, labels)
        or _utf8(body, labels)
        or _labelled_multibyte(body, labels, country)
        or _least_odd(body, labels, country)
    )


def _marked(raw: bytes, name: str) -> str:
    """Return text whose encoding is beyond doubt; a unit cut off at its end goes."""
    if name != "utf-8":
        unit = 4 if name.startswith("utf-32") else 2
        return raw[: len(raw) // unit * unit].decode(name, "replace")
    try:
        return raw.decode(name)
    except UnicodeDecodeError:
        return raw.decode(name, _fault_handler(raw))


def _is_other(name: str, label: str | None) -> bool:
    return label is not None and label.replace("-", "")[:5] != name.replace("-", "")[:5]


def _overrules(name: str, labels: list[str]) -> bool:
    return bool(labels) and labels[0] != name


#: Bytes that come first in UTF-16 units of news: ASCII, Latin, Hebrew, Arabic, punctuation, forms.
_HIGH_BYTES = frozenset(b"\x00\x01\x03\x04\x05\x06\x20\xfb\xfc\xfd\xfe")


def _sixteen_bit(body: bytes, labels: list[str]) -> Decoded | None:
    """Return UTF-16 without a mark: each second byte is one of a few, NUL or 06 above all."""
    if len(body) < 4 or (b"\0" not in body[:_SAMPLE] and b"\6" not in body[:64]):
        return None
    sample = body[:4096]
    for name, high, low in (
        ("utf-16-le", sample[1::2], sample[::2]),
        ("utf-16-be", sample[::2], sample[1::2]),
    ):
        few = sum(byte in _HIGH_BYTES for byte in high)
        if few >= 0.95 * len(high) and len(set(low)) > len(set(high)) and min(low) != max(low):
            plain = high.count(0) + high.count(6)
            if plain >= 0.7 * len(high) and low.count(0) < 0.1 * len(low):
                return Decoded(_marked(body, name), name, repaired=_overrules(name, labels))
    return None


def _utf8(body: bytes, labels: list[str]) -> Decoded | None:
    """Return UTF-8, whole or a little damaged."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _damaged_utf8(body)
    if body.isascii():
        return _ascii(body, text, labels)
    # Only valid UTF-8 decodes as such: windows-1256 letters never follow its rules for long.
    if len(body) < _SAMPLE and _is_short_chance(body, labels):
        return None
    return Decoded(text, "utf-8", repaired=_overrules("utf-8", labels))


def _ascii(body: bytes, text: str, labels: list[str]) -> Decoded:
    """Return ASCII under the name of its label, so that nothing seems overruled."""
    for label in labels:
        if label.startswith("iso-2022") or label == "hz":
            return Decoded(body.decode(label, "replace"), label, repaired=False)
        if not label.startswith(("utf-16", "utf-32")):
            return Decoded(text, label, repaired=False)
    return Decoded(text, "utf-8", repaired=False)


_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)


def _is_short_chance(body: bytes, labels: list[str]) -> bool:
    """Whether valid UTF-8 is one lone sequence that reads well as the label's single-byte set."""
    if not labels or labels[0] in {"utf-8", "windows-1252"} or len(_SEQUENCE.findall(body)) > 1:
        return False
    try:
        here, _ = oddness(body.decode(codec_of(labels[0])))
    except (UnicodeDecodeError, LookupError):
        return False
    return here + _LABEL < oddness(body.decode("utf-8"))[0]


#: Damaged UTF-8 has at least so many good sequences for each bad byte.
_GOOD_TO_BAD = 3
#: With more faults than this, mending one by one would take too long.
_MOST_FAULTS = 20000


def _damaged_utf8(body: bytes) -> Decoded | None:
    sample = body[:_SAMPLE]
    good, bad = _good_and_bad(sample)
    cut = 3 if len(sample) < len(body) else 0  # the sample itself may end inside a letter
    if good == 0 or good < _GOOD_TO_BAD * (bad - cut):
        return None
    return Decoded(body.decode("utf-8", _fault_handler(body)), "utf-8", repaired=True)


def _fault_handler(body: bytes) -> str:
    return "replace" if _good_and_bad(body)[1] > _MOST_FAULTS else _HANDLER


_BEYOND_ASCII = re.compile(rb"[\x80-\xff]+")


def _good_and_bad(body: bytes) -> tuple[int, int]:
    """Return how many sequences of UTF-8 there are, and how many bytes that belong to none."""
    beyond = _BEYOND_ASCII.findall(body)
    good = _SEQUENCE.findall(b" ".join(beyond))
    return len(good), sum(map(len, beyond)) - sum(map(len, good))


_HANDLER = "aggregator-damaged-utf-8"
_GOOD = re.compile(_SEQUENCE.pattern + rb"|[\x00-\x7f]")
_CUT_OFF = re.compile(rb"(?:[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})\Z")


def _read_otherwise(error: UnicodeError) -> tuple[str, int]:
    """Return what bad bytes inside UTF-8 stand for, as a codec error handler.

    A letter cut off at the end of the body goes; other bytes come from a single-byte set that some
    template or script mixed in.
    """
    if not isinstance(error, UnicodeDecodeError):
        raise error
    body: bytes = error.object
    good = _GOOD.search(body, error.start + 1)
    end = good.start() if good else len(body)
    bad = body[error.start : end]
    if end == len(body) and _CUT_OFF.match(bad):
        return "", end
    around = body[max(0, error.start - 300) : error.start + 300]
    arabic = around.count(b"\xd8") + around.count(b"\xd9") > 4
    return bad.decode("cp1256" if arabic else "cp1252", "replace"), end


codecs.register_error(_HANDLER, _read_otherwise)


def _labelled_multibyte(body: bytes, labels: list[str], country: str | None) -> Decoded | None:
    """Return text in a set of several bytes a letter, where a label names one and it fits."""
    if not _MULTIBYTE.intersection(labels) or _reads_as_arabic(body, country):
        return None
    for label in labels:
        if label in _MULTIBYTE:
            text = body.decode(codec_of(label), "replace")
            if text.count("\ufffd") <= len(text) // 200:
                return Decoded(text, label, repaired=label != labels[0])
    return None


def _least_odd(body: bytes, labels: list[str], country: str | None) -> Decoded:
    """Return text in the set that makes it least odd, labels and country weighed."""
    known = [label for label in labels if _is_single_byte(label)]
    sample = _telling_part(body)
    likely = known[0] if known and known[0] != "windows-1252" else "windows-1256"
    bits, signs = oddness(sample.decode(codec_of(likely), "replace"))
    if bits <= _SOUND * signs and (known or signs >= _MANY):
        text = sample.decode(codec_of(likely), "replace")
        if likely != "windows-1256" or _ARABIC_LETTER.search(text):
            return _decoded(body, likely, labels)
    against = _against(known, country)
    best, best_bits = "", float("inf")
    for name, bits in against.items():
        text = sample.decode(codec_of(name), "replace")
        bits += oddness(text)[0]
        if name == "windows-1256" and not _ARABIC_LETTER.search(text):
            bits += _NO_ARABIC
        if bits < best_bits:
            best, best_bits = name, bits
    return _decoded(body, best, labels)


_ARABIC_LETTER = re.compile("[\u0621-\u064a]")


def _against(known: list[str], country: str | None) -> dict[str, float]:
    """Return the bits that speak against each set before the text is looked at."""
    against = _SETS | {label: 9.0 for label in known if label not in _SETS}
    for weight, label in zip((1.0, 0.7, 0.7), known, strict=False):
        against[label] -= weight * _WEAK_LABELS.get(label, _LABEL)
    country = (country or "").upper()
    if country in _COUNTRY_BITS:
        habit = _COUNTRY_BITS[country]
        against[habit] -= _TURKISH_HABIT if habit == "windows-1254" else _HABIT
    if country in _ALSO_FRENCH:
        against["windows-1252"] -= _HABIT
    return against


def _decoded(body: bytes, name: str, labels: list[str]) -> Decoded:
    text = body.decode(codec_of(name), "replace")
    return Decoded(text, name, repaired=_overrules(name, labels))


def _is_single_byte(label: str) -> bool:
    if label in _MULTIBYTE or label.startswith("utf-"):
        return False
    return len(b"\x20\x61".decode(codec_of(label), "replace")) == 2


def _reads_as_arabic(body: bytes, country: str | None) -> bool:
    """Whether a page of an Arab country is sound as windows-1256, whatever its label."""
    if _COUNTRY_BITS.get((country or "").upper()) != "windows-1256":
        return False
    bits, signs = oddness(_telling_part(body).decode("cp1256"))
    return bits <= _SOUND * signs


#: What parts words in markup becomes a blank.
_PARTED = bytes.maketrans(b'<>&;"=/', b" " * 7)
_ENOUGH_WORDS = 200
_PART = 8192


def _telling_part(body: bytes) -> bytes:
    """Return the first words with something outside ASCII; the rest says nothing of the set."""
    words: list[bytes] = []
    start = 0
    while start < len(body) and len(words) < _ENOUGH_WORDS:
        # Parts of a page end where words do.
        end = _WORDS_END.search(body, start + _PART)
        until = end.start() if end else len(body)
        part = body[start:until]
        if not part.isascii():
            parted = part.translate(_PARTED).split()
            words += [word[:60] for word in parted if not word.isascii()]
        start = until
    return b" ".join(words[:_ENOUGH_WORDS])


_WORDS_END = re.compile(rb"[\s<>&;\"=/]")
