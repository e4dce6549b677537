"""A whole body of data, and what must hold within it."""
