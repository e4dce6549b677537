"""`make bench`: install what it needs, then measure."""

from __future__ import annotations

import os

from scripts.bootstrap import ensure_environment
from scripts.shell import ROOT, script, tool
from scripts.tools import ensure_postgres, ensure_wrk


def main() -> int:
    """Prepare the environment, then replace this process by the measurement."""
    uv = ensure_environment(dev=True, groups=("bench",))
    ensure_postgres(uv)
    ensure_wrk()
    os.chdir(ROOT)
    python = tool("python")  # by its absolute path, from which it derives its environment
    os.execv(python, [python, "-m", "bench"])  # noqa: S606
    return 0


if __name__ == "__main__":
    script(main)
