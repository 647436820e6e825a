"""Check files against their standards: ``python -m tests.validators FILE_OR_FOLDER...``."""

import sys
from pathlib import Path

from tests.validators import check

SUFFIXES = {".rss": "rss", ".atom": "atom", ".json": "json", ".opml": "opml"}


def main(names: list[str]) -> int:
    """Print the faults of each file; return 1 if there are any."""
    paths = [Path(name) for name in names]
    files = [file for path in paths for file in ([path] if path.is_file() else path.rglob("*"))]
    checked = [file for file in sorted(files) if file.suffix in SUFFIXES]
    bad = 0
    for file in checked:
        faults = check(SUFFIXES[file.suffix], file.read_bytes())
        bad += bool(faults)
        for fault in faults:
            print(f"{file}: {fault}")
    print(f"{len(checked)} checked, {bad} with faults")
    return 1 if bad or not checked else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
