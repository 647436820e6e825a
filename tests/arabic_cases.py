"""Readers of the case files of the Arabic core."""

import codecs
import json
import pathlib

DATA = pathlib.Path(__file__).parent / "data"


def golden(name):
    """Cases of tests/data/golden/NAME.jsonl."""
    text = (DATA / "golden" / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


def table(name):
    r"""Rows of tests/data/arabic/NAME; cells parted by tabs, \uXXXX for signs nobody sees."""
    lines = (DATA / "arabic" / name).read_text(encoding="utf-8").split("\n")
    return [
        tuple(_unescaped(cell) for cell in line.split("\t"))
        for line in lines
        if line and not line.startswith("# ")
    ]


def _unescaped(cell):
    if "\\" not in cell:
        return cell
    return codecs.decode(cell.encode("ascii", "backslashreplace"), "unicode_escape")
