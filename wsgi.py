"""The application as gunicorn serves it."""

from __future__ import annotations

from visalookup import create_app

app = create_app()
