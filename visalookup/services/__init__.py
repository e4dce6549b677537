"""Use cases, one per file. They work on a session and domain objects, and know nothing about HTTP."""
