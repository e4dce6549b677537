"""A private PostgreSQL server: new, for one user only, removed at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.shell import CannotContinue

_UNPRIVILEGED = ("postgres", "nobody")
"""Users to run the server as if we are root, whom it refuses."""
_OPTIONS = {
    "listen_addresses": "",  # only the socket in its own folder
    "max_connections": "100",
    "fsync": "off",  # its content need not survive a crash
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


@contextmanager
def private_server(programs: Path) -> Iterator[str]:
    """Start a server from PostgreSQL's `programs`; yield the URL of its first database, and stop it at the end."""
    with own_server(programs) as server:
        yield server.url


@contextmanager
def own_server(programs: Path) -> Iterator[Server]:
    """The same, but yield the server itself, which may be stopped and started in between."""
    user = _user()
    folder = _folder(user)
    try:
        server = Server(programs, folder, user)
        server.create()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL server in a folder of its own."""

    programs: Path
    folder: Path
    user: pwd.struct_passwd | None

    @property
    def data(self) -> Path:
        """The folder of its data."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """The file it logs to."""
        return self.folder / "log"

    @property
    def url(self) -> str:
        """The URL of its first database."""
        return f"postgresql://postgres@/postgres?host={self.folder}"

    def create(self) -> None:
        """Create its data folder."""
        create = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"]
        self.run("initdb", ["--pgdata", str(self.data), *create])

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = {**_OPTIONS, "unix_socket_directories": str(self.folder)}
        words = " ".join(f"-c {name}='{value}'" for name, value in options.items())
        self.pg_ctl("start", "--wait", "--timeout=60", "--log", str(self.log), "--options", words)

    def stop(self) -> None:
        """Stop it at once, as a crash would."""
        self.pg_ctl("stop", "--wait", "--mode=immediate")

    def pause(self) -> None:
        """Freeze all its processes: connections stay open, and nothing answers."""
        for pid in self._processes():
            os.kill(pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let them continue."""
        for pid in self._processes():
            os.kill(pid, signal.SIGCONT)

    def _processes(self) -> list[int]:
        first = int((self.data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [first, *map(int, children)]

    def pg_ctl(self, action: str, *words: str) -> None:
        """Run an action of pg_ctl on it."""
        self.run("pg_ctl", [action, "--pgdata", str(self.data), *words])

    def run(self, program: str, words: Sequence[str]) -> None:
        """Run a program of PostgreSQL as the unprivileged user.

        Its output goes to a file: a server left running would keep a pipe open.
        """
        with (self.folder / "output").open("ab") as output:
            done = subprocess.run(
                [str(self.programs / program), *words],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=False,
                user=self.user.pw_uid if self.user else None,
                group=self.user.pw_gid if self.user else None,
                extra_groups=[] if self.user else None,
            )
        if done.returncode != 0:
            raise CannotContinue(f"PostgreSQL's {program} failed: {self.last_words()}")

    def last_words(self) -> str:
        """The last lines of its output and log."""
        texts = [path.read_text("utf-8", "replace") for path in (self.folder / "output", self.log) if path.exists()]
        return " / ".join(" ".join(texts).strip().splitlines()[-5:])


def _user() -> pwd.struct_passwd | None:
    """The user to run the server as; None for the current one, if we are not root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    found = next((known[name] for name in _UNPRIVILEGED if name in known), None)
    if found is None:
        raise CannotContinue("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as")
    return found


def _folder(user: pwd.struct_passwd | None) -> Path:
    """A new folder of that user, who may have no access to root's own temporary folder, but does to /tmp."""
    folder = Path(tempfile.mkdtemp(prefix="visalookup-", dir="/tmp" if user else None))  # noqa: S108 - a new folder with a random name
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    return folder
