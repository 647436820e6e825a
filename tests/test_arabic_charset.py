"""Facts about decoding: golden cases, sets under any label, damage, hostile bytes."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.arabic import decode
from aggregator.arabic.labels import encoding_name
from tests.arabic_cases import golden, unseen

ARABIC = "أعلن رئيس الوزراء اليوم تشكيل لجنة لمراجعة أسعار الطاقة، وقال إن النتائج ستعلن خلال شهر."
SHORT = ("أسعار الذهب", "عاجل", "في مصر", "الرئيس يستقبل وزير الخارجية", "3 قتلى في حلب")
FRENCH = (
    "Économie : la Banque d’Algérie révise ses prévisions",
    "Éducation",
    "Le président reçoit l’ambassadeur de France à Tunis",
    "Où en est l’enquête ?",
)
OTHERS = (
    ("cp1255", "windows-1255", "IL", "ראש הממשלה נפגש עם שר החוץ"),
    (
        "cp1254",
        "windows-1254",
        "TR",
        "Türkiye’de seçim sonuçları açıklandı, İstanbul’da kar yağışı",
    ),
    ("cp1251", "windows-1251", "RU", "Президент России прибыл в Каир"),
    ("cp1253", "windows-1253", "GR", "Ο πρωθυπουργός στο Κάιρο για συνομιλίες"),
    ("cp1256", "windows-1256", "IR", "افزايش قيمت طلا در بازار تهران، گزارش پليس"),
    (
        "cp1250",
        "windows-1250",
        "PL",
        "Rząd przyjął projekt budżetu na przyszły rok, środki są większe",
    ),
)


@pytest.mark.parametrize("case", golden("charset"), ids=lambda case: case["id"])
def test_golden_case(case):
    labels = {name: case[name] for name in ("header", "meta", "xml_declaration", "country")}
    decoded = decode(base64.b64decode(case["bytes_b64"]), **labels)
    assert decoded.encoding in {name.replace("_", "-") for name in case["accepted_encodings"]}
    assert case["expected"]["first_words"] in decoded.text
    assert case.get("allow_replacement") or "\ufffd" not in decoded.text


@pytest.mark.parametrize("case", unseen("arabic/charset"), ids=lambda case: case["why"])
def test_unseen_page(case):
    text, encoding = case["text"], case["encoding"]
    body = bytes.fromhex(case.get("bom", "")) + text.encode(encoding)
    if "bad" in case:
        position, byte = case["bad"]
        body = body[:position] + bytes.fromhex(byte) + body[position + 1 :]
    body = body[: len(body) - case.get("cut", 0)]
    labels = {name: case[name] for name in ("header", "meta", "xml_declaration", "country")}
    decoded = decode(body, **labels)
    assert decoded.repaired is case.get("repaired", decoded.repaired)
    if "bad" in case:  # what the bad byte stands for, and its letter, is not asked
        assert decoded.text.startswith(body[:position].decode(encoding, "ignore"))
        assert decoded.text.endswith(body[position + 2 :].decode(encoding, "ignore"))
    elif "cut" in case:
        assert decoded.text == body.decode(encoding, "ignore")
    else:
        assert decoded.text == text


@pytest.mark.parametrize("text", [*SHORT, ARABIC])
@pytest.mark.parametrize("country", ["EG", "SA", None])
@pytest.mark.parametrize(
    "header", [None, "iso-8859-1", "utf-8", "windows-1252", "text/html; charset=ISO-8859-1", "none"]
)
def test_windows_1256_under_any_label(text, country, header):
    decoded = decode(text.encode("cp1256"), header=header, country=country)
    assert (decoded.text, decoded.encoding) == (text, "windows-1256")


@pytest.mark.parametrize("text", [*SHORT, ARABIC])
@pytest.mark.parametrize(
    "header", [None, "windows-1256", "iso-8859-1", "iso-8859-6", "utf-8", "gbk"]
)
def test_utf8_under_any_label(text, header):
    decoded = decode(text.encode(), header=header, country="EG")
    assert (decoded.text, decoded.encoding) == (text, "utf-8")
    assert decoded.repaired is (header not in (None, "utf-8"))


@pytest.mark.parametrize("header", ["iso-8859-6", "ISO-8859-6", "asmo-708", None, "utf-8"])
def test_iso_8859_6(header):
    decoded = decode(ARABIC.replace("،", "").encode("iso8859_6"), header=header, country="EG")
    assert (decoded.encoding, "\ufffd" in decoded.text) == ("iso-8859-6", False)


@pytest.mark.parametrize("text", FRENCH)
@pytest.mark.parametrize("country", ["DZ", "MA", "FR", None])
@pytest.mark.parametrize("header", [None, "windows-1252", "iso-8859-1", "utf-8"])
def test_french_is_not_taken_for_arabic(text, country, header):
    decoded = decode(text.encode("cp1252"), header=header, country=country)
    assert (decoded.text, decoded.encoding) == (text, "windows-1252")


@pytest.mark.parametrize(("codec", "name", "country", "text"), OTHERS)
@pytest.mark.parametrize("labelled", [True, False])
def test_sets_of_other_countries(codec, name, country, text, labelled):
    decoded = decode(text.encode(codec), header=name if labelled else None, country=country)
    assert (decoded.text, decoded.encoding, decoded.repaired) == (text, name, False)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_utf16_with_and_without_its_mark(codec, mark):
    decoded = decode((mark + ARABIC).encode(codec))
    assert (decoded.text, decoded.encoding) == (ARABIC, codec)


def test_utf32_with_its_mark():
    assert decode(("\ufeff" + ARABIC).encode("utf-32-le")).text == ARABIC


@pytest.mark.parametrize("name", ["koi8-r", "gbk", "big5", "shift_jis", "euc-kr", "iso-2022-jp"])
def test_other_labels_are_obeyed(name):
    text = {"koi8-r": "Новости дня", "euc-kr": "뉴스 속보"}.get(name, "日本 新聞")
    decoded = decode(text.encode(name), header=name)
    assert (decoded.text, decoded.encoding) == (text, name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("koi8-r", "Президент России прибыл в Каир"),
        ("gbk", "中国新闻今天报道了开罗的会议"),
        ("shift_jis", "日本のニュースを伝える新聞です"),
        ("euc-kr", "오늘의 뉴스를 전합니다"),
    ],
)
def test_other_sets_are_known_without_a_label(name, text):
    decoded = decode(text.encode(name))
    assert (decoded.text, decoded.encoding) == (text, name)


def test_label_is_found_in_the_document():
    page = f'<html><head><meta charset="windows-1256"><title>{ARABIC}</title>'.encode("cp1256")
    assert decode(page) == decode(page, meta="windows-1256")
    feed = f'<?xml version="1.0" encoding="windows-1256"?><t>{ARABIC}</t>'.encode("cp1256")
    assert decode(feed).encoding == "windows-1256"
    assert not decode(feed).repaired


def test_wrong_meta_inside_a_utf8_page_is_overruled():
    page = f'<meta http-equiv="Content-Type" content="text/html; charset=windows-1256">{ARABIC}'
    decoded = decode(page.encode())
    assert (decoded.text, decoded.encoding, decoded.repaired) == (page, "utf-8", True)


def test_ascii_keeps_its_label():
    assert decode(b"plain", header="windows-1256").encoding == "windows-1256"
    assert decode(b"plain").encoding == "utf-8"
    assert decode(b"").text == ""


def test_letter_cut_off_at_the_end_goes():
    decoded = decode("الحكومة المصرية".encode()[:-1])
    assert (decoded.text, decoded.repaired) == ("الحكومة المصري", True)


def test_stray_bytes_in_utf8_are_read_as_windows_bytes():
    body = "قالت الحكومة ".encode() + b"\x93" + "نعم لكل المطالب".encode() + b"\x94\xa0"
    assert decode(body).text == "قالت الحكومة “نعم لكل المطالب”\xa0"
    mixed = ARABIC.encode() * 3 + " خبر قديم".encode("cp1256") + ARABIC.encode()
    assert " خبر قديم" in decode(mixed).text


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("UTF8", "utf-8"),
        ("text/html; charset=utf-8", "utf-8"),
        ("text/html;charset='Windows-1256'", "windows-1256"),
        ("cp1256", "windows-1256"),
        ("x-cp1256", "windows-1256"),
        ("latin1", "windows-1252"),
        ("us-ascii", "windows-1252"),
        ("ISO_8859-6", "iso-8859-6"),
        ("iso-8859-9", "windows-1254"),
        ("gb2312", "gbk"),
        ("text/html", None),
        ("utf-7", None),
        ("base64", None),
        ("unicode_escape", None),
        ("idna", None),
        ("\u0430" * 50, None),
        ("", None),
        (None, None),
    ],
)
def test_labels(label, name):
    assert encoding_name(label) == name


@settings(max_examples=300)
@given(
    st.binary(max_size=200), st.sampled_from([None, "utf-8", "windows-1256", "gbk", "x", "utf-16"])
)
def test_any_bytes_decode(body, label):
    decoded = decode(body, header=label, meta=label, country="EG")
    decoded.text.encode()


@settings(max_examples=200)
@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_utf8_comes_back_as_it_was(text):
    body = ("خبر " + text).encode()
    assert decode(body, header="windows-1256").text == body.decode()


@pytest.mark.parametrize(
    "piece",
    [b"\xff", b"\xc7\xe1 ", b"\xd8\xa7\xff", b"a\xff", b"\x00", b"<meta ", b"\x06", b"<?xml "],
)
@pytest.mark.timeout(60)
def test_long_bodies_decode_in_time(piece):
    body = piece * (2_000_000 // len(piece))
    found = decode(body)
    assert found.encoding
    assert len(found.text) <= len(body)
