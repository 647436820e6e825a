"""Take the screenshots of the documents: ``python -m bench.screenshots [FOLDER]``.

Crawls the bundled sample sites for real, serves what came out and opens the main pages in Debian's
Chromium: Arabic and English, light and dark, desktop and phone.
"""

import sys
import tempfile
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, sync_playwright

from aggregator.config import Config
from aggregator.demo.server import SampleWeb
from aggregator.store import browsing
from aggregator.store.engine import Store
from aggregator.types import Filter
from aggregator.web.app import create_app
from aggregator.web.links import Links
from aggregator.web.site import Site
from tests.crawling import crawl

DAYS = (datetime(2025, 11, 10, 20, tzinfo=UTC), datetime(2025, 11, 11, 12, tzinfo=UTC))
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"]
FLAGS += ["--disable-background-networking", "--disable-component-update"]
DESKTOP, PHONE = {"width": 1200, "height": 900}, {"width": 390, "height": 844}
LOOKS = (
    ("ar", "light", "desktop", DESKTOP),
    ("ar", "dark", "phone", PHONE),
    ("en", "light", "phone", PHONE),
    ("en", "dark", "desktop", DESKTOP),
)


def fill(config: Config, store: Store) -> dict[str, object]:
    """Crawl the sample sites on two days; return their sources."""
    with SampleWeb() as web:
        for web.day, moment in enumerate(DAYS, 1):
            crawl(config, store, web.sources().values(), now=moment)
        return {name: replace(each, enabled=True) for name, each in web.sources().items()}


def pages(store: Store) -> dict[str, str]:
    """Return name → path of what is worth a picture."""
    links = Links()
    with store.read() as connection:
        lines = browsing.lines(connection, Filter(), limit=500)
    edited = next((line for line in lines if line.version > 1), lines[0])
    clusters = [line.cluster for line in lines if line.cluster]
    return {
        "front": "/",
        "article": links.article(edited.id),
        "event": links.event(max(clusters, key=clusters.count)),
        "search": "/search?q=السلام",
        "source": "/source/wafd",
        "health": "/health",
    }


def shoot(browser: Browser, address: str, paths: dict[str, str], folder: Path) -> None:
    """Write a picture of each page in each look."""
    for lang, scheme, size, viewport in LOOKS:
        context = browser.new_context(
            viewport=viewport, color_scheme=scheme, locale=lang, timezone_id="Africa/Cairo"
        )
        page = context.new_page()
        for name, path in paths.items():
            page.goto(address + path)
            page.screenshot(path=str(folder / f"{name}-{lang}-{scheme}-{size}.png"))
        context.close()


def main() -> None:
    """Crawl, serve, shoot."""
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/screenshots")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        config = Config(
            data=Path(folder), allow_networks=(ip_network("127.0.0.0/8"),), delay_s=0.0, retries=0
        )
        store = Store.open(config.database_url)
        site = Site(config=config, sources=fill(config, store), store=store, now=lambda: DAYS[-1])
        settings = uvicorn.Config(create_app(site), port=0, log_level="error", lifespan="off")
        socket = settings.bind_socket()
        server = uvicorn.Server(settings)
        thread = threading.Thread(target=server.run, args=([socket],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
            shoot(browser, f"http://127.0.0.1:{socket.getsockname()[1]}", pages(store), out)
            browser.close()
        server.should_exit = True
        thread.join(10)
        store.close()


if __name__ == "__main__":
    main()
