"""Facts about display text: golden cases, our table, chains of misreading, hostile input."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.arabic import display, fold, split_site
from aggregator.arabic.mojibake import _CODECS, _reading, is_lost, repair
from tests.arabic_cases import golden, read_wrongly, table, unseen

ILLEGAL_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
TITLES = (
    "الرئيس يستقبل وزير الخارجية",
    "عاجل: زلزال يضرب فاس",
    "تراجع أسعار النفط 3% و«أوبك+» تجتمع غدا",
    "منتخب المغرب يتأهل إلى النهائي للمرة الثانية - Reuters",
    "من هو مرشح الرئاسة؟",
)


def misread(raw: bytes, name: str) -> str:
    """Decode bytes as a reading shows them: C1 controls where the set has no sign."""
    sign = {byte: char for char, byte in reversed(_reading(name).table.items())}
    return "".join(sign.get(byte, chr(byte)) for byte in raw)


@pytest.mark.parametrize("case", golden("display"), ids=lambda case: case["id"])
def test_golden_case(case):
    shown = display(case["raw"], case["lang"])
    if case["expected"] is None:
        assert shown.text is None
    else:
        accepted = [
            answer["text"] if isinstance(answer, dict) else answer
            for answer in (case["expected"], *case.get("accepted", ()))
        ]
        title, suffix = (
            split_site(shown.text, case["site"]) if "site" in case else (shown.text, None)
        )
        assert title in accepted, case["note"]
        assert suffix == case["expected"].get("suffix")
    assert shown.repaired is case.get("expected_repaired", False)


@pytest.mark.parametrize(("language", "raw", "want", "why"), table("display.tsv"))
def test_shown(language, raw, want, why):
    assert display(raw, language).text == (None if want == "(nothing)" else want), why


@pytest.mark.parametrize("case", unseen("arabic/display"), ids=lambda case: case["why"])
def test_unseen_text(case):
    raw = case.get("raw", case["expected"])
    for encoding, mistaken in case.get("misread", ()):
        raw = read_wrongly(raw, encoding, mistaken)
    for sign in case.get("dropped", ""):
        raw = raw.replace(sign, "")
    shown = display(raw.replace(*case.get("swapped", ("", ""))), case["lang"])
    assert shown.text in (case["expected"], *case.get("accepted", ()))
    assert shown.repaired is case.get("repaired", shown.repaired)


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("name", _CODECS)
def test_utf8_read_as_another_set_comes_back(title, name):
    assert display(misread(title.encode(), name)) == display(title).__class__(title, True)


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("name", ["latin", "turkish", "central", "mac", "dos", "dos-latin"])
def test_windows_1256_read_as_another_set_comes_back(title, name):
    assert display(misread(title.encode("cp1256"), name)).text == title


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize(
    "chain",
    [
        "latin latin",
        "latin latin latin",
        "arabic arabic",
        "arabic latin",
        "latin arabic",
        "thai latin",
    ],
)
def test_utf8_misread_more_than_once_comes_back(title, chain):
    text = title
    for name in chain.split():
        text = misread(text.encode(), name)
    assert display(text).text == title


@pytest.mark.parametrize("title", TITLES)
def test_windows_1256_read_as_latin_and_saved_as_utf8_comes_back(title):
    once = misread(title.encode("cp1256"), "latin")
    assert display(misread(once.encode(), "latin")).text == title
    assert display(misread(once.encode(), "arabic")).text == title


@pytest.mark.parametrize("title", TITLES)
def test_misread_utf8_comes_back_without_its_invisible_bytes(title):
    assert display(re.sub("[\x80-\x9f\xad]", "", misread(title.encode(), "latin"))).text == title


@pytest.mark.parametrize("name", ["arabic", "thai"])
@pytest.mark.parametrize(
    "title",
    [
        "Élections à Québec : l’été d’Égypte",
        "Citroën à Málaga",
        "İstanbul’da şiddetli yağış",
        "Bakan açıkladı",
        "Müller übernimmt Führung in der Großen Straße",
        "Elección en España",
    ],
)
def test_accents_misread_within_latin_words_come_back(title, name):
    assert display(misread(title.encode(), name)).text == title


def test_hebrew_misread_as_arabic_comes_back():
    title = "ראש הממשלה נפגש עם השר"
    assert display(misread(title.encode(), "arabic")).text == title


def test_turkish_read_as_latin_comes_back_where_the_text_is_turkish():
    assert display("Ýstanbul'da þiddetli yaðýþ", "tr").text == "İstanbul'da şiddetli yağış"
    assert display("Þingvellir og Öxarárfoss", "is").text == "Þingvellir og Öxarárfoss"
    named = "İzlandalı şarkıcı Þórður İstanbul'da"
    assert display(named, "tr").text == named


@pytest.mark.parametrize(
    "text",
    [
        "Économie : là où l’été s’achève, « déjà » vu",
        "OÙ…",
        "MAÇÃ”",
        "São Paulo: AÇÃO",
        "Þingvellir og Öxarárfoss",
        "Příliš žluťoučký kůň úpěl ďábelské ódy",
        "Zażółć gęślą jaźń",
        "İstanbul’da ağır kış şartları",
        "МОСКВА. США и ЕС",
        "ΕΛΛΑΔΑ: ΝΕΑ ΜΕΤΡΑ",
        "กรุงเทพมหานคร ชุมนุมทุกวัน",
        "שלום עולם",
        "الضغط، الحفظ؛ قط؟ وسط» ظ…",
        "أگادير وأڤينيون",
        "فيتامين Bأ أو Cإ",
        "word أ© 2020 AFP، وكالات",
        "Toyotaรถใหม่ iPhoneรุ่น",
        "القياس 10×20 سم، 5×4",
        "¯\\_(ツ)_/¯",
        "────┼────",
        "«·»",
    ],
)
def test_honest_text_is_not_repaired(text):
    assert repair(text) == (text, False)


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("???? ??? ?????", True),
        ("\ufffd\ufffd\ufffd \ufffd\ufffd", True),
        ("؟؟؟ ؟؟؟؟", True),
        ("???? ????? 2025", True),
        ("من هو؟؟؟", False),
        ("Why???", False),
        ("؟", False),
        ("مصر تف\ufffdز", False),
        ("", False),
        ("2025", False),
    ],
)
def test_lost_text(text, lost):
    assert is_lost(text) is lost


TROUBLE = (
    "ابتة 3?؟،&;#x<>/b[]!CDATA0123456789amp;quot;nbsp\u0640\u200c\u200d\u202e\ufeff\xad\x85\x9f\xa0"
    "ØÙ§„طظ§ع©ÃÂâ€™ÇáÑÆíÓุู„Ш§\ufffd\ud800\udc00\x00یک«·»—┘╪\u06be🔴\ufe0f\u0301"
)


@settings(max_examples=300)
@given(
    st.one_of(st.text(), st.text(alphabet=TROUBLE, max_size=40)),
    st.sampled_from(["ar", "fa", "xx"]),
)
def test_any_text_gives_legal_xml_or_nothing(text, language):
    shown = display(text, language).text
    assert shown is None or (shown and not ILLEGAL_XML.search(shown))


@settings(max_examples=200)
@given(st.text(alphabet=TROUBLE, max_size=30))
def test_shown_text_is_its_own_display_fold(text):
    shown = display(text).text or ""
    assert fold(shown, "display") == shown or "\u200c" in shown or set("یکھ") & set(shown)


def test_no_more_than_thirty_marks_in_a_row_are_kept():
    marks = "\u064e\u0651\u0301"
    text = f"ن{marks * 200_000} نص {marks} ن{marks * 20}"
    assert fold(text, "display") == fold(f"ن{marks * 10} نص {marks} ن{marks * 10}", "display")
    assert display(f"ن{marks}").text == fold(f"ن{marks}", "display")


PIECES = (
    "&amp;|&#|<b|<![CDATA[|<script>|Ø§|ط§|Ø|Ç |?|\ufffd |\u0640|\u200d|ة|لا |🔴\u200d|\ud800|\x00"
    "|&lt;b |ุง|«·|\u200c|\u0640\u064e|\u0640\u200c|\xa0|a\u0301|ﻻ|ﷺ|یک |&amp"
)


@pytest.mark.parametrize("piece", PIECES.split("|"))
@pytest.mark.timeout(60)
def test_long_text_is_shown_in_time(piece):
    text = piece * (180_000 // len(piece))
    shown = display(text).text
    assert shown is None or len(shown) <= 20 * len(text)
