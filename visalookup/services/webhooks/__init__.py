"""Webhooks: messages to agencies about changes for the pairs they chose."""
