"""What starting costs: nothing is imported that the command does not use."""

import subprocess
import sys

import pytest

#: What must not be there after these lines, each heavy by itself.
CASES = {
    "help": (
        "from aggregator.cli import main; main(['--help'])",
        {"scrapy", "sqlalchemy", "lxml", "yaml", "orjson", "aggregator.config", "logging"},
    ),
    "a crawl before its first page": (
        "import aggregator.cli.crawling, aggregator.crawl.run, spiders.news, pipelines.store",
        {
            *("aggregator.extract.article", "trafilatura", "feedparser", "structlog", "tldextract"),
            *("alembic", "sqlalchemy.dialects.postgresql", "fasttext", "warcio", "dask"),
        },
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_starting_imports_only_what_is_used(name: str) -> None:
    lines, unwanted = CASES[name]
    script = f"{lines}\nimport sys\nprint('loaded:', *sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = set(done.stdout.rpartition("loaded:")[2].split())
    assert "aggregator.cli" in loaded
    assert loaded & unwanted == set()
