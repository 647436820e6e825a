"""Scrapy settings, each with its reason. How we aggregate stands in ``config.py``."""

from aggregator import __version__

BOT_NAME = "aggregator"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"
USER_AGENT = f"aggregator/{__version__}"

# The order is the path of an article.
ITEM_PIPELINES = {
    "pipelines.validate.Validate": 100,
    "pipelines.normalize.Normalize": 200,
    "pipelines.identify.Identify": 300,
    "pipelines.deduplicate.Deduplicate": 400,
    "pipelines.enrich.Enrich": 500,
    "pipelines.store.Store": 600,
}
