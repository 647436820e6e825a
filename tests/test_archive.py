"""Pages kept as WARC and read back, through crashes and full disks."""

import gzip
import io
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from aggregator.archive import Archive, Position, read, records
from aggregator.errors import ImportFileError, StoreError
from aggregator.types import Page

NOW = datetime(2025, 11, 10, 12, tzinfo=UTC)


def page(number: int = 1, body: bytes | None = None, **values) -> Page:
    given = {
        "url": f"https://a.test/خبر/{number}",
        "body": f"<p>خبر {number}</p>".encode() if body is None else body,
        "headers": {"content-type": "text/html; charset=utf-8", "etag": '"a"'},
        "requested": f"https://a.test/?id={number}",
        "redirects": (f"https://a.test/?id={number}", "https://a.test/b"),
        "fetched": NOW,
    }
    return Page(**{**given, **values})


def write(folder: Path, *pages: Page, at: datetime = NOW, **options) -> list[Position]:
    with Archive(folder, **options) as archive:
        return [archive.write(each, "alwafd", at) for each in pages]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.warc.gz"))


def test_a_page_comes_back_as_it_was(tmp_path):
    write(tmp_path, page())
    assert list(read([tmp_path])) == [page()]
    [stored] = records([tmp_path])
    assert stored.source_id == "alwafd"


def test_any_warc_reader_reads_our_files_record_by_record(tmp_path):
    write(tmp_path, page(1), page(2), page(1, url="https://b.test/copy"))
    with (tmp_path / names(tmp_path)[0]).open("rb") as file:
        kinds = [
            (record.rec_type, record.rec_headers.get_header("WARC-Target-URI"))
            for record in ArchiveIterator(file, check_digests="raise")
            if record.content_stream().read() is not None
        ]
    assert [kind for kind, _ in kinds] == ["warcinfo", "response", "response", "revisit"]
    assert kinds[3][1] == "https://b.test/copy"


def test_a_known_body_is_named_and_not_kept_again(tmp_path):
    big = os.urandom(50_000)
    positions = write(tmp_path, page(1, big), page(2, big), page(3, b"other"))
    assert positions[2].offset - positions[1].offset < 2_000
    # in a later run too, and in another file
    write(tmp_path, page(4, big), at=NOW + timedelta(days=1))
    assert len(names(tmp_path)) == 2
    assert (tmp_path / names(tmp_path)[1]).stat().st_size < 3_000
    assert [each.body for each in read([tmp_path])] == [big, big, b"other", big]
    # the second file alone finds it through the index
    assert [each.body for each in read([tmp_path / names(tmp_path)[1]])] == [big]


def test_files_are_named_by_day_and_number_and_turn_when_they_are_full(tmp_path):
    write(tmp_path, *(page(n, os.urandom(3_000)) for n in range(5)), max_bytes=5_000)
    write(tmp_path, page(9), at=NOW + timedelta(days=1))
    assert names(tmp_path) == [
        "aggregator-20251110-00001.warc.gz",
        "aggregator-20251110-00002.warc.gz",
        "aggregator-20251110-00003.warc.gz",
        "aggregator-20251111-00004.warc.gz",
    ]
    assert len(list(read([tmp_path]))) == 6


def test_runs_of_one_day_share_a_file(tmp_path):
    for number in range(3):
        write(tmp_path, page(number))
    assert len(names(tmp_path)) == 1
    assert len(list(read([tmp_path]))) == 3


def test_nothing_from_the_net_gets_into_names_or_record_headers(tmp_path):
    evil = page(
        url="https://a.test/../../etc/passwd\r\nWARC-Type: request",
        requested="https://a.test/\n\nx",
        redirects=("https://a.test/a b",),
        headers={"x-evil": "a\r\nInjected: 1", "../../name": "b"},
    )
    write(tmp_path, evil)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "aggregator-20251110-00001.warc.gz",
        "index.tsv",
    ]
    [found] = read([tmp_path])
    assert found.url == "https://a.test/../../etc/passwd%20WARC-Type:%20request"
    assert found.headers["x-evil"] == "a Injected: 1"
    assert "injected" not in found.headers


def test_reading_resumes_behind_a_position(tmp_path):
    write(tmp_path, *(page(n) for n in range(4)), max_bytes=1_500)
    everything = list(records([tmp_path]))
    for number, stored in enumerate(everything):
        rest = records([tmp_path], after=stored.position)
        assert [each.page for each in rest] == [each.page for each in everything[number + 1 :]]
    with pytest.raises(ImportFileError, match=r"no such file.*other\.warc"):
        list(records([tmp_path], after=Position(file="other.warc.gz", offset=0)))


@pytest.mark.parametrize("lost", [1, 30, 200])
def test_a_torn_end_is_left_out_and_cut_off_before_the_next_record(tmp_path, lost):
    write(tmp_path, page(1), page(2, os.urandom(500)))
    path = tmp_path / names(tmp_path)[0]
    whole = path.read_bytes()
    path.write_bytes(whole[:-lost])
    assert [each.url for each in read([path])][:1] == [page(1).url]
    path.write_bytes(whole + whole[-400:-100])  # a record that was not finished
    write(tmp_path, page(3))
    assert [each.url for each in read([path])] == [page(n).url for n in (1, 2, 3)]


def test_a_torn_line_of_the_index_takes_its_record_with_it(tmp_path):
    write(tmp_path, page(1), page(2))
    index = tmp_path / "index.tsv"
    index.write_bytes(index.read_bytes()[:-10])
    write(tmp_path, page(3))
    assert [each.url for each in read([tmp_path])] == [page(1).url, page(3).url]


def test_without_its_index_an_archive_goes_on_in_a_new_file(tmp_path):
    write(tmp_path, page(1))
    (tmp_path / "index.tsv").unlink()
    write(tmp_path, page(2))
    assert len(names(tmp_path)) == 2
    assert len(list(read([tmp_path]))) == 2


def test_a_full_disk_is_one_clear_error_and_leaves_whole_records(tmp_path):
    """A file size limit in a process of its own stands for the disk."""
    script = f"""
import resource, signal, os
from pathlib import Path
from tests.test_archive import NOW, page
from aggregator.archive import Archive
from aggregator.errors import StoreError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
with Archive(Path({str(tmp_path)!r})) as archive:
    try:
        for number in range(100):
            archive.write(page(number, os.urandom(3_000)), "alwafd", NOW)
    except StoreError as error:
        print(number, error)
    archive.write(page(999, b"small"), "alwafd", NOW)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    number, message = done.stdout.strip().split(" ", 1)
    assert re.fullmatch(r"page cannot be archived: .*\.warc\.gz: OSError: .*too large.*", message)
    found = [each.url for each in read([tmp_path])]
    assert found == [page(n).url for n in range(int(number))] + [page(999).url]
    write(tmp_path, page(1000))
    assert len(list(read([tmp_path]))) == int(number) + 2


def test_an_unwritable_folder_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="archive cannot be opened"):
        Archive(tmp_path / "file")


def foreign(body: bytes, encoding: str | None = None, gzipped: bool = True) -> bytes:
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=gzipped)
    headers = [("Content-Type", "text/html")]
    if encoding:
        headers.append(("Content-Encoding", encoding))
    http = StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1")
    writer.write_record(
        writer.create_warc_record(
            "http://x.test/",
            "response",
            payload=io.BytesIO(body),
            length=len(body),
            http_headers=http,
        )
    )
    return out.getvalue()


@pytest.mark.parametrize("gzipped", [True, False])
@pytest.mark.parametrize("encoding", [None, "gzip"])
def test_files_of_other_programs_are_read(tmp_path, gzipped, encoding):
    body = gzip.compress("خبر".encode()) if encoding else "خبر".encode()
    path = tmp_path / "other.warc"
    path.write_bytes(foreign(body, encoding, gzipped))
    [stored] = records([path])
    assert stored.page.body == "خبر".encode()
    assert stored.source_id is None
    assert stored.page.headers == {"content-type": "text/html"}


def test_long_bodies_are_left_out_and_the_rest_is_read(tmp_path):
    path = tmp_path / "other.warc.gz"
    bomb = gzip.compress(b"\0" * 50_000_000)
    path.write_bytes(foreign(bomb, "gzip") + foreign(b"x" * 200) + foreign(b"short"))
    assert [each.body for each in read([path], max_body_bytes=100)] == [b"short"]


@pytest.mark.parametrize("content", [b"hello\n" * 100, b"\x1f\x8b\x08garbage", b"\0" * 1000])
def test_what_is_no_warc_file_is_named(tmp_path, content):
    path = tmp_path / "x.warc.gz"
    path.write_bytes(content)
    with pytest.raises(ImportFileError, match=r"x\.warc\.gz"):
        list(read([path]))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ImportFileError, match="cannot be read"):
        list(read([tmp_path / "no.warc.gz"]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    st.lists(
        st.builds(
            Page,
            url=st.text(max_size=50).map(lambda text: "http://a.test/" + text),
            body=st.binary(max_size=300),
            status=st.integers(100, 599),
            headers=st.dictionaries(st.text(max_size=10), st.text(max_size=30), max_size=4),
        ),
        max_size=5,
    )
)
def test_any_pages_come_back_with_their_bodies(tmp_path_factory, pages):
    folder = tmp_path_factory.mktemp("archive")
    write(folder, *pages)
    assert [(each.body, each.status) for each in read([folder])] == [
        (each.body, each.status) for each in pages
    ]
