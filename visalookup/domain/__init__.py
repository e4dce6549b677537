"""The field itself, in plain Python: places, requirements, regimes, their lifecycle, and the lookup."""
