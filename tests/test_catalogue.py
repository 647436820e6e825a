"""The catalogue says exactly what is wrong with a file."""

from pathlib import Path

import pytest

from aggregator import catalogue
from aggregator.errors import CatalogueError, UsageError

GOOD = """\
id: alwafd
name: بوابة الوفد
homepage: https://alwafd.news/
country: EG
timezone: Africa/Cairo
language: ar
seeds:
  - {kind: feed, url: https://alwafd.news/rss}
  - {kind: listing, url: https://alwafd.news/x, links: "#infinite .item.tile-boost a"}
selectors: {title: .news-post h1, date: .info time, body: .paragraph-list p}
"""


def write(folder: Path, text: str, name: str = "alwafd.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_gives_its_source(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    source = catalogue.load([str(tmp_path)])["alwafd"]
    assert source.name == "بوابة الوفد"
    assert source.seeds[1].links == "#infinite .item.tile-boost a"
    assert source.selectors["body"] == (".paragraph-list p",)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("homepage:", "hompage:", ("homepage", "key is missing")),
        ("timezone: Africa/Cairo", "timezon: Africa/Cairo", ("timezon", "did you mean timezone?")),
        ("timezone: Africa/Cairo", "timezone: Africa/Caira", ("timezone", "no IANA time zone")),
        ("country: EG", "country: Egypt", ("country", "two capital letters")),
        ("kind: feed", "kind: fead", ("seeds", "seed 1", "did you mean feed?")),
        ("url: https://alwafd.news/rss", "ulr: https://alwafd.news/rss", ("seed 1", "url")),
        ("https://alwafd.news/rss", "ftp://alwafd.news/rss", ("seed 1", "http(s)")),
        ("title: .news-post h1", "titel: .news-post h1", ("selectors", "did you mean title?")),
        (".info time", ".info >> time", ("selectors", "no selector")),
        ("language: ar", "language: ar\narticle_patterns: '(['", ("article_patterns", "RE2")),
        ("language: ar", "language: ar\ndelay: soon", ("delay", "number")),
        ("language: ar", "language: ar\nrules: nothing", ("rules", "no such rule set")),
    ],
)
def test_a_wrong_key_is_named_with_its_file(
    tmp_path: Path, old: str, new: str, words: tuple[str, ...]
) -> None:
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(CatalogueError) as caught:
        catalogue.load([str(tmp_path)])
    line = str(caught.value)
    assert str(path) in line
    assert "\n" not in line
    for word in words:
        assert word in line
    assert caught.value.exit_code == 2


def test_broken_yaml_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, "id: [")
    with pytest.raises(CatalogueError, match=str(path)):
        catalogue.load([str(tmp_path)])


def test_one_id_twice_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    write(tmp_path, GOOD, "again.yaml")
    with pytest.raises(CatalogueError, match="two sources have one id"):
        catalogue.load([str(tmp_path)])


def test_an_unknown_source_gets_the_nearest_id(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    with pytest.raises(UsageError, match="did you mean alwafd"):
        catalogue.choose(catalogue.load([str(tmp_path)]), ["alwafed"])
