"""What people open and other systems call: pages, feeds, API.

Resources (``pages``, ``feeds``, ``api``) are functions from what was asked to an answer; they know
no sockets, so that ``publishing`` makes the same documents as files. ``app`` serves them.
"""
