"""Names of encodings as the web writes them, and where a document states one.

The names we give back are those of the WHATWG Encoding Standard in lower case (utf-16-le and -be as
Python spells them). Its mappings that matter here: Latin 1 and ASCII mean windows-1252, ISO 8859-9
means windows-1254, UTF-16 in a meta element means UTF-8.
"""

import codecs
import re
from functools import lru_cache

#: How much of a document is searched for a declaration; the standard asks for 1024 bytes, real
#: pages put scripts first.
_HEAD = 8192
_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""", re.IGNORECASE)
_ENCODING = re.compile(r"""encoding\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]*")
_XML = re.compile(rb"""\s*<\?xml\b[^>]{0,300}?encoding\s*=\s*["']\s*([A-Za-z0-9_.:-]+)""")
_META = re.compile(
    rb"""<meta\b[^>]{0,400}?\bcharset\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""", re.IGNORECASE
)
#: Labels whose codec differs from what the name says, or which Python does not know.
_MEANT = {
    "ascii": "windows-1252",
    "iso8859-1": "windows-1252",
    "cp1252": "windows-1252",
    "iso8859-9": "windows-1254",
    "iso8859-11": "windows-874",
    "tis-620": "windows-874",
    "cp874": "windows-874",
    "gb2312": "gbk",
    "johab": "euc-kr",
    "cp949": "euc-kr",
    "cp932": "shift_jis",
    "shift-jis": "shift_jis",
    "big5hkscs": "big5",
    "utf-8-sig": "utf-8",
    "utf-16": "utf-16-le",
    "utf-32": "utf-32-le",
}
_ALIASES = {
    "asmo-708": "iso8859-6",
    "iso-8859-6-e": "iso8859-6",
    "iso-8859-6-i": "iso8859-6",
    "csiso88596e": "iso8859-6",
    "csiso88596i": "iso8859-6",
    "iso-ir-127": "iso8859-6",
    "arabic": "iso8859-6",
    "ecma-114": "iso8859-6",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "logical": "iso8859-8",
    "x-cp1250": "cp1250",
    "x-cp1251": "cp1251",
    "x-cp1252": "cp1252",
    "x-cp1253": "cp1253",
    "x-cp1254": "cp1254",
    "x-cp1255": "cp1255",
    "x-cp1256": "cp1256",
    "win-1256": "cp1256",
    "dos-720": "cp720",
    "dos-874": "cp874",
    "windows-874": "cp874",
    "x-mac-arabic": "mac-arabic",
    "x-mac-cyrillic": "mac-cyrillic",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "x-euc-jp": "euc-jp",
    "x-gbk": "gbk",
    "x-x-big5": "big5",
    "unicode": "utf-16-le",
    "unicode-1-1-utf-8": "utf-8",
    "unicode11utf8": "utf-8",
    "x-unicode20utf8": "utf-8",
    "utf": "utf-8",
}
#: Codecs of Python that are no character sets of documents, or that nobody should obey.
_REFUSED = re.compile(
    r"utf-7|idna|punycode|.*escape|undefined|mbcs|oem|palmos|.*_codec|rot-?13|charmap"
)


@lru_cache(maxsize=256)
def encoding_name(value: str | None) -> str | None:
    """Return the standard name that a label stands for, None if it names nothing usable.

    Args:
        value: a bare label, a whole Content-Type value, or the content of a meta element or XML
            declaration.
    """
    if not value:
        return None
    found = _CHARSET.search(value) or _ENCODING.search(value)
    bare = _NAME.fullmatch(value.strip(" \t\r\n\"';"))
    label = found[1] if found else bare and bare[0]
    if not label:
        return None
    label = label.lower().replace("_", "-")
    codec = _codec_name(_ALIASES.get(label, label))
    return codec and _MEANT.get(codec, _spelled(codec))


def _codec_name(label: str) -> str | None:
    try:
        info = codecs.lookup(label)
    except (LookupError, ValueError):
        return None
    name = info.name.replace("_", "-")
    if not getattr(info, "_is_text_encoding", True) or _REFUSED.fullmatch(name):
        return None
    return name


def _spelled(codec: str) -> str:
    name = re.sub(r"^cp(125\d)$", r"windows-\1", codec)
    return re.sub(r"^iso(8859|2022)-", r"iso-\1-", name)


def codec_of(name: str) -> str:
    """Return the Python codec of a name that ``encoding_name`` gave."""
    wide = {
        "windows-874": "cp874",
        "gbk": "gb18030",
        "euc-kr": "cp949",
        "shift_jis": "cp932",
        "big5": "big5hkscs",
    }
    return wide.get(name, name)


def declared(body: bytes) -> tuple[str | None, str | None]:
    """Return the labels in the meta element and in the XML declaration of a document."""
    head = body[:_HEAD]
    meta, xml = _META.search(head), _XML.match(head)
    return (
        meta[1].decode("ascii") if meta else None,
        xml[1].decode("ascii") if xml else None,
    )
