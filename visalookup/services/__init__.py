"""Use cases, one a file: each takes a session, speaks domain, and knows nothing of HTTP."""
