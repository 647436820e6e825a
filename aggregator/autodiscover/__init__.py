"""From the address of a site to a draft of its source: seeds, name, country, language, patterns.

Pure: pages are asked for and given, never fetched here. Everything that the draft says comes with
how sure it is.
"""

from aggregator.autodiscover.draft import Draft, Fact, to_yaml
from aggregator.autodiscover.explore import Fetch, discover, explore

__all__ = ["Draft", "Fact", "Fetch", "discover", "explore", "to_yaml"]
