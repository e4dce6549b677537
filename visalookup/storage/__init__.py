"""Storage: the only place with SQL, and with the data files."""
