"""`make openapi`: openapi.json as the code describes itself."""

from __future__ import annotations

import subprocess

from scripts.bootstrap import ensure_environment
from scripts.check import OPENAPI_FILE
from scripts.shell import ROOT, CannotGoOn, say, script, tool


def main() -> int:
    """Write the file anew."""
    ensure_environment(dev=False)
    said = subprocess.run([tool("visalookup"), "openapi"], cwd=ROOT, stdout=subprocess.PIPE, check=False)
    if said.returncode != 0:
        raise CannotGoOn("The code cannot describe itself; see above")
    OPENAPI_FILE.write_bytes(said.stdout)
    say(f"Wrote {OPENAPI_FILE.name}.")
    return 0


if __name__ == "__main__":
    script(main)
