"""What the tests of seeds share: a source, a clock, pages, and the corpus where it is at hand."""

import base64
import gzip
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator import seeds
from aggregator.types import Page, Seed, Source

DATA = Path(__file__).parent / "data"
NOW = datetime(2025, 11, 10, 12, tzinfo=UTC)
BASE = "https://akhbar.example/rss.xml"
CORPUS = Path(os.environ.get("AGGREGATOR_CORPUS", Path(__file__).parents[2] / "shared/corpus"))
needs_corpus = pytest.mark.skipif(
    not (CORPUS / "feeds").is_dir(), reason="the corpus is not on this machine"
)


def source(**changes):
    values = {
        "id": "akhbar",
        "name": "أخبار",
        "homepage": "https://akhbar.example/",
        "country": "EG",
        "language": "ar",
        "timezone": "Africa/Cairo",
        "seeds": (),
    }
    return Source(**{**values, **changes})


def page(body, *, url=BASE, **headers):
    if isinstance(body, str):
        body = body.encode()
    return Page(url=url, body=body, headers={k.replace("_", "-"): v for k, v in headers.items()})


def parse(kind, body, *, url=BASE, links=None, of=None, now=NOW, **headers):
    seed = Seed(kind=kind, url=url, links=links)
    return seeds.parse(page(body, url=url, **headers), seed, source=of or source(), now=now)


def rss(items, *, channel="", start='<?xml version="1.0" encoding="utf-8"?>', space=""):
    return (
        f'{start}<rss version="2.0" {space}><channel><title>أخبار</title>'
        f"<link>https://akhbar.example/</link>{channel}{items}</channel></rss>"
    )


def corpus_feeds(*names):
    for name in names:
        with gzip.open(CORPUS / "feeds" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                yield row["id"], base64.b64decode(row["b64"])
