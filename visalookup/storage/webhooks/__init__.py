"""Webhooks, the outbox and deliveries in the database."""
