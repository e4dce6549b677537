"""Accounts, identities and tokens in the database."""
