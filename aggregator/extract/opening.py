"""Lines that stand between a headline and its text: dates, bylines, the headline again, menus.

They are short, hold no sentence, and come just before the first long paragraph; the text itself
does not look like them there. Pure, linear time.
"""

import re

from aggregator.extract.credit import is_credit_line, places

#: how far above a text the lines of its head stand
OPENING_BLOCKS = 8
#: a line of more characters is a paragraph
MOST_LETTERS = 120
#: words that a date, a clock, a zone and "published on" need, or a name and a place
MOST_WORDS = 8
#: a block that ends like a sentence is text from so many characters on
LEAST_SENTENCE = 80

_WHEN = re.compile(
    r"\b\d{1,2}\b\D{1,20}\b(?:1[34589]|20)\d\d\b|\b\d{1,2}[:.٫h]\d{2}\b"
    r"|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\b\d{4}-\d{2}-\d{2}\b"
)
_DAY = re.compile(r"^\D{0,40}\b\d{1,2}(?:st|nd|rd|th|er|\.)?\s+[^\W\d_]{3,12}\W*$")
_BYLINE = re.compile(
    r"\W*(?:كتبت?(?:ها|ه)?\s*[:：/–-]|(?:بقلم|إعداد|اعداد|تحرير)\b\s*[:：/–-]?\s*\w"
    r"|(?:By|Von|Par|Por)\s+[A-Z]|Posted\b|Published\b|Updated\b|Last updated\b|نشر\s+في\b"
    r"|تاريخ النشر\b|آخر تحديث\b)"
)
#: how long it takes to read: "3 min read", "1 minuti di lettura"
_READING = re.compile(r"\W*\d{1,2}\s+(?:min(?:\b|[su]\w*)|دقائق|دقيقة|دقیقه).{0,18}")
#: a byline that ends with a colon, and whose own text it is: "كتبت- مروة شعلان:", "(الغد) خاص:"
_OWN = re.compile(r"\W*[^\W\d_]+(?:\s[^\W\d_]+){0,3}(?:\W*[-–/)\]]\W*|\s)خاص\W*$")
_SIGNED = re.compile(r"\W*كتبت?\s?[:：/–-]\s?[^\W\d_]+(?: [^\W\d_]+){1,3}\s?:\W*")
_EASTERN = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
#: a place and who reports from there
_FROM = re.compile(r"([^\W\d_][^\d:/–-]{1,25}?)\s*[-–:/]\s*[^\W\d_]+(?: [^\W\d_]+){1,3}")
# the signs of vowels in the scripts of India are no letters to \w
_WORDS = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0900-\u0dff])*")
_SENTENCE = re.compile(r"[.!?؟。！？…۔।]\s*$|[,،;؛:]\s*$")
_BARS = re.compile(r"[|•·»/]")


def is_menu(text: str) -> bool:
    """Return whether a line is a row of short parts between bars, or on lines of their own."""
    return len(text) <= MOST_LETTERS and len(_BARS.findall(text)) + text.count("\n") >= 2


def is_sentence(text: str) -> bool:
    """Return whether a shorter block is running text all the same: it ends like a sentence."""
    return len(text) >= LEAST_SENTENCE and bool(_SENTENCE.search(text))


def is_opening_line(text: str, title: str = "") -> bool:
    """Return whether a block before the text is only a date, a byline, the title or these together.

    >>> is_opening_line("الأحد 9 نوفمبر 2025 - 02:30 م"), is_opening_line("كتبت: سارة عبد الله")
    (True, True)
    >>> is_opening_line("In 2025 the city had 3 million people.")
    False
    """
    text = " ".join(text.split())
    if title and text.lower().startswith(title.lower()):
        text = text[len(title) :].strip(" |-–—·:")
        if not text:
            return True
    if not text or len(text) > MOST_LETTERS:
        return False
    if _SENTENCE.search(text):
        return _SIGNED.fullmatch(text) is not None or _OWN.fullmatch(text) is not None
    if len(_WORDS.findall(text)) > MOST_WORDS:
        return False
    if _WHEN.search(text.translate(_EASTERN)) or _DAY.match(text) or _BYLINE.match(text):
        return not is_credit_line(text)  # which names the agency, and goes once it has been read
    if _OWN.fullmatch(text) or _READING.fullmatch(text):
        return True
    return (found := _FROM.fullmatch(text)) is not None and found[1] in places()
