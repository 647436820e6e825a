"""Blanks, invisible signs and characters that XML 1.0 forbids.

``tidy`` leaves text that may stand in any XML 1.0 document, on one line, without direction marks,
controls, private-use and zero-width signs. It keeps what carries meaning: the joiners inside emoji
and in Indic scripts, the non-joiner where the caller says the language uses it.
"""

import re

_EMOJI = "\u2190-\u2bff\U0001f000-\U0001faff"
#: Scripts in which both joiners are part of the spelling.
_JOINING_SCRIPTS = "\u0900-\u0dff\u1000-\u109f\u1780-\u17ff\u1800-\u18af"

_BLANK = re.compile("[\t\n\v\f\r\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
#: Dropped wherever they stand: controls, soft hyphen, direction marks, zero-width signs,
#: surrogates, private use, noncharacters.
_DROPPED = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufe00-\ufe0e\ufeff\ufff0-\ufffc"
    "\ufffe\uffff\U0001fffe\U0001ffff\U0002fffe\U0002ffff\U0003fffe-\U000e001f"
    "\U000e0080-\U000e00ff\U000e01f0-\U0010ffff"
)
_DROP = re.compile(f"[{_DROPPED}]+")
#: Joiners, the emoji selector and tag letters are looked at one by one.
_CONDITIONAL = re.compile("[\u200c\u200d\ufe0f\U000e0020-\U000e007f]")
_LOOSE_JOINER = re.compile(
    f"(?<![{_EMOJI}\ufe0f{_JOINING_SCRIPTS}\U000e007f])\u200d"
    f"|(?<![{_JOINING_SCRIPTS}])\u200d(?![{_EMOJI}])"
)
_LOOSE_SELECTOR = re.compile(f"(?<![{_EMOJI}0-9#*\xa9\xae\u200d])\ufe0f")
_LOOSE_TAG = re.compile("(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0020-\U000e007f]+")
_LOOSE_NON_JOINER = re.compile(f"(?<![{_JOINING_SCRIPTS}])\u200c+")
#: Between two Arabic letters; anywhere else it does nothing even in Persian.
_IDLE_NON_JOINER = re.compile(
    f"(?<![\u0620-\u065f\u066e-\u06ef\u06fa-\u06ff{_JOINING_SCRIPTS}])\u200c+"
    f"|\u200c+(?![\u0620-\u065f\u066e-\u06ef\u06fa-\u06ff{_JOINING_SCRIPTS}])"
)
_ODD = re.compile(
    f"[\t-\r\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000{_DROPPED}"
    "\u200c\u200d\ufe0f\U000e0020-\U000e007f]"
)
#: The sign هـ of Hijri years, often shaped with a joiner instead of a tatweel.
_HIJRI_JOINER = re.compile("(?<![\u0620-\u065f\u066e-\u06d3])\u0647\u200d(?![\u0620-\u065f])")
_BLANK_BEFORE_SIGN = re.compile(" +(?=[\u060c\u061b\u061f])")
_BLANKS = re.compile("  +")


def tidy(text: str, *, keep_non_joiner: bool = False) -> str:
    """Return ``text`` on one line, with legal and visible characters only.

    Args:
        text: any string, lone surrogates included.
        keep_non_joiner: keep U+200C between Arabic letters, as Persian and its kin write it.
    """
    if _ODD.search(text):
        text = _BLANK.sub(" ", text)
        text = _DROP.sub("", text)
        if _CONDITIONAL.search(text):
            text = _joiners(text, keep_non_joiner=keep_non_joiner)
    if " \u060c" in text or " \u061b" in text or " \u061f" in text:
        text = _BLANK_BEFORE_SIGN.sub("", text)
    if "  " in text:
        text = _BLANKS.sub(" ", text)
    return text.strip(" ")


def _joiners(text: str, *, keep_non_joiner: bool) -> str:
    text = _HIJRI_JOINER.sub("\u0647\u0640", text)
    text = _LOOSE_TAG.sub("", text)
    text = (_IDLE_NON_JOINER if keep_non_joiner else _LOOSE_NON_JOINER).sub("", text)
    text = _LOOSE_SELECTOR.sub("", text)
    return _LOOSE_JOINER.sub("", text)
