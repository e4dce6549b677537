"""Staff accounts, sign-in and API tokens."""
