"""Changes of the data: amendments, proposals, and what they do to answers."""
