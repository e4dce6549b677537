"""What operators can observe: metrics and the request log."""
