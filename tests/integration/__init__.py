"""Tests on real databases: PostgreSQL and SQLite, built by our migrations."""
