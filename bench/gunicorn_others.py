"""The service's gunicorn settings, for the applications it is compared with: all except our own hooks."""

from __future__ import annotations

import runpy
from pathlib import Path

_SHIPPED = runpy.run_path(str(Path(__file__).resolve().parents[1] / "gunicorn.conf.py"))

globals().update(
    {
        name: value
        for name, value in _SHIPPED.items()
        if name.islower() and not name.startswith("_") and isinstance(value, str | int | bool)
    }
)
accesslog = None
