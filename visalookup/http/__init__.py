"""What every response has in common: problems, headers, health, and whole responses kept ready."""
