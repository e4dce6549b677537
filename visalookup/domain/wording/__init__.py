"""Domain objects in sentences."""
