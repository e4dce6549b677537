"""How much a client may ask, and how it is refused beyond that."""
