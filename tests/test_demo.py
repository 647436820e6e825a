"""The demo as a stranger runs it: what it prints, and that everything it writes is sound."""

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import feedparser
import pytest

from tests import validators

ROOT = Path(__file__).parent.parent
TITLE = "كازاخستان تختار التطبيع مع إسرائيل وتبتعد عن الذاكرة الفلسطينية"
RELATED = "ترامب: أجريت للتو مكالمة رائعة جمعت نتنياهو ورئيس كازاخستان"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    out = tmp_path_factory.mktemp("demo") / "out"
    words = [sys.executable, "-m", "aggregator", "demo", "--out", str(out)]
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return out, done.stdout


@pytest.fixture(scope="module")
def rows(demo: tuple[Path, str]) -> list[dict[str, Any]]:
    text = (demo[0] / "articles.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_it_shows_two_crawls_and_the_seed_record(demo: tuple[Path, str]) -> None:
    said = demo[1]
    assert "First crawl" in said
    assert "Second crawl" in said
    assert "moujaz: " in said  # the feed that died is named
    assert f"\n{TITLE}\nتاريخ النشر: 7th, November 2025 GMT\n" in said
    assert "المصدر: بوابة الوفد" in said
    assert f"إقرأ أيضاً:\n{RELATED}" in said
    tables = said.partition("The seed record")[0].splitlines()
    assert max(map(len, tables)) <= 80


def test_the_seed_record_is_whole(rows: list[dict[str, Any]]) -> None:
    (record,) = [row for row in rows if row["title"] == TITLE]
    assert record["published"] == "2025-11-07T14:15:00+02:00"
    assert len(record["paragraphs"]) == 7
    assert record["source"]["name"] == "بوابة الوفد"
    (related,) = [each for each in record["related"] if each["title"] == RELATED]
    assert related["source"] == "نهار الشام"
    assert len(related["paragraphs"]) == 5
    assert any("كازاخستان" in word for word in record["keywords"])


def test_there_are_enough_of_every_kind(rows: list[dict[str, Any]]) -> None:
    assert len(rows) >= 40
    assert len({row["source"]["id"] for row in rows}) == 8
    assert {row["language"] for row in rows} == {"ar", "fr", "en"}
    assert all(row["published"] for row in rows)


def test_agency_text_points_to_the_agency(rows: list[dict[str, Any]]) -> None:
    (first,) = [row for row in rows if row["source"]["id"] == "khabar" and "أوبك" in row["title"]]
    copies = [row for row in rows if row["copy_of"] == first["id"]]
    assert {row["source"]["id"] for row in copies} == {"nahar", "hijaz", "moujaz"}
    assert {each["source"] for each in first["also_in"]} == {"nahar", "hijaz", "moujaz"}


@pytest.mark.parametrize(("word", "sources"), [("كريت", 3), ("أكادير", 3)])
def test_reports_of_one_event_share_a_cluster(
    rows: list[dict[str, Any]], word: str, sources: int
) -> None:
    told = [row for row in rows if word in row["title"] and row["copy_of"] is None]
    assert len({row["source"]["id"] for row in told}) == sources
    assert len({row["cluster"] for row in told}) == 1, [row["title"] for row in told]


def test_printed_dates_of_all_regions_are_read(rows: list[dict[str, Any]]) -> None:
    days = {row["source"]["id"]: row["published"][:10] for row in rows if "كريت" in row["title"]}
    assert set(days.values()) == {"2025-11-09"}


def test_edit_and_deletion_are_in_the_log(demo: tuple[Path, str]) -> None:
    store = sqlite3.connect(demo[0] / "data" / "aggregator.db")
    events = dict(store.execute("SELECT event, count(*) FROM changes GROUP BY event").fetchall())
    titles = store.execute("SELECT count(*) FROM versions WHERE kind = 'title'").fetchone()[0]
    store.close()
    assert events["deleted"] == 1
    assert titles == 1


def feeds(out: Path) -> list[Path]:
    return sorted((out / "feeds").iterdir())


def test_every_feed_is_valid(demo: tuple[Path, str]) -> None:
    kinds = {".rss": "rss", ".atom": "atom", ".json": "json_feed"}
    found = feeds(demo[0])
    assert len(found) == 27
    for path in found:
        problems = getattr(validators, kinds[path.suffix])(path.read_bytes())
        assert problems == [], (path.name, problems[:3])


def test_feeds_read_back_whole(demo: tuple[Path, str], rows: list[dict[str, Any]]) -> None:
    parsed = feedparser.parse((demo[0] / "feeds" / "all.rss").read_bytes())
    assert not parsed.bozo
    assert {entry.id for entry in parsed.entries} == {row["id"] for row in rows}
    by_id = {row["id"]: row for row in rows}
    for entry in parsed.entries:
        text = entry.content[0].value
        assert by_id[entry.id]["paragraphs"][0][:40] in text.replace("&amp;", "&")


@pytest.mark.skipif(not shutil.which("newsboat"), reason="needs newsboat (Debian package)")
def test_newsboat_shows_each_article_once(
    demo: tuple[Path, str], rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    (tmp_path / "urls").write_text(f"file://{demo[0] / 'feeds' / 'all.rss'}\n", encoding="utf-8")
    (tmp_path / "config").write_text("", encoding="utf-8")
    command = ["newsboat", "-u", "urls", "-c", "cache.db", "-C", "config", "-x", "reload"]
    for _ in range(2):
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    cache = sqlite3.connect(tmp_path / "cache.db")
    shown = cache.execute("SELECT guid, title FROM rss_item").fetchall()
    cache.close()
    assert len(shown) == len(rows)
    assert {guid for guid, _ in shown} == {row["id"] for row in rows}


def test_it_never_takes_another_folder_away(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x", encoding="utf-8")
    words = [sys.executable, "-m", "aggregator", "demo", "--out", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 2
    assert (tmp_path / "mine.txt").exists()
