"""Readers of the case files of the Arabic core."""

import codecs
import json
import pathlib

DATA = pathlib.Path(__file__).parent / "data"


def golden(name):
    """Cases of tests/data/golden/NAME.jsonl."""
    text = (DATA / "golden" / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


def unseen(name):
    """Cases of tests/data/NAME_unseen.jsonl, nearly all written before a rule was looked at.

    ``why`` says what a case is about; a field that is absent or null asks nothing.
    """
    text = (DATA / f"{name}_unseen.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


def read_wrongly(text, encoding, mistaken):
    """Return ``text`` written in one set and read in another, as browsers read: C1 in the gaps."""
    raw = text.encode(encoding)
    return "".join(bytes([byte]).decode(mistaken, "c1") for byte in raw)


def _as_control(error):
    return "".join(map(chr, error.object[error.start : error.end])), error.end


codecs.register_error("c1", _as_control)


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
