"""Rows of webhooks, the outbox and deliveries."""
