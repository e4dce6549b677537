"""`make run`: the service on this machine, from a fresh clone to an answered question."""

from __future__ import annotations

import os
import socket

from scripts import freshness
from scripts.bootstrap import ensure_environment
from scripts.shell import ROOT, CannotContinue, run, say, script, tool

DEFAULT_PORT = "8000"


def main() -> int:
    """Prepare whatever is missing, then replace this process by the server."""
    port = _port()
    ensure_environment(dev=False)
    url = os.environ.get("DATABASE_URL") or freshness.DEFAULT_URL
    if not freshness.is_fresh(url):
        _prepare_database()
    say(f"Visa Lookup starts on http://127.0.0.1:{port} (Ctrl+C stops it).")
    os.chdir(ROOT)
    without_tls = {"SECURE_COOKIES": "off", **os.environ, "PORT": str(port)}
    os.execve(tool("gunicorn"), ["gunicorn", "wsgi:app"], without_tls)  # noqa: S606
    return 0


def _port() -> int:
    text = os.environ.get("PORT") or DEFAULT_PORT
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise CannotContinue(f"PORT={text} is not a port; give a number from 1 to 65535")
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", int(text)))
        except OSError as error:
            advice = f"choose another, as in `make run PORT={int(text) % 65535 + 1}`"
            raise CannotContinue(f"Port {text} cannot be used ({error.strerror}); {advice}") from error
    return int(text)


def _prepare_database() -> None:
    say("Bringing the database to this version's schema ...")
    run([tool("visalookup"), "db", "upgrade"], "The database could not be prepared")
    say("Loading the data files into the database ...")
    command = [tool("visalookup"), "data", "load", "--fingerprint", freshness.fingerprint()]
    run(command, "The data could not be loaded")


if __name__ == "__main__":
    script(main)
