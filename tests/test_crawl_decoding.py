"""Bodies are decompressed piece by piece and never beyond their limits."""

import gzip
import os
import tracemalloc
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.crawl.decoding import Body, layers, zstd
from aggregator.errors import FetchError


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


PACKERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "deflate ": raw_deflate,
    "br": brotli.compress,
    "zstd": zstd.compress,
    "gzip, gzip": lambda data: gzip.compress(gzip.compress(data)),
    "br, gzip": lambda data: gzip.compress(brotli.compress(data)),
}


def undo(data: bytes, encoding: str, step: int = 65_536, most: int = 10_000_000) -> bytes:
    body = Body("http://a.test/", encoding, most, 150.0)
    for start in range(0, len(data), step):
        body.feed(data[start : start + step])
    return body.finish()


def kind_of(data: bytes, encoding: str, step: int = 65_536, most: int = 10_000_000) -> str:
    with pytest.raises(FetchError) as caught:
        undo(data, encoding, step, most)
    return caught.value.kind


@given(
    st.binary(max_size=3_000) | st.text(max_size=1_000).map(str.encode),
    st.sampled_from(sorted(PACKERS)),
    st.integers(1, 4_000),
)
def test_what_was_packed_comes_out_however_it_is_cut(data, encoding, step):
    assert undo(PACKERS[encoding](data), encoding, step) == data


@given(st.binary(min_size=50, max_size=500), st.sampled_from(sorted(PACKERS)), st.integers(1, 40))
def test_a_missing_end_is_noticed(data, encoding, lost):
    packed = PACKERS[encoding](data)
    assert kind_of(packed[: max(1, len(packed) - lost)], encoding) in {"truncated", "bad_encoding"}


@given(st.binary(max_size=500), st.sampled_from(sorted(PACKERS)))
def test_no_bytes_do_more_than_raise_a_fault(data, encoding):
    kind = None
    try:
        undo(data, encoding, 7)
    except FetchError as error:
        kind = error.kind
    assert kind in {None, "truncated", "bad_encoding"}


@pytest.mark.parametrize("step", [7, 4096, 10_000_000])
def test_members_and_what_is_behind_them(step):
    one, two = gzip.compress(b"abc" * 100), gzip.compress(b"def" * 100)
    whole = b"abc" * 100 + b"def" * 100
    assert undo(one + two, "gzip", step) == whole
    assert undo(one + b"\0" * 20 + two, "gzip", step) == whole
    assert undo(one + b"rubbish", "gzip", step) == b"abc" * 100
    frames = zstd.compress(b"abc" * 100) + zstd.compress(b"def" * 100)
    assert undo(frames, "zstd", step) == whole


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("gzip", ("gzip",)),
        ("GZIP ", ("gzip",)),
        ("gzip, br", ("br", "gzip")),
        ("identity", ()),
        ("utf-8", ()),
        ("", ()),
        ("none, gzip", ("gzip",)),
    ],
)
def test_headers_as_servers_write_them(header, expected):
    assert layers(header) == expected


def test_a_server_that_says_gzip_and_sends_plain_text_is_read():
    assert undo(b"<html>", "gzip") == b"<html>"


ZEROS = b"\0" * 60_000_000
BOMBS = {
    "gzip": gzip.compress(ZEROS, 9),
    "deflate": zlib.compress(ZEROS, 9),
    "deflate ": raw_deflate(ZEROS),
    "br": brotli.compress(ZEROS, quality=5),
    "zstd": zstd.compress(ZEROS, 9),
    "gzip, gzip": gzip.compress(gzip.compress(ZEROS, 9), 9),
    "br, br": brotli.compress(brotli.compress(ZEROS, quality=5)),
}
del ZEROS


@pytest.mark.parametrize("step", [64, 65_536])
@pytest.mark.parametrize("encoding", BOMBS)
def test_bombs_are_stopped_before_they_take_memory(encoding, step):
    tracemalloc.start()
    try:
        kind = kind_of(BOMBS[encoding], encoding, step)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert kind in {"bomb", "too_large"}
    assert peak < 25_000_000


def test_sizes_count_before_and_after():
    noise = os.urandom(2_000)
    assert kind_of(noise, "", most=1_999) == "too_large"
    assert kind_of(gzip.compress(b"a" * 2_000), "gzip", most=1_999) == "too_large"
    assert undo(noise, "", most=2_000) == noise
    assert undo(gzip.compress(b"a" * 2_000), "gzip", most=2_000) == b"a" * 2_000


def test_small_pages_may_shrink_as_well_as_they_like():
    assert undo(gzip.compress(b" " * 900_000), "gzip") == b" " * 900_000


def test_a_thousand_empty_members_are_enough():
    assert kind_of(gzip.compress(b"") * 5_000, "gzip") == "bad_encoding"


@pytest.mark.parametrize("encoding", ["", "gzip", "br", "zstd"])
def test_a_body_can_be_cut(encoding):
    data = os.urandom(50_000)
    packed = PACKERS[encoding](data) if encoding else data
    body = Body("http://a.test/", encoding, 1_000, 150.0, cut=True)
    for start in range(0, len(packed), 300):
        body.feed(packed[start : start + 300])
        if body.is_cut:
            break
    assert body.is_cut
    assert body.finish() == data[:1_000]
