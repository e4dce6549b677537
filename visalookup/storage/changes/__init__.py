"""Proposals and policy changes in the database."""
