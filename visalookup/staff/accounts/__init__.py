"""Accounts, sign-in and tokens in the console."""
