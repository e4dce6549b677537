"""What the scripts share: paths, messages, and running commands."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".tools"
"""Tools the scripts had to install; never in the repository, always safe to delete."""
ENVIRONMENT = ROOT / ".venv"


class CannotContinue(Exception):
    """Something is missing that the scripts cannot install; the message is one line that says what to do."""


def say(text: str) -> None:
    """Print one line of progress."""
    print(f"==> {text}", file=sys.stderr, flush=True)


def tool(name: str) -> str:
    """The path of a command in the project's own environment."""
    return str(ENVIRONMENT / "bin" / name)


def run(command: Sequence[str | Path], problem: str, environment: Mapping[str, str] | None = None) -> None:
    """Run a command in the project's folder and show its output; raise CannotContinue with the problem if it fails."""
    words = [str(word) for word in command]
    try:
        subprocess.run(words, cwd=ROOT, env={**os.environ, **(environment or {})}, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise CannotContinue(f"{problem} (failed: {shlex.join(words)})") from error


def succeeds(command: Sequence[str | Path]) -> bool:
    """Whether a command exists and succeeds; its output is not shown."""
    try:
        return subprocess.run([str(word) for word in command], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def may_use_apt() -> bool:
    """Whether we are root on a Debian-like machine."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(*packages: str) -> None:
    """Install Debian packages, waiting for other installations; raise CannotContinue if that fails."""
    say(f"Installing {' '.join(packages)} with apt-get ...")
    succeeds(["apt-get", "update", "-qq"])  # if it fails, the present lists may suffice
    wait = ["-o", "DPkg::Lock::Timeout=300"]
    run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *wait, *packages],
        f"{' '.join(packages)} could not be installed: install by hand and try again",
        {"DEBIAN_FRONTEND": "noninteractive"},
    )


def script(main: Callable[[], int]) -> NoReturn:
    """Run a script and exit with its code; an error is one line, and SIGTERM still lets it clean up."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        code = main()
    except CannotContinue as error:
        print(f"make: {error}", file=sys.stderr)
        code = 1
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
