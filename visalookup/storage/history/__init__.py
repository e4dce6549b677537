"""The audit trail and the ledger read as a history."""
