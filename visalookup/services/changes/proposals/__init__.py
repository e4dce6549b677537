"""Two pairs of eyes: one person proposes a change, another publishes it or returns it."""
