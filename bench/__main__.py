"""Every figure of docs/figures.md, measured again: ``python -m bench [NAME…]``.

Each module measures the peer beside us in the same run. What needs data or peers that are not on
this machine says so and is passed over.
"""

import runpy
import sys
import time
from pathlib import Path

#: In the order of the path of an article.
ORDER = (
    "arabic_text",
    "dates",
    "feeds",
    "crawl",
    "everything",
    "extract",
    "body",
    "limits",
    "copies",
    "clusters",
    "keywords",
    "exports",
    "web",
)


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all that there are; return how many failed."""
    there = {path.stem for path in Path(__file__).parent.glob("*.py")}
    chosen = names or [name for name in ORDER if name in there]
    failed = 0
    for name in chosen:
        print(f"\n== {name} ==", flush=True)
        began = time.monotonic()
        sys.argv = [name]
        try:
            runpy.run_module(f"bench.{name}", run_name="__main__")
        except SystemExit as end:
            failed += bool(end.code)
        except (ImportError, FileNotFoundError) as error:
            print(f"passed over: {error}")
        print(f"({time.monotonic() - began:.0f} s)", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
