"""`make openapi`: openapi.json as the code generates it."""

from __future__ import annotations

import subprocess

from scripts.bootstrap import ensure_environment
from scripts.check import OPENAPI_FILE
from scripts.shell import ROOT, CannotContinue, say, script, tool


def main() -> int:
    """Rewrite the file."""
    ensure_environment(dev=False)
    generated = subprocess.run([tool("visalookup"), "openapi"], cwd=ROOT, stdout=subprocess.PIPE, check=False)
    if generated.returncode != 0:
        raise CannotContinue("The OpenAPI document cannot be generated; see above")
    OPENAPI_FILE.write_bytes(generated.stdout)
    say(f"Wrote {OPENAPI_FILE.name}.")
    return 0


if __name__ == "__main__":
    script(main)
