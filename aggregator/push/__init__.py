"""What goes out to other systems without being asked for: webhooks, WebSub hubs, subscriptions.

Each job is done by one process at a time (:mod:`aggregator.store.jobs`), wherever it runs: within
``serve`` and ``run``, or once by a command under cron. All requests take the guarded way out.
"""
