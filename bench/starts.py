"""How long the start takes, and how much memory the rulebook of the world uses."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from statistics import median

from bench.servers import server
from scripts.shell import ROOT, tool

_ROUNDS = 3
_PROBE = "/api/v1/requirements?passport=KAZ&destination=ISR"

_MEASURE_MEMORY = """
import gc, sys
from pathlib import Path
from visalookup import create_app
from visalookup.config import Settings
from visalookup.extensions import rulebook_store, session

def held():
    gc.collect()
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("Pss:")).split()[1]) / 1024

app = create_app(Settings(database_url=sys.argv[1]))
with app.app_context():
    app.test_client().get("/healthz")
    before = held()
    rulebook_store().current(session())
    session().close()
    print(round(held() - before, 1))
"""


def seconds_to_first_answer(url: str, folder: Path) -> float:
    """Seconds from the start of gunicorn to the first answer; the median of several starts."""
    took = []
    for number in range(_ROUNDS):
        began = time.monotonic()
        with server(f"start-{number}", "wsgi:app", "gunicorn.conf.py", folder, _PROBE, DATABASE_URL=url):
            took.append(time.monotonic() - began)
    return round(median(took), 2)


def megabytes_of_world(url: str) -> float:
    """Megabytes that the rulebook and the gazetteer add to a process that has everything else."""
    output = subprocess.run(
        [tool("python"), "-c", _MEASURE_MEMORY, url], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return float(output.splitlines()[-1])
