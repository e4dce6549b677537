"""Members of staff: names, passwords, roles, tokens."""
