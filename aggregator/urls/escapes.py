"""One spelling for every character of an address: NFC, escapes only where needed, upper case.

RFC 3986 §2 and §6.2.2, RFC 3987 §3.1. Bytes that are no UTF-8 (old windows-1256 paths) stay as
they are escaped. Linear time, never raises.
"""

import re
import unicodedata
from typing import NamedTuple

_UNRESERVED = r"A-Za-z0-9._~\-"
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
#: escapes of Arabic letters that need no work: upper case, valid, no mark that NFC would join
_ARABIC = r"%D8%[89AB][0-9A-F]|%D9%(?:[8AB][0-9A-F]|9[0-26-9A-F])|%D[AB]%[89AB][0-9A-F]"
_RUN = re.compile(r"(?:%[0-9A-Fa-f]{2})+|%")
#: letters beyond ASCII that were escaped twice
_TWICE = re.compile(r"(?:%25[89A-Fa-f][0-9A-Fa-f]){2,}")
_ASCII = re.compile(r"[\x00-\x7f]")
_UNFIT = re.compile(rf"[^{_UNRESERVED}!$&'()*+,;=:@/?%\[\]]+")


class Part(NamedTuple):
    """The rules of one part of an address.

    Attributes:
        done: matches what is already in its one spelling.
        unsafe: what has to be escaped.
        same: signs whose escape means the sign itself; %2F in a path does not.
    """

    done: re.Pattern[str]
    unsafe: re.Pattern[str]
    same: frozenset[str]


PATH = Part(
    re.compile(rf"(?:[{_UNRESERVED}!$&'()*+,;=:@/]++|{_ARABIC})*+"),
    re.compile(rf"[^{_UNRESERVED}!$&'()*+,;=:@/%]+"),
    _LETTERS | frozenset("!'()*,:@"),
)
QUERY = Part(
    re.compile(rf"[{_UNRESERVED}!$'()*,:@/?=]*"),
    re.compile(rf"[^{_UNRESERVED}!$'()*,:@/?=%;+]+"),
    _LETTERS | frozenset("!$'()*,:@/?"),
)


def normal(text: str, part: Part) -> str:
    """Return ``text`` in the one spelling of its part of an address."""
    if part.done.fullmatch(text):
        return text
    if "%25" in text:
        text = _once(text)
    if "%" in text:
        text = _RUN.sub(lambda run: _decoded(run[0], part.same), text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return part.unsafe.sub(escape, text)


def legal(text: str) -> str:
    """Return ``text`` with only what RFC 3986 forbids escaped."""
    if "%" in text:
        text = _RUN.sub(lambda run: run[0] if run[0] != "%" else "%25", text)
    return _UNFIT.sub(escape, text)


def escape(run: re.Match[str]) -> str:
    """Return the escapes of the matched characters; lone surrogates are written as they are."""
    return "%" + run[0].encode("utf-8", "surrogatepass").hex("%").upper()


def _once(text: str) -> str:
    for _ in range(4):
        again = _TWICE.sub(_unescape, text)
        if again == text:
            break
        text = again
    return text


def _unescape(run: re.Match[str]) -> str:
    once = run[0].replace("%25", "%")
    try:
        bytes.fromhex(once.replace("%", "")).decode()
    except UnicodeDecodeError:
        return run[0]
    return once


def _decoded(run: str, same: frozenset[str]) -> str:
    if run == "%":
        return "%25"
    raw = bytes.fromhex(run.replace("%", ""))
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("utf-8", "surrogateescape")
    else:
        if raw[0] > 127 and not _ASCII.search(text):
            return text
    return "".join(
        char
        if char in same or (char > "\x7f" and not "\udc80" <= char <= "\udcff")
        else f"%{ord(char) & 0xFF:02X}"
        for char in text
    )
