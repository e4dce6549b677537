"""Staff's changes as JSON."""
