"""The shapes that data has outside the domain: payloads, YAML files and tables."""
