"""Webhooks: agencies are told of changes for the pairs they chose."""
