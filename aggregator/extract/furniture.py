"""Name the blocks that say of themselves what they are: read also, share, subscribe, tags.

The phrases stand in ``data/furniture.tsv``. A block is looked up by its first word, so the cost
does not grow with the list. Language only by its words; no network, no clock.
"""

import re
from importlib.resources import files
from typing import Final

#: nothing in the list is longer
_HEAD: Final = 60
_TRIM: Final = " \t\n\r·•|>»«<-–—*:.!…[](){}\"'“”„→←▶►▼+#\u200e\u200f\u061c\u200b\ufeff"
_TABLE: Final = str.maketrans(
    {
        **dict.fromkeys("أإآٱ", "ا"), "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "’": "'", "\xa0": " ",
        **dict.fromkeys([*range(0x64B, 0x660), 0x640, 0x670], None),
    }
)  # fmt: skip
_WORD: Final = re.compile(r"\w+|[^\w\s]")


def _fold(text: str) -> str:
    return " ".join(text.lower().translate(_TABLE).split())


def _load() -> tuple[tuple[str, ...], dict[str, int], dict[str, list[tuple[str, int]]]]:
    """Return the kinds, whole phrase → kind, first word → (phrase, kind), longest first."""
    kinds: list[str] = ["none"]
    whole: dict[str, int] = {}
    starts: dict[str, list[tuple[str, int]]] = {}
    table = files("aggregator.extract") / "data" / "furniture.tsv"
    for line in table.read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        kind, mode, phrases = line.split("\t")
        if kind not in kinds:
            kinds.append(kind)
        number = kinds.index(kind)
        for phrase in phrases.split("|"):
            blank = " " if phrase.endswith(" ") else ""
            folded = _fold(phrase).strip(_TRIM.replace(":", "")) + blank
            first = _WORD.search(folded)
            if first is None:
                continue
            if mode == "whole":
                whole.setdefault(folded, number)
            else:
                starts.setdefault(first.group(), []).append((folded, number))
    for listed in starts.values():
        listed.sort(key=lambda pair: -len(pair[0]))
    return tuple(kinds), whole, starts


KINDS, _WHOLE, _STARTS = _load()
#: the words with which phrases begin that a text is looked up by at a glance
_FIRST_WORDS: Final = frozenset(
    (*_STARTS, *(first.group() for phrase in _WHOLE if (first := _WORD.search(phrase))))
)
_BEGINNING: Final = re.compile(f"[{re.escape(_TRIM)}\\s]*([0-9A-Za-z]++)(?![^\x00-^`-\x7f])")


#: longer blocks are no calls
_MOST_CALL: Final = 160
_CALL: Final = re.compile(
    r"\W*(?:(?:للمزيد|لمتابعة|لمزيد)\b[^.]{0,60}?\s)?"
    r"(?:(?:تابع(?:ونا|وا|نا)?|[اإ]نضم(?:وا)?|[اإ]شتركو?ا?)\b[^.]{0,60}?"
    r"\b(?:[لبو]?(?:قناتنا|قنواتنا|صفحتنا|صفحاتنا|حسابنا|حساباتنا|مجموعتنا|تطبيقنا|نشرتنا)"
    r"|على\s(?:جوجل نيوز|غوغل نيوز|أخبار جوجل|وات ?س ?اب|تيلي?[جغ]رام|تلي?[جغ]رام))\b"
    r"|لل(?:انضمام|إنضمام|اشتراك|إشتراك)\s[^.]{0,60}?"
    r"\b[لبو]?(?:قناتنا|قنواتنا|صفحتنا|صفحاتنا|مجموعتنا|مجموعاتنا|نشرتنا)\b"
    r"|(?:join|follow|subscribe to|sign up (?:for|to))\s(?:us|our|the)\b[^.]{0,80}?"
    r"\b(?:channels?|whatsapp|telegram|facebook|instagram|twitter|youtube|newsletters?|google news)"
    r"\b|(?:folgen sie|abonnieren sie|folge)\s(?:uns|unser\w*)\b"
    r"|(?:recevez|inscrivez-vous)\b[^.]{0,60}?\b(?:newsletters?|infos?|actu(?:alité)?s?|e-?mail)\b"
    r"|(?:suivez|rejoignez|retrouvez)[- ](?:nous|notre|nos)\b[^.]{0,60}?"
    r"\b(?:chaîne|whatsapp|facebook|instagram|twitter|google)\b"
    r"|(?:ما را در|به کانال)\b[^.]{0,60}?(?:دنبال کنید|بپیوندید)"
    r"|(?:הצטרפו|עקבו)\b[^.]{0,60}?(?:ערוץ|קבוצ|וואטסאפ|טלגרם|פייסבוק)"
    r"|(?:suscr[ií]b[ea]te|suscríbase|suscribite|síguenos|seguinos|únete|sumate|sumáte)\b[^.]{0,60}?"
    r"\b(?:newsletter|boletín|canal|whatsapp|telegram|facebook|instagram|youtube|google)\b"
    r"|(?:clique aqui|siga|participe|inscreva-se|receba)\b[^.]{0,60}?"
    r"\b(?:newsletter|canal|grupo|whatsapp|telegram|facebook|instagram|youtube|google)\b"
    r"|(?:iscriviti|seguici|unisciti)\b[^.]{0,60}?"
    r"\b(?:newsletter|canale|whatsapp|telegram|facebook|instagram|youtube|google)\b"
    r"|(?:du möchtest|sie möchten|melde dich|melden sie sich|jetzt (?:für|zum|den|unseren))\b"
    r"[^.]{0,90}?\bnewsletter\b"
    r"|(?:meld je|schrijf je|volg ons|abonneer je)\b[^.]{0,60}?"
    r"\b(?:nieuwsbrief|whatsapp|facebook|instagram|google)\b"
    r"|(?:dołącz|obserwuj|zapisz się|polub)\b[^.]{0,60}?"
    r"\b(?:newslettera?|facebook\w*|instagram\w*|whatsapp\w*|google)\b"
    r"|ακολουθήστε\s(?:μας|το)\b[^.]{0,60}?\b(?:google news|facebook|instagram|youtube|viber)\b"
    r"|подпи(?:сывайтесь|шитесь)\sна\b[^.]{0,60}?(?:канал|телеграм|telegram|рассылк|youtube|дзен)"
    r"|thanks for reading\b[^.]{0,60}?\b(?:share|subscribe)\b)",
    re.IGNORECASE,
)

#: where the verb comes last: "… Google News'te takip edin."
_LAST: Final = ("takip edin", "abone olun", "katılın")
_CHANNEL: Final = re.compile(r"google news|whatsapp|telegram|instagram|youtube", re.IGNORECASE)
_SUPPORTED: Final = " is a reader-supported publication. To receive"

#: where the writer can be reached: "Nora Haddad covers city hall. Reach her at …"
_REACH = re.compile(
    r"[A-Z]\w+(?: [A-Z][\w.’'-]*){1,3} (?:is an?|covers|writes|reports|can be)\b[^\n]{0,120}?"
    r"(?:[Rr]each(?:ed)?|[Cc]ontact(?:ed)?|[Ee]mail|[Ff]ollow)(?: h(?:im|er)| them)?"
    r"(?: (?:at|on|by|via)\b|:)"
)


def is_call(text: str) -> bool:
    """Return whether a block only calls readers to follow the site or the writer, or to subscribe.

    >>> is_call("انضم لقناتنا على تليجرام"), is_call("Join our WhatsApp channel for the latest.")
    (True, True)
    >>> is_call("تابع الرئيس أعمال توسعة القناة")
    False
    >>> is_call("Jetzt verschickt die Stadt einen Newsletter an alle Haushalte.")
    False
    >>> is_call("للاشتراك في الخدمة على واتساب ترسل الوزارة رمزا")
    False
    """
    if len(text) > _MOST_CALL:
        return False
    if _CALL.match(text) is not None or ("@" in text and _REACH.match(text) is not None):
        return True
    if text.rstrip(" .!").endswith(_LAST):
        return _CHANNEL.search(text) is not None
    return _SUPPORTED in text


def furniture(text: str) -> int:
    """Return the number in ``KINDS`` of what ``text`` says it is; 0: nothing.

    >>> KINDS[furniture("إقرأ أيضاً: خبر آخر")], KINDS[furniture("Share this article")]
    ('also', 'share')
    >>> furniture("The minister said on Monday that he would share the report.")
    0
    """
    beginning = _BEGINNING.match(text, 0, _HEAD)
    if beginning and beginning[1].lower() not in _FIRST_WORDS:
        return 0
    head = _fold(text[:_HEAD]).lstrip(_TRIM)
    first = _WORD.search(head)
    if first is None:
        return 0
    if len(text) < _HEAD:
        kind = _WHOLE.get(head.rstrip(_TRIM))
        if kind:
            return kind
    listed = _STARTS.get(first.group())
    if listed:
        for phrase, kind in listed:
            if head.startswith(phrase):
                after = head[len(phrase) : len(phrase) + 1]
                if not after.isalnum() or not phrase[-1].isalnum():
                    return kind
    return 0
