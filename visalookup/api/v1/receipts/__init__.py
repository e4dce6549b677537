"""Receipts as JSON."""
