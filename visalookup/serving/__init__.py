"""How gunicorn serves the application: its worker, and all that happens before an application is asked."""
