"""Changes of the data, and the feed of policy changes."""
