"""Two workers of a cluster against one, on this machine and one PostgreSQL.

    .ci/with-postgres .venv/bin/python -m bench.workers [--sources 40] [--per-source 12]

``aggregator run --workers N`` over a small news web on loopback, pages with everything on, until
every article is stored. The clock runs from the first stored article to the last: starting
processes is not what is compared. News web, database and workers share the machine's cores, so
that two workers on two cores cannot be twice as fast; the processor's time of the workers for each
article is told as well.
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool


def run(server: str, web: Any, workers: int, wanted: int) -> dict[str, float]:
    """Return seconds from the first article to the last, and what they cost."""
    name = f"b{uuid.uuid4().hex}"
    engine = create_engine(server, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    database = f"{server}?options=-csearch_path%3D{name}"
    env = {**web.env, "AGGREGATOR_DATABASE": database}
    env["AGGREGATOR_DATA"] = tempfile.mkdtemp(dir=web.folder)
    command = [sys.executable, "-m", "aggregator", "run", "--workers", str(workers)]
    count = text(f"SELECT count(*) FROM {name}.articles")
    process = subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL)
    first = last = 0.0
    stored = seen = 0
    until = time.monotonic() + 900
    try:
        while stored < wanted and time.monotonic() < until:
            time.sleep(0.1)
            with engine.connect() as connection:
                try:
                    stored = connection.execute(count).scalar_one()
                except Exception:  # noqa: BLE001 (no table yet)
                    continue
            if stored and not first:
                first, seen = time.monotonic(), stored
            last = time.monotonic()
        family = [psutil.Process(process.pid)]
        family += family[0].children(recursive=True)
        cpu = sum(sum(each.cpu_times()[:2]) for each in family if each.is_running())
        peak = max(each.memory_info().rss for each in family) / 1e6
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    if stored < wanted:
        raise SystemExit(f"only {stored} of {wanted} articles after 900 s")
    return {
        "rate": (stored - seen) / (last - first),
        "cpu_ms": cpu * 1000 / stored,
        "peak_mb": peak,
    }


def main() -> None:
    """Run one and two workers in turns, print the medians."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sources", type=int, default=40)
    parser.add_argument("--per-source", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    server = os.environ.get("AGGREGATOR_TEST_DATABASE")
    if not server:
        raise SystemExit("needs PostgreSQL: .ci/with-postgres .venv/bin/python -m bench.workers")
    from tests.test_miniweb import served

    found: dict[int, list[dict[str, float]]] = {1: [], 2: []}
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder), sources=given.sources, per_source=given.per_source) as web,
    ):
        wanted = int(given.sources * given.per_source * 0.97)
        for _ in range(given.rounds):
            for workers, runs in found.items():
                runs.append(run(server, web, workers, wanted))
                print(
                    workers, {key: round(value, 1) for key, value in runs[-1].items()}, flush=True
                )
    print("\n| workers | articles/s | CPU ms an article | largest process, MB |\n|---|---|---|---|")
    middle = {
        workers: {key: statistics.median(each[key] for each in runs) for key in runs[0]}
        for workers, runs in found.items()
    }
    for workers, each in middle.items():
        print(f"| {workers} | {each['rate']:.1f} | {each['cpu_ms']:.1f} | {each['peak_mb']:.0f} |")
    print(f"\ntwo / one {middle[2]['rate'] / middle[1]['rate']:.2f}")


if __name__ == "__main__":
    main()
