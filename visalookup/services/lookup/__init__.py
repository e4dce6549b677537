"""Looking up what a passport meets at a destination."""
