"""Tells pages that stand in the way (challenges, login pages) from pages that say something.

Pure and linear. Knows the marks that the common gatekeepers leave in headers and HTML; a page that
only talks about them is not taken for one, since marks are tags, scripts and titles, not words.
"""

import re
from collections.abc import Mapping
from typing import Final, Literal

Obstacle = Literal["challenge", "login"]

#: Such pages are short and say it at their top.
_LOOKED_AT: Final = 32_768
#: header → text that its value holds when the answer is a challenge
_HEADERS: Final = (
    ("cf-mitigated", "challenge"),
    ("x-amzn-waf-action", "challenge"),
    ("x-amzn-waf-action", "captcha"),
)
_SCRIPTS: Final = (
    b"/cdn-cgi/challenge-platform/",
    b"window._cf_chl_opt",
    b"cf-browser-verification",
    b"/_incapsula_resource?",
    b"sucuri_cloudproxy_js",
    b"/.well-known/ddos-guard/",
    b"ddos-guard/js-challenge",
    b"captcha-delivery.com/captcha",
    b"client.perimeterx.net",
    b"awswafintegration",
    b"bkswebchallenge",
    b"/__qrator/",
    b'/aes.js"></script><script>function tonumbers',
    b"slowaes.decrypt(",
    b"sgcaptcha",
    b"/_sec/cp_challenge/",
)
_TITLES: Final = (
    "just a moment...",
    "attention required!",
    "ddos-guard",
    "access denied",
    "checking your browser",
    "one moment, please...",
    "please wait...",
    "security check",
    "are you a robot",
    "are you human",
    "robot or human",
    "verify you are human",
    "pardon our interruption",
    "bot verification",
    "captcha",
    "لحظة من فضلك",
    "التحقق من أنك لست روبوت",
)
_LOGIN_TITLES: Final = (
    "log in",
    "login",
    "sign in",
    "تسجيل الدخول",
    "تسجيل دخول",
    "connexion",
    "se connecter",
)
_HEADING: Final = re.compile(rb"<(title|h1)\b[^>]{0,300}>([^<]{0,300})", re.IGNORECASE)
_PASSWORD: Final = re.compile(
    rb"<input\b[^>]{0,500}\btype\s{0,5}=\s{0,5}[\"']?password", re.IGNORECASE
)
_HTML: Final = re.compile(rb"<(?:!doctype\s+html|html|head|body|title|script)\b", re.IGNORECASE)
_XML: Final = re.compile(rb"<(?:rss|feed|rdf:rdf|urlset|sitemapindex)\b", re.IGNORECASE)
#: A page with more letters than this says something beside its form.
_SHORT: Final = 2_000


def obstacle(status: int, headers: Mapping[str, str], body: bytes) -> Obstacle | None:
    """Return what stands in the way, None where nothing does.

    Args:
        status: of the answer; challenges come with 200, 202, 403, 405, 429 and 503.
        headers: names in lower case.
        body: decompressed.
    """
    if any(mark in headers.get(name, "\0").lower() for name, mark in _HEADERS):
        return "challenge"
    top = body[:_LOOKED_AT]
    if not _HTML.search(top[:4096]) or _XML.search(top[:4096]):
        return None
    lower = top.lower()
    if any(mark in lower for mark in _SCRIPTS) and _is_short(top):
        return "challenge"
    headings = [_text(match[2]) for match in _HEADING.finditer(top)][:4]
    if any(heading.startswith(_TITLES) for heading in headings) and _is_short(top):
        return "challenge"
    says_login = any(heading.startswith(_LOGIN_TITLES) for heading in headings)
    if says_login and (status in {401, 403} or _PASSWORD.search(top) or _is_short(top)):
        return "login"
    return None


def _text(raw: bytes) -> str:
    """Return a heading in lower case, in the two encodings that Arabic pages come in."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("cp1256", "replace")
    return " ".join(text.lower().split()).removeprefix("الرجاء ")


def _is_short(top: bytes) -> bool:
    first, *parts = top.split(b"<")
    size, within = len(first), b""
    for part in parts:
        name = part[:7].lower()
        if within:
            within = b"" if name.startswith(b"/" + within) else within
        elif name.startswith((b"script", b"style")):
            within = name[:5]
        else:
            size += len(part.partition(b">")[2].strip())
    return size < _SHORT
