"""The service as gunicorn runs it, and what happens to it: no browser, real processes, a real database."""
