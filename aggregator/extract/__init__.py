"""From a news page to an article: one tree, parsed once, every field with its origin."""
