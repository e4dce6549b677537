"""Queries on the audit trail and the ledger for the history and for verification."""
