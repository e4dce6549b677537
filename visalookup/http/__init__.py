"""What all responses share: problem details, headers, health checks, and the response cache."""
