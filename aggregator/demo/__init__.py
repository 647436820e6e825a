"""Sample sites, written for this purpose, and what serves them: for the demo and for tests."""
