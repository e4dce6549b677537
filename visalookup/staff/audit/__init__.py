"""The history in the console."""
