"""The audit trail, and the history built on it."""
