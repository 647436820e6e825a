"""Pieces of a text of any language but Arabic: capitals where the script has them, stop words.

Scripts without blanks between words (Chinese, Japanese, Thai) give one piece a sign.
"""

import re
from functools import lru_cache

from aggregator.arabic import fold
from aggregator.keywords.lists import joins, names, openers, stops
from aggregator.keywords.pieces import ENDS, GOES_ON, MAY_END, Piece

_GLUED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(
    f"[{_GLUED}]"
    "|[0-9]+(?:[.,:][0-9]+)*%?(?![^\\W_])"
    f"|(?:(?![{_GLUED}])[^\\W_]|[\u0300-\u036f\u064b-\u0652\u0670\u0640\u0900-\u0dff])+"
    f"(?:[-\u200c](?:(?![{_GLUED}])[^\\W_]|[\u0300-\u036f\u064b-\u0652\u0670])+)*"
)
_NAME_GOES_ON = re.compile(" [A-Z\u00c0-\u00de][^\\W_]* [A-Z\u00c0-\u00de]")
_ONE_SIGN = re.compile(f"[{_GLUED}]")
#: Function words of Chinese and Japanese, one sign each.
_SMALL_SIGNS = frozenset(
    "的了在是和与及也就都而着对为从将被把这那有我你他她它们不年月日时个一二三四五六七八九十はがをにのとでもへやから"
)
#: Languages whose adjectives stand behind the noun, in small letters: Parti socialiste.
_ADJECTIVE_LAST = frozenset({"fr", "es", "it", "pt", "ro", "ca", "gl"})
#: Languages whose endings stand behind an apostrophe.
_ENDINGS = frozenset({"en", "tr", "az"})
_ENGLISH_ENDINGS = frozenset({"s", "t", "re", "ve", "ll", "d", "m"})
MOST_WORDS = 1500


@lru_cache(maxsize=65536)
def _folded(raw: str) -> str:
    return fold(raw, "search").replace(" ", "")


def _base(language: str) -> str:
    return language.partition("-")[0].lower()


def read(text: str, language: str) -> list[Piece]:
    """Return the pieces of a text whose first line is the title."""
    return _Reader(text, language).read()


class _Reader:
    def __init__(self, text: str, language: str) -> None:
        self.text, self.language = text, _base(language)
        self.stop, self.joins = stops(language), joins(language)
        self.openers = openers(language)
        self.pieces: list[Piece] = []
        self.raws: list[str] = []
        self.opening: list[bool] = []
        self.broken = True

    def read(self) -> list[Piece]:
        """Return the pieces."""
        start = 0
        for line, part in enumerate(self.text.split("\n")):
            self._line(part, start, line)
            start += len(part) + 1
            if len(self.pieces) > MOST_WORDS:
                break
        self._drop_edges()
        capitals = self._capitals()
        if any(capitals):
            self._cased(capitals)
        else:
            self._uncased()
        return self.pieces

    def _line(self, part: str, start: int, line: int) -> None:
        end, first = 0, True
        self.broken = True
        for found in _TOKEN.finditer(part):
            between = part[end : found.start()]
            tied = between in ("'", "\u2019")
            if not (tied or between.isspace() or between == ""):
                self.broken = True
                first = first or any(
                    sign in between for sign in '.!?:\u00ab\u201c"\u201e-\u2013\u2014'
                )
            if tied and self._is_ending(found[0]):
                self.broken = True
            else:
                begins = first and _NAME_GOES_ON.match(part, found.end()) is None
                first = self._word(found[0], start + found.start(), line, first, begins)
            end = found.end()

    def _is_ending(self, raw: str) -> bool:
        if self.language not in _ENDINGS:
            return False
        return self.language != "en" or raw.lower() in _ENGLISH_ENDINGS

    def _word(self, raw: str, start: int, line: int, first: bool, begins: bool) -> bool:
        """Take one word in; return whether the next one opens a sentence."""
        folded = _folded(raw)
        digits = raw[0].isdigit() and not any(sign.isalpha() for sign in raw)
        small = folded in self.joins
        named = not begins and raw[0].isupper() and folded in self.openers
        if (
            not folded
            or raw in _SMALL_SIGNS
            or (folded in self.stop and not (small or named))
            or (self.broken and (small or digits))
        ):
            self.broken = True
            return False
        one_sign = _ONE_SIGN.fullmatch(raw) is not None
        self.pieces.append(
            Piece(
                start=start,
                end=start + len(raw),
                line=line,
                word=folded,
                inner=folded,
                joined=not self.broken,
                first=not small and not digits,
                last=not small,
                single=not (small or digits or one_sign or named) and len(folded) > 2,
                weight=0.3 if one_sign else 1.0,
                definite=digits,
            )
        )
        self.raws.append(raw)
        self.opening.append(first)
        self.broken = False
        return False

    def _drop_edges(self) -> None:
        """Unjoin what small words at the edge of a run held together."""
        for at, piece in enumerate(self.pieces):
            after = self.pieces[at + 1] if at + 1 < len(self.pieces) else None
            if not piece.first and not piece.last and (after is None or not after.joined):
                piece.joined = False

    def _capitals(self) -> list[bool]:
        """Return for each piece whether it is written with a capital that means a name."""
        upper = [raw[0].isupper() for raw in self.raws]
        title = [word[0].isupper() for word in self.text.partition("\n")[0].split()]
        headline = len(title) > 2 and sum(title) > 0.7 * len(title)
        sure: set[str] = set()
        unsure = []
        for at, piece in enumerate(self.pieces):
            doubt = self.opening[at] or (headline and piece.line == 0)
            unsure.append(doubt)
            if upper[at] and not doubt:
                sure.add(piece.word)
        found = []
        for at, piece in enumerate(self.pieces):
            sure_next = (
                at + 1 < len(upper)
                and self.pieces[at + 1].joined
                and upper[at + 1]
                and not unsure[at + 1]
            )
            shouted = len(self.raws[at]) > 1 and self.raws[at].isupper() and not headline
            found.append(
                upper[at] and (not unsure[at] or piece.word in sure or sure_next or shouted)
            )
        return found

    def _cased(self, capitals: list[bool]) -> None:
        pieces = self.pieces
        for at, piece in enumerate(pieces):
            after = pieces[at + 1] if at + 1 < len(pieces) and pieces[at + 1].joined else None
            if capitals[at]:
                piece.weight = 1.3
                piece.heads = True
            else:
                piece.single = piece.single and len(piece.word) > 3
                piece.weight = 0.75
                piece.describes = self.language in _ADJECTIVE_LAST and piece.last
            if piece.joined:
                before = pieces[at - 1]
                piece.opens = not before.first or capitals[at] != capitals[at - 1]
                piece.turns = capitals[at] and not capitals[at - 1] and before.first
            if after is None:
                continue
            if not after.first:
                piece.closes = MAY_END
            elif capitals[at] == capitals[at + 1]:
                piece.closes = GOES_ON

    def _uncased(self) -> None:
        for piece in self.pieces:
            piece.opens, piece.closes = True, ENDS
            piece.heads = piece.word in names()
            piece.weight = min(piece.weight, 1.2 if piece.heads else 0.8)
