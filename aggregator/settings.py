"""Scrapy settings for ``scrapy crawl news``; the command line uses the same ones.

How to crawl stands in ``crawl/slim_settings.py``, each value with its reason; how we aggregate in
``config.py``. Here is the only place that names the pipelines, as strings.
"""

import os

from aggregator.config import Config
from aggregator.crawl import slim_settings

SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"

# The order is the path of an article.
ITEM_PIPELINES = {
    "pipelines.validate.Validate": 100,
    "pipelines.normalize.Normalize": 200,
    "pipelines.gather.Gather": 250,
    "pipelines.identify.Identify": 300,
    "pipelines.deduplicate.Deduplicate": 400,
    "pipelines.enrich.Enrich": 500,
    "pipelines.store.Store": 600,
}

globals().update(slim_settings.settings(Config.load(os.environ)))
