"""Segments: resumable after a crash at any point, nothing lost, nothing told twice."""

import gzip
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from aggregator import record
from aggregator.errors import ExportError
from aggregator.exporters import segments
from tests.exporter_cases import AT_FIRST, PLAIN

STORED = record.dumps(PLAIN)


def lines(first: int, last: int) -> list[bytes]:
    return [
        record.line(seq=seq, event="new", at=AT_FIRST, record_json=STORED)
        for seq in range(first, last + 1)
    ]


def numbers(folder: Path, since: int = 0) -> list[int]:
    return [json.loads(line)["seq"] for line in segments.read(folder, since)]


def test_full_segments_are_compressed_and_entered(tmp_path):
    with segments.Segments(tmp_path, lines=3) as log:
        assert log.last_seq == 0
        assert log.append(lines(1, 8)) == 8
        assert log.last_seq == 8
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("000001.jsonl.gz", "000002.jsonl.gz", "000003.jsonl", "manifest.json")
    ]
    entered = json.loads((tmp_path / "manifest.json").read_bytes())["segments"]
    assert [(each["first_seq"], each["last_seq"], each["lines"]) for each in entered] == [
        (1, 3, 3),
        (4, 6, 3),
    ]
    for each in entered:
        data = (tmp_path / each["file"]).read_bytes()
        assert len(data) == each["bytes"]
        assert hashlib.sha256(data).hexdigest() == each["sha256"]
    assert gzip.decompress((tmp_path / "000001.jsonl.gz").read_bytes()) == b"".join(lines(1, 3))
    assert numbers(tmp_path) == list(range(1, 9))
    assert numbers(tmp_path, since=4) == [5, 6, 7, 8]


def test_a_folder_goes_on_where_it_stopped(tmp_path):
    for first, last in ((1, 2), (3, 3), (4, 9)):
        with segments.Segments(tmp_path, lines=4) as log:
            assert log.last_seq == first - 1
            log.append(lines(first, last))
    assert numbers(tmp_path) == list(range(1, 10))


def test_lines_that_are_there_already_are_passed_over(tmp_path):
    with segments.Segments(tmp_path, lines=4) as log:
        log.append(lines(1, 6))
        assert log.append(lines(1, 7)) == 1
    assert numbers(tmp_path) == list(range(1, 8))


@pytest.mark.parametrize("cut", [1, 10, len(lines(5, 5)[0]) - 1])
def test_a_half_written_line_is_dropped_and_written_again(tmp_path, cut):
    with segments.Segments(tmp_path, lines=10) as log:
        log.append(lines(1, 4))
    with (tmp_path / "000001.jsonl").open("ab") as stream:
        stream.write(lines(5, 5)[0][:cut])
    assert numbers(tmp_path) == [1, 2, 3, 4]
    with segments.Segments(tmp_path, lines=10) as log:
        assert log.last_seq == 4
        log.append(lines(5, 6))
    assert numbers(tmp_path) == [1, 2, 3, 4, 5, 6]


def test_a_crash_before_the_manifest_packs_the_segment_again(tmp_path):
    with segments.Segments(tmp_path, lines=10) as log:
        log.append(lines(1, 4))
    (tmp_path / "000001.jsonl.gz").write_bytes(b"half a file")
    with segments.Segments(tmp_path, lines=5) as log:
        log.append(lines(5, 6))
    assert numbers(tmp_path) == [1, 2, 3, 4, 5, 6]


def test_a_crash_behind_the_manifest_drops_the_old_file(tmp_path):
    with segments.Segments(tmp_path, lines=4) as log:
        log.append(lines(1, 4))
    (tmp_path / "000001.jsonl").write_bytes(b"".join(lines(1, 4)))
    with segments.Segments(tmp_path, lines=4) as log:
        assert log.last_seq == 4
        log.append(lines(5, 5))
    assert numbers(tmp_path) == [1, 2, 3, 4, 5]
    assert not (tmp_path / "000001.jsonl").exists()


WRITER = """
import sys
from pathlib import Path
from aggregator.exporters.segments import Segments
from tests.test_segments import lines
log = Segments(Path(sys.argv[1]), lines=7)
while log.last_seq < 10_000:
    log.append(lines(log.last_seq + 1, log.last_seq + 3))
    print(log.last_seq, flush=True)
"""


def test_nothing_is_lost_or_doubled_over_kills(tmp_path):
    told = 0
    for round_ in range(5):
        command = [sys.executable, "-c", WRITER, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            for _ in range(5 + round_ * 7):
                told = int(process.stdout.readline())
            process.kill()
        found = numbers(tmp_path)
        assert found == list(range(1, len(found) + 1))
        assert len(found) >= told
    with segments.Segments(tmp_path) as log:
        assert log.last_seq == len(numbers(tmp_path))


def test_damage_and_unwritable_folders_are_one_line(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ExportError, match="segments cannot be written"):
        segments.Segments(tmp_path / "file" / "x")
    (tmp_path / "manifest.json").write_bytes(b"{")
    with pytest.raises(ExportError, match="manifest is damaged"):
        segments.Segments(tmp_path)
    (tmp_path / "manifest.json").write_bytes(b'{"segments":[]}')
    (tmp_path / "000001.jsonl").write_bytes(b"no number\n")
    with pytest.raises(ExportError, match="segment is damaged"):
        segments.Segments(tmp_path)
