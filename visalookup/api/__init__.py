"""What programs talk to."""
