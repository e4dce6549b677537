"""Four-eyes review: one person proposes a change, another publishes or returns it."""
