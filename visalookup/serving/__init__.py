"""How gunicorn serves the application: its worker, and what happens before the application sees a request."""
