"""Pages a second of a crawl, and what each setting brings: ours, and Scrapy as it comes.

    python -m bench.crawl [PAGES]

Fetches article pages of a small news web on loopback (a process of its own) over 40 hosts, without
delays and robots.txt, and reads nothing: what is measured is the way from scheduler to callback.
Each configuration runs in a fresh process, three times, in turns; the median counts.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import time
import urllib.request

SOURCES, PER_SOURCE, PORT = 40, 60, 8951
CONFIGURATIONS = {
    "Scrapy as it comes": "plain",
    "Scrapy, CONCURRENT_ITEMS 4 and uvloop": "tuned",
    "ours, with Twisted's asyncio reactor": "reactor",
    "ours, without a reactor": "ours",
    "ours, HostQueue off": "no_queue",
}


def pages(count: int) -> list[str]:
    """Return addresses of article pages."""
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/_truth", timeout=60) as answer:
        articles = json.load(answer)["articles"]
    return [article["url"] for article in articles if not article["gone"]][:count]


def one(name: str, count: int) -> None:
    """Run one configuration; print pages a second and CPU seconds."""
    import scrapy

    from aggregator.crawl.slim_settings import settings
    from tests.crawl_support import config, source

    free = source(robots="ignore", concurrency=4)
    urls = pages(count)
    got = 0

    class Spider(scrapy.Spider):
        name = "bench"

        async def start(self):
            for url in urls:
                yield scrapy.Request(url, meta={"source": free}, dont_filter=True)

        def parse(self, response):
            nonlocal got
            got += response.status == 200

    ours = {**settings(config(concurrency=32, timeout_s=30.0)), "LOG_LEVEL": "WARNING"}
    if name in {"plain", "tuned"}:
        ours = {
            "CONCURRENT_REQUESTS": 32,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 4,
            "LOG_LEVEL": "WARNING",
            "TELNETCONSOLE_ENABLED": False,
            "REMOTE_CONTROL_ENABLED": False,
        }
        if name == "tuned":
            ours |= {"CONCURRENT_ITEMS": 4, "ASYNCIO_EVENT_LOOP": "uvloop.Loop"}
    if name == "no_queue":
        ours["SCHEDULER_PRIORITY_QUEUE"] = "scrapy.pqueues.DownloaderAwarePriorityQueue"
    if name == "reactor":
        ours["TWISTED_REACTOR_ENABLED"] = True
    began, cpu = time.perf_counter(), time.process_time()
    if ours.get("TWISTED_REACTOR_ENABLED", True):
        from scrapy.crawler import AsyncCrawlerProcess

        process = AsyncCrawlerProcess(ours)
        process.crawl(Spider)
        process.start()
    else:
        from scrapy.crawler import AsyncCrawlerRunner
        from uvloop import new_event_loop

        async def main() -> None:
            await AsyncCrawlerRunner(ours).crawl(Spider)

        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(main())
    took_s = time.perf_counter() - began
    print(json.dumps({"rate": got / took_s, "cpu_ms": (time.process_time() - cpu) * 1000 / got}))


def main(count: int) -> None:
    """Run all configurations in turns and print a table."""
    web = [sys.executable, "tests/miniweb.py", "serve", "--port", str(PORT), "--warm"]
    web += ["--sources", str(SOURCES), "--per-source", str(PER_SOURCE)]
    with subprocess.Popen(web, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        server.stdout.readline()
        found: dict[str, list[dict[str, float]]] = {name: [] for name in CONFIGURATIONS}
        for _ in range(3):
            for name, key in CONFIGURATIONS.items():
                command = [sys.executable, "-m", "bench.crawl", "--one", key, str(count)]
                line = subprocess.run(command, capture_output=True, check=True).stdout
                found[name].append(json.loads(line.splitlines()[-1]))
        server.kill()
    print("| configuration | pages/s | CPU ms a page |\n|---|---|---|")
    for name, runs in found.items():
        rate = statistics.median(run["rate"] for run in runs)
        cpu_ms = statistics.median(run["cpu_ms"] for run in runs)
        print(f"| {name} | {rate:.0f} | {cpu_ms:.2f} |")


if __name__ == "__main__":
    if "--one" in sys.argv:
        one(sys.argv[2], int(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
