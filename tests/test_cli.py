"""The command line: exit codes, one line an error, what goes where."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from aggregator.cli.tables import table
from aggregator.exporters import segments

ROOT = Path(__file__).parent.parent
SEED = ROOT / "tests" / "data" / "seed" / "000_c3a5d13f4eaa2ea5.txt"


class Shell:
    """Runs commands with a data folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {
            **{name: value for name, value in os.environ.items() if "AGGREGATOR" not in name},
            "AGGREGATOR_DATA": str(folder / "data"),
            "LC_ALL": "C.UTF-8",
        }

    def __call__(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "aggregator", *words],
            env=self.env | env, cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_the_seed_comes_in_and_goes_out_the_same(shell: Shell, tmp_path: Path) -> None:
    assert shell("import", str(SEED)).returncode == 0
    record = json.loads(shell("export", "jsonl").stdout)
    assert record["title"] == "كازاخستان تختار التطبيع مع إسرائيل وتبتعد عن الذاكرة الفلسطينية"
    assert record["published"][:10] == "2025-11-07"
    assert record["published_precision"] == "day"
    assert len(record["paragraphs"]) == 7
    assert record["source"]["name"] == "بوابة الوفد"
    assert [len(each["paragraphs"]) for each in record["related"]] == [5]
    card = tmp_path / "card.txt"
    assert shell("export", "text", "--output", str(card)).returncode == 0
    assert "1 unchanged" in shell("import", str(card)).stderr
    other = Shell(tmp_path / "other")
    assert other("import", str(card)).returncode == 0
    again = json.loads(other("export", "jsonl").stdout)
    changing = {"at", "first_seen"}
    assert {k: v for k, v in again.items() if k not in changing} == {
        k: v for k, v in record.items() if k not in changing
    }


def test_a_damaged_file_is_named_and_nothing_of_it_is_stored(shell: Shell, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    assert shell("import", str(SEED)).returncode == 0
    good = shell("export", "jsonl").stdout
    bad.write_text(good.replace("كازاخستان تختار", "عنوان آخر") + '{"schema": 1, "se', "utf-8")
    done = shell("import", str(bad), str(SEED))
    assert done.returncode == 1
    assert f"{bad}:2" in done.stderr
    assert len(shell("export", "jsonl", "--since", "0").stdout.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["exprot"], 2, "did you mean export?"),
        (["export", "rsss"], 2, "rsss"),
        (["export", "rss", "--since", "3"], 2, "no cursor in a feed"),
        (["export", "jsonl", "--since", "x"], 2, "--since"),
        (["crawl", "alwafed"], 2, "did you mean alwafd?"),
        (["sources", "show", "nothing-like-it"], 2, "unknown source"),
        (["export", "rss", "--source", "alwafed"], 2, "did you mean alwafd?"),
        (["import", "/nowhere/at/all.txt"], 1, "/nowhere/at/all.txt"),
        (["search", "x"], 1, "there is no store yet"),
        (["replay", "/nowhere.warc"], 1, "/nowhere.warc"),
    ],
)  # fmt: skip
def test_errors_are_one_line(shell: Shell, words: list[str], code: int, said: str) -> None:
    done = shell(*words)
    assert (done.returncode, done.stderr.count("\n")) == (code, 1), done.stderr
    assert done.stderr.startswith("aggregator: ")
    assert said in done.stderr
    assert done.stdout == ""


def test_a_table_shows_sources_whole_and_wraps_reasons() -> None:
    rows = [("a-source-of-some-length", "broken", "2025-11-07 10:00", "a long reason, " * 12)]
    lines = table(("source", "state", "since", "why"), rows, wrapped=(3,)).splitlines()
    assert all(str(cell) in lines[2] for cell in rows[0][:3])
    assert max(map(len, lines)) <= 80
    assert sum(line.count("reason") for line in lines) == 12


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"AGGREGATOR_DATABSE": "x"}, "did you mean database?"),
        ({"AGGREGATOR_DELAY_S": "soon"}, "AGGREGATOR_DELAY_S"),
        ({"AGGREGATOR_ALERT_SECRET": "short"}, "AGGREGATOR_ALERT_SECRET"),
        ({"AGGREGATOR_SOURCES": "/nowhere"}, "no such folder of sources"),
        ({"AGGREGATOR_DATABASE": "postgresql+psycopg://x@127.0.0.1:1/x"}, "the store failed"),
        ({"AGGREGATOR_DATABASE": "mysterydb://x"}, "mysterydb"),
    ],
)
def test_wrong_settings_are_named(shell: Shell, env: dict[str, str], said: str) -> None:
    done = shell("crawl", "alwafd", **env)
    assert done.returncode in {1, 2}
    assert done.stderr.count("\n") == 1, done.stderr
    assert said in done.stderr


def test_an_unwritable_output_is_named_and_an_empty_result_keeps_the_last_file(
    shell: Shell, tmp_path: Path
) -> None:
    assert shell("import", str(SEED)).returncode == 0
    out = tmp_path / "all.rss"
    assert shell("export", "rss", "--output", str(out)).returncode == 0
    good = out.read_bytes()
    done = shell("export", "rss", "--country", "MA", "--output", str(out))
    assert out.read_bytes() == good
    assert done.returncode == 0
    done = shell("export", "rss", "--output", "/proc/nowhere/all.rss")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


def test_messages_are_arabic_where_that_is_asked(shell: Shell) -> None:
    assert "لا نتائج" not in shell("search", "x").stderr
    assert shell("import", str(SEED)).returncode == 0
    assert "لا نتائج." in shell("--lang", "ar", "search", "غيرموجود").stderr
    assert "لا نتائج." in shell("search", "غيرموجود", LC_ALL="ar_EG.UTF-8").stderr
    assert "مصدر غير معروف" in shell("--lang", "ar", "sources", "show", "x").stderr


def test_segments_go_on_where_they_were(shell: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "segments"
    assert shell("import", str(SEED)).returncode == 0
    for _ in range(2):
        done = shell("export", "jsonl", "--segments", str(folder))
        assert done.returncode == 0, done.stderr
    lines = b"".join(segments.read(folder)).decode()
    assert lines == shell("export", "jsonl", "--since", "0").stdout


def test_show_tells_the_history(shell: Shell, tmp_path: Path) -> None:
    assert shell("import", str(SEED)).returncode == 0
    line = shell("export", "jsonl").stdout
    edited = tmp_path / "edited.jsonl"
    edited.write_text(line.replace("تختار التطبيع", "تعلن التطبيع"), encoding="utf-8")
    assert "1 edited" in shell("import", str(edited)).stderr
    name = json.loads(line)["id"]
    said = shell("show", name).stdout
    assert "[-تختار-] {+تعلن+}" in said
    assert shell("health", "--json").stdout.strip() == "[]"
