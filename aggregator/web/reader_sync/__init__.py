"""What apps call to read and to mark what is read: the Google Reader API.

Nobody ever published that interface as a standard; servers and apps agree on what the Reader of
2013 did. Sources: the notes of a former developer of it (mihaip/google-reader-api, wiki), FeedHQ's
reference (feedhq.readthedocs.io), and what newsboat, NetNewsWire and Reeder are seen to send.

Limits: JSON (and Atom for who asks ``/reader/atom/``), no sharing, no labels of single articles.
"""
