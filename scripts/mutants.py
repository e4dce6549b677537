"""`make mutants`: change the domain one spot at a time, and see whether the unit tests notice.

mutmut makes the mutants and runs the tests that reach each of them. It passes over decorated functions, so it is
given a copy of the project in which the properties of the domain are written out: `name = property(_name)`.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from scripts.bootstrap import ensure_environment
from scripts.shell import ROOT, script, tool

WORK = ROOT / "build" / "mutants"
COPIED = ("visalookup", "tests", "data", "docs", "migrations", "scripts", "pyproject.toml")
LEAST_KILLED = 0.9
NOTICED = frozenset({"killed", "timeout", "suspicious", "segfault", "caught by type check"})
"""What mutmut says of a mutant that some test noticed; a loop that never ends is noticed by its time."""
_WRAPPERS = frozenset({"property", "cached_property"})

Function = ast.FunctionDef


def main() -> int:
    """Test all mutants, or those that ONLY names ("visalookup.domain.slugs*"); 1 where too many survive."""
    ensure_environment(dev=True, groups=("mutants",))
    lay_out(WORK)
    os.nice(10)
    only = os.environ.get("ONLY", "").split()
    mutmut = tool("mutmut")
    subprocess.run([mutmut, "run", *only], cwd=WORK, check=False)
    results = subprocess.run([mutmut, "results", "--all", "true"], cwd=WORK, check=True, capture_output=True, text=True)
    verdicts = read_verdicts(results.stdout.splitlines())
    print("\n".join(report(verdicts)))
    return 0 if share_killed(verdicts.values()) >= LEAST_KILLED else 1


def lay_out(work: Path) -> None:
    """A copy of the project with the properties of its domain written out."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    for name in COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, work / name)
    for module in (work / "visalookup" / "domain").rglob("*.py"):
        module.write_text(unfolded(module.read_text("utf-8")), "utf-8")


def unfolded(text: str) -> str:
    """The module with each property as a plain method and an assignment after it."""
    lines = text.splitlines(keepends=True)
    for function, wrapper in reversed(list(_wrapped(ast.parse(text)))):
        indent = " " * function.col_offset
        lines.insert(function.end_lineno or 0, f"{indent}{function.name} = {wrapper}(_{function.name})\n")
        heading = function.lineno - 1
        lines[heading] = lines[heading].replace(f"def {function.name}(", f"def _{function.name}(", 1)
        del lines[function.decorator_list[0].lineno - 1]
    return "".join(lines)


def _wrapped(tree: ast.Module) -> Iterator[tuple[Function, str]]:
    """The properties of a module with the names of their decorators, from top to bottom."""
    for owner in tree.body:
        for node in owner.body if isinstance(owner, ast.ClassDef) else ():
            if isinstance(node, Function) and len(node.decorator_list) == 1:
                decorator = node.decorator_list[0]
                if isinstance(decorator, ast.Name) and decorator.id in _WRAPPERS:
                    yield node, decorator.id


def read_verdicts(lines: Iterable[str]) -> dict[str, str]:
    """What became of each mutant that was tested, by its name."""
    pairs = (line.strip().rsplit(": ", 1) for line in lines if ": " in line)
    return {name: verdict for name, verdict in pairs if verdict != "not checked"}


def share_killed(verdicts: Iterable[str]) -> float:
    """The share of mutants that some test noticed."""
    counts = Counter(verdict in NOTICED for verdict in verdicts)
    return counts[True] / counts.total() if counts else 0.0


def report(verdicts: Mapping[str, str]) -> Iterator[str]:
    """A table by module, then the survivors; `mutmut show NAME` in build/mutants shows what one changes."""
    by_module: defaultdict[str, list[str]] = defaultdict(list)
    for name, verdict in verdicts.items():
        by_module[name.rsplit(".", 1)[0].removeprefix("visalookup.domain.")].append(verdict)
    yield "| module | mutants | killed | survived |"
    yield "|---|---|---|---|"
    for module, found in (*sorted(by_module.items()), ("**all**", list(verdicts.values()))):
        killed = sum(verdict in NOTICED for verdict in found)
        yield f"| {module} | {len(found)} | {killed} ({share_killed(found):.0%}) | {len(found) - killed} |"
    yield ""
    yield from (f"{name}: {verdict}" for name, verdict in sorted(verdicts.items()) if verdict not in NOTICED)


if __name__ == "__main__":
    script(main)
