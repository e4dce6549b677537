"""What the service says of itself to its operator: metrics and the request log."""
