"""Scrapy glue: the edge between us and the net.

Components that settings name as strings (:mod:`aggregator.crawl.slim_settings` lists them all), and
the keys of ``request.meta`` by which a spider speaks with them:

========================  =========================================================================
``source``                the :class:`aggregator.types.Source` on whose behalf we ask: its delay,
                          concurrency, robots, headers and cookies count. Give it always.
``validators``            ``{"etag": …, "last_modified": …}`` of the last answer, to ask for news
                          only; the answer may then have status 304 and no body
``timeout_s``             time for this request, at most the configured one
``max_body_bytes``        most bytes of the body; with ``cut`` the rest is left out, else an error
========================  =========================================================================

and what they leave in it:

========================  =========================================================================
``redirect_urls``         addresses before the final one, in order; ``redirect_statuses`` beside it
``retry_times``           tries before this one
``spent_s``               seconds on the net, tries and redirects together
``download_latency``      seconds of the last try
``wire_bytes``            size of the body before decompression
========================  =========================================================================

An answer of any status comes to the callback. What gives no answer comes to the errback as a
:class:`aggregator.errors.FetchError` whose ``kind`` is a word of :mod:`aggregator.faults`; ``kind``
``stopped`` says nothing about the site, but that the run was ended.
"""
