"""`make format`: the code and the data files in their canonical form."""

from __future__ import annotations

from scripts.bootstrap import ensure_environment
from scripts.shell import run, script, tool


def main() -> int:
    """Mend what can be mended without asking; what is left is named."""
    ensure_environment(dev=True)
    run([tool("ruff"), "format"], "Some code cannot be formatted")
    run([tool("visalookup"), "data", "format"], "The data files cannot be formatted")
    run([tool("ruff"), "check", "--fix"], "Some faults are left to mend by hand")
    return 0


if __name__ == "__main__":
    script(main)
