"""Webhooks: what an agency subscribes to, where messages may go, how they are signed."""
