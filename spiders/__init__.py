"""The spiders: traffic only; what is read and decided stands in ``aggregator``."""
