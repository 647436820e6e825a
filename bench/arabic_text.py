"""Speed and rightness of the Arabic core: `python -m bench.arabic_text [GOLDEN_FOLDER]`.

Prints MB/s of UTF-8 on one core (process time, best of five) for ordinary news text, as one string
and paragraph by paragraph, and the share of right golden cases per door and category.
"""

import base64
import collections
import json
import pathlib
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator

from aggregator.arabic import decode, direction, display, fold, split_site
from aggregator.arabic.tokens import content_words, words
from aggregator.language import detect

GOLDEN = pathlib.Path(__file__).parent.parent / "tests/data/golden"
ROUNDS = 5
Case = dict[str, object]


def cases(folder: pathlib.Path, name: str) -> Iterator[dict]:  # type: ignore[type-arg]
    for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").split("\n"):
        if line:  # not splitlines: titles hold U+2028
            yield json.loads(line)


def news(folder: pathlib.Path) -> list[str]:
    """Paragraphs of news, as they stand in the near-duplicate cases."""
    pairs = cases(folder, "neardup")
    return [part for pair in pairs for side in "ab" for part in pair[side]["text"].split("\n")]


def best(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


def spoilt(paragraphs: Iterable[str]) -> list[str]:
    """The same with what pages have: no-break blanks, tatweel, a Farsi ya, a bullet, an accent."""
    return [
        re.sub(" في ", "\xa0في ", text).replace("الرئيس", "الرئيـس") + " • café"
        for text in paragraphs
    ]


def speed(folder: pathlib.Path) -> None:
    paragraphs = news(folder) * 20
    whole = " ".join(paragraphs)
    worse = spoilt(paragraphs)
    raw = whole.encode()
    legacy = raw.decode().encode("cp1256", "ignore")
    doors: dict[str, Callable[[str], object]] = {
        "fold display": lambda text: fold(text, "display"),
        "fold identity": lambda text: fold(text, "identity"),
        "fold search": lambda text: fold(text, "search"),
        "display": display,
        "words": words,
        "content_words": content_words,
        "direction": direction,
        "detect": lambda text: detect(text, "ar"),
    }
    print(f"{'MB/s of UTF-8':16}{'one string':>12}{'paragraphs':>12}{'spoilt':>12}")
    for name, door in doors.items():
        row = [len(raw) / best(lambda door=door: door(whole))] if name.startswith("fold") else []
        row += [
            sum(len(text.encode()) for text in texts) / best(lambda d=door, t=texts: [*map(d, t)])
            for texts in (paragraphs, worse)
        ]
        shown = "".join(f"{value / 1e6:12.1f}" for value in row)
        print(f"{name:16}{shown:>36}")
    print(f"{'decode UTF-8':16}{len(raw) / best(lambda: decode(raw)) / 1e6:12.1f}")
    print(f"{'decode 1256':16}{len(legacy) / best(lambda: decode(legacy)) / 1e6:12.1f}")


def right_fold(case: dict) -> bool:  # type: ignore[type-arg]
    same = fold(case["a"], case["level"]) == fold(case["b"], case["level"])
    return same is case["same"]


def right_display(case: dict) -> bool:  # type: ignore[type-arg]
    shown = display(case["raw"], case["lang"])
    if case["expected"] is None:
        return shown.text is None
    text, suffix = shown.text or "", None
    if "site" in case:
        text, suffix = split_site(text, case["site"])
    answers = [case["expected"], *case.get("accepted", ())]
    texts = [answer["text"] if isinstance(answer, dict) else answer for answer in answers]
    repaired = case.get("expected_repaired", shown.repaired)
    return (text, suffix) in [(t, case["expected"].get("suffix")) for t in texts] and (
        shown.repaired is repaired
    )


def right_charset(case: dict) -> bool:  # type: ignore[type-arg]
    labels = {name: case[name] for name in ("header", "meta", "xml_declaration", "country")}
    decoded = decode(base64.b64decode(case["bytes_b64"]), **labels)
    return (
        decoded.encoding in case["accepted_encodings"]
        and case["expected"]["first_words"] in decoded.text
        and (case["allow_replacement"] or "\ufffd" not in decoded.text)
    )


def right_direction(case: dict) -> bool:  # type: ignore[type-arg]
    language = detect(case["text"], case.get("source_lang"))
    return direction(case["text"]) in case["accepted_dir"] and language in case["accepted_lang"]


def rightness(folder: pathlib.Path) -> None:
    for name in ("fold", "display", "charset", "direction"):
        right = globals()[f"right_{name}"]
        by: dict[str, list[bool]] = collections.defaultdict(list)
        for case in cases(folder, name):
            by[case["category"]].append(right(case))
        every = [good for some in by.values() for good in some]
        wrong = ", ".join(f"{kind} {sum(v)}/{len(v)}" for kind, v in by.items() if not all(v))
        print(f"{name:10}{sum(every) / len(every):7.3f} of {len(every):4}  {wrong}")


if __name__ == "__main__":
    given = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else GOLDEN
    speed(given)
    rightness(given)
