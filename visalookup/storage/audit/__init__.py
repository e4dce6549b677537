"""Rows of the audit trail."""
