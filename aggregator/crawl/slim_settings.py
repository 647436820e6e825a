"""The Scrapy settings for this kind of crawl, each with its reason; ``settings.py`` takes them.

Measured by ``bench.crawl`` where a figure stands.
"""

from typing import Any, Final

from aggregator.config import Config
from aggregator.crawl.headers import user_agent

#: One handler for both schemes; no file:, data:, ftp: or s3: that a redirect or a feed could name.
DOWNLOAD_HANDLERS: Final[dict[str, str | None]] = {
    "http": "aggregator.crawl.download.GuardedDownloadHandler",
    "https": "aggregator.crawl.download.GuardedDownloadHandler",
    "file": None,
    "data": None,
    "ftp": None,
    "s3": None,
}

#: Low numbers see a request first and its answer last. None of Scrapy's own is among them: ours
#: know RFC 9309 (redirects, 5xx, size, days), share one clock over retries and redirects,
#: decompress as bytes come, and read no proxy from the environment. Scrapy imports what its base
#: settings list even where it is switched off (cookies alone cost 0.1 s): those are empty.
DOWNLOADER_MIDDLEWARES: Final[dict[str, int | None]] = {
    "aggregator.crawl.robots_txt.RobotsMiddleware": 100,
    "aggregator.crawl.politeness.HostBudgetMiddleware": 200,
    "aggregator.crawl.headers.HeadersMiddleware": 300,
    "aggregator.crawl.retries.RetryMiddleware": 500,
    "aggregator.crawl.redirects.RedirectMiddleware": 600,
    "aggregator.crawl.cookies.SourceCookiesMiddleware": 700,
}

#: Every status has a meaning, where we come from is our matter, Arabic slugs are long.
SPIDER_MIDDLEWARES: Final[dict[str, int | None]] = {
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": 25,
}

#: No doors into the process; our exporters read the store; AutoThrottle answers to speed, not to
#: what a site asks.
EXTENSIONS: Final[dict[str, int | None]] = {
    "scrapy.extensions.corestats.CoreStats": 0,
    "scrapy.extensions.closespider.CloseSpider": 0,
}


def settings(config: Config) -> dict[str, Any]:
    """Return the settings for one configuration, which is among them as AGGREGATOR_CONFIG."""
    return {
        "AGGREGATOR_CONFIG": config,
        # What sites said in robots.txt, kept for a day over the runs.
        "AGGREGATOR_ROBOTS_FILE": str(config.data / "robots.json"),
        "BOT_NAME": "aggregator",
        "USER_AGENT": user_agent(config.contact),
        # Without a reactor, a process can crawl again and again: each run has a loop of its own.
        "TWISTED_REACTOR_ENABLED": False,
        "ASYNCIO_EVENT_LOOP": "uvloop.Loop",
        # In flight over all hosts; HostQueue lets none wait inside the downloader.
        "CONCURRENT_REQUESTS": config.concurrency,
        # Of a host that no request has told us anything about.
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": config.delay_s,
        "DOWNLOAD_DELAY_JITTER": 0,  # half of what a site asks for is not what it asks for
        # Tasks made for each answer, however little it yields: 100 by default.
        "CONCURRENT_ITEMS": 4,
        "DOWNLOAD_HANDLERS": DOWNLOAD_HANDLERS,
        "DOWNLOADER_MIDDLEWARES": DOWNLOADER_MIDDLEWARES,
        "DOWNLOADER_MIDDLEWARES_BASE": {},
        "SPIDER_MIDDLEWARES": SPIDER_MIDDLEWARES,
        "SPIDER_MIDDLEWARES_BASE": {},
        "EXTENSIONS": EXTENSIONS,
        "EXTENSIONS_BASE": {},
        "SCHEDULER_PRIORITY_QUEUE": "aggregator.crawl.politeness.HostQueue",
        # The store is the queue that lasts; this one is the run's, first come first served.
        "SCHEDULER_MEMORY_QUEUE": "scrapy.squeues.FifoMemoryQueue",
        "JOBDIR": None,
        # Doors that a news crawler does not need.
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "COOKIES_ENABLED": False,
        "HTTPPROXY_ENABLED": False,
        "REFERER_ENABLED": False,
        # Ours do these.
        "ROBOTSTXT_OBEY": False,
        "RETRY_ENABLED": False,
        "REDIRECT_ENABLED": False,
        "METAREFRESH_ENABLED": False,
        "COMPRESSION_ENABLED": False,
        # The limits are the transport's; here too, in case another handler is put in.
        "DOWNLOAD_TIMEOUT": config.timeout_s,
        "DOWNLOAD_MAXSIZE": config.max_body_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "LOG_FORMATTER": "aggregator.crawl.quiet_log.QuietLogFormatter",
        "LOG_LEVEL": "WARNING",
        "LOG_VERSIONS": [],
        "STATS_DUMP": False,
        # Our callbacks are async generators; the check reads their source text.
        "WARN_ON_GENERATOR_RETURN_VALUE": False,
    }
