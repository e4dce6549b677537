"""Members of staff: accounts, sign-in, tokens."""
