"""`make format`: the code and the data files in their canonical form."""

from __future__ import annotations

from scripts.bootstrap import ensure_environment
from scripts.shell import run, script, tool


def main() -> int:
    """Fix everything that can be fixed automatically; the rest is listed."""
    ensure_environment(dev=True)
    run([tool("ruff"), "format"], "Some code cannot be formatted")
    run([tool("visalookup"), "data", "format"], "The data files cannot be formatted")
    run([tool("ruff"), "check", "--fix"], "Some faults must be fixed by hand")
    return 0


if __name__ == "__main__":
    script(main)
