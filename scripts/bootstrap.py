"""The project's own environment in .venv, exactly as locked, on a machine that may lack even pip."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from scripts.shell import ENVIRONMENT, TOOLS, CannotContinue, apt_install, may_use_apt, run, say, script, succeeds

WITHOUT_UV = (
    "uv is missing and could not be installed with pip or venv: as root run"
    " `apt-get install python3-venv python3-pip`, or install uv, and try again"
)
_DEBIAN_PYTHON = "/usr/bin/python3"


def ensure_environment(*, dev: bool, groups: Sequence[str] = ()) -> Path:
    """Make .venv match uv.lock, with the development tools or without; return the path of uv.

    `groups` are additional groups of dependencies.
    """
    uv = find_uv() or install_uv()
    quiet = ["--quiet"] if ENVIRONMENT.exists() else []
    if not quiet:
        say("Installing the locked dependencies into .venv ...")
    chosen = ["--dev"] if dev else ["--no-dev", "--inexact"]  # inexact: serving does not remove the tools of tests
    chosen += [f"--group={group}" for group in groups]
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    run(
        [uv, "sync", *quiet, "--locked", "--compile-bytecode", *chosen, "--python", version],
        "The dependencies could not be installed",
        {"UV_PROJECT_ENVIRONMENT": str(ENVIRONMENT), "VIRTUAL_ENV": str(ENVIRONMENT)},
    )
    return uv


def find_uv() -> Path | None:
    """The uv on PATH, or the one installed here before; None if there is none."""
    ours = [str(folder / "bin") for folder in (TOOLS / "uv", TOOLS / "venv")]
    found = shutil.which("uv") or shutil.which("uv", path=":".join(ours))
    return Path(found) if found else None


def install_uv() -> Path:
    """Install uv into .tools with pip or venv, as root with apt-get before; raise CannotContinue if nothing works."""
    say("Installing uv into .tools ...")
    for install in _ways_to_install_uv():
        if install and (found := find_uv()):
            return found
    raise CannotContinue(WITHOUT_UV)


def _ways_to_install_uv() -> Iterator[bool]:
    """Try one way after the other; yields whether it worked."""
    yield _by_pip(sys.executable)
    yield _by_venv(sys.executable)
    if may_use_apt():
        apt_install("python3-pip", "python3-venv")
        yield _by_pip(_DEBIAN_PYTHON)
        yield _by_venv(_DEBIAN_PYTHON)


def _by_pip(python: str) -> bool:
    return succeeds([python, "-m", "pip", "install", "--quiet", "--target", TOOLS / "uv", "--upgrade", "uv"])


def _by_venv(python: str) -> bool:
    venv = TOOLS / "venv"
    return succeeds([python, "-m", "venv", "--clear", venv]) and succeeds(
        [venv / "bin" / "python", "-m", "pip", "install", "--quiet", "uv"]
    )


def main() -> int:
    """Create the environment with the development tools."""
    ensure_environment(dev=True)
    return 0


if __name__ == "__main__":
    script(main)
