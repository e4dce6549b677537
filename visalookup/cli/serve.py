"""`visalookup serve`: the web service, under gunicorn."""

from __future__ import annotations

import os
import sys

import click

from visalookup.config import ROOT


@click.command()
@click.option("--port", envvar="PORT", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
def serve(port: int, host: str) -> None:
    """Serve the pages and the JSON interface; Ctrl+C stops it."""
    click.echo(f"Visa Lookup is starting on http://{host}:{port} (Ctrl+C stops it).", err=True)
    sys.stderr.flush()
    command = [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "gunicorn.conf.py")]
    os.execv(sys.executable, [*command, "--bind", f"{host}:{port}", "wsgi:app"])  # noqa: S606 - no shell wanted
