"""How fast it is, measured beside what one would compare it with: `make bench`."""
