"""Reasons are told in both languages: every one of them, with the plurals of Arabic."""

import ast
import typing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator import health
from aggregator.crawl import checking
from aggregator.faults import KINDS, describe
from aggregator.types import PageKind
from aggregator.watching import FIELDS
from aggregator.wording import Message, table, told


def test_a_message_is_its_english_text() -> None:
    message = Message("{what}: {where}", what=Message("answer is empty"), where="http://a.test/f")
    assert message == "answer is empty: http://a.test/f"
    assert told(message, "en") == message
    assert type(told(message, "en")) is str
    assert told(message, "ar") == "الجواب فارغ: http://a.test/f"


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        (1, "لا جديد منذ ساعة"),
        (2, "لا جديد منذ ساعتين"),
        (3, "لا جديد منذ 3 ساعات"),
        (11, "لا جديد منذ 11 ساعة"),
        (47, "لا جديد منذ 47 ساعة"),
        (103, "لا جديد منذ 103 ساعات"),
    ],
)
def test_numbers_take_their_plural(hours: int, text: str) -> None:
    assert told(Message("nothing new for {count} hours", count=hours), "ar") == text


def _keys(path: str) -> set[str]:
    """Return the first argument of each ``Message(…)`` that is a plain text."""
    tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Message":
            for part in ast.walk(node.args[0]):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    found.add(part.value)
    return found


def test_every_reason_has_an_arabic_text() -> None:
    said = {text for _, text in KINDS.values()} | {str(describe("http_404").key)}
    said |= {*FIELDS, *checking.FIELDS, *typing.get_args(PageKind), "links"}
    said |= {"name", "robots", "seed", "page"}
    for module in (health, checking):
        assert module.__file__
        said |= _keys(module.__file__)
    assert sorted(said - set(table())) == []


def test_every_arabic_text_fills_the_same_places() -> None:
    for key, text in table().items():
        parts = dict.fromkeys(("what", "where", "one", "other", "target", "fields", "status"), "x")
        parts |= dict.fromkeys(("means", "seconds", "when"), "x") | {"count": "5"}
        for form in [text] if isinstance(text, str) else text.values():
            assert form.format_map(parts)
        assert key.format_map(parts)


@given(st.text(), st.sampled_from(["ar", "en"]))
def test_no_text_from_the_net_is_taken_for_a_place(text: str, lang: str) -> None:
    assert text in told(Message("{where}: {what}", where=text, what="0"), lang) or text in table()
    assert isinstance(told(text, lang), str)
