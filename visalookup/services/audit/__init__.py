"""The audit trail and the history."""
