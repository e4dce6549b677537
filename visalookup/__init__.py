"""Visa Lookup: do I need a visa from X to Y, on which day, by which source."""
