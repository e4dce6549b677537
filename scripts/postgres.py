"""A PostgreSQL server of our own: fresh, private to one user, gone at the end."""

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

from scripts.shell import CannotGoOn

_UNPRIVILEGED = ("postgres", "nobody")
"""As whom the server runs if we are root, which it refuses to be run by."""
_OPTIONS = {
    "listen_addresses": "",  # only the socket in its own folder
    "max_connections": "100",
    "fsync": "off",  # what it holds need not outlive a crash
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


@contextmanager
def private_server(programs: Path) -> Iterator[str]:
    """Start a server from PostgreSQL's `programs`; give the URL of its first database, and stop it at the end."""
    with own_server(programs) as server:
        yield server.url


@contextmanager
def own_server(programs: Path) -> Iterator[Server]:
    """The same, with the server itself, which may be stopped and started meanwhile."""
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
        """Where its data lie."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What it logs to."""
        return self.folder / "log"

    @property
    def url(self) -> str:
        """The URL of its first database."""
        return f"postgresql://postgres@/postgres?host={self.folder}"

    def create(self) -> None:
        """Make its folder."""
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
        """Stop all its processes in their tracks: connections stay open, and nobody answers."""
        for each in self._processes():
            os.kill(each, signal.SIGSTOP)

    def go_on(self) -> None:
        """Let them go on."""
        for each in self._processes():
            os.kill(each, signal.SIGCONT)

    def _processes(self) -> list[int]:
        first = int((self.data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [first, *map(int, children)]

    def pg_ctl(self, action: str, *words: str) -> None:
        """Have pg_ctl do something with it."""
        self.run("pg_ctl", [action, "--pgdata", str(self.data), *words])

    def run(self, program: str, words: Sequence[str]) -> None:
        """Run a program of PostgreSQL as the unprivileged user.

        Its output goes to a file: a server left running would hold a pipe open for ever.
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
            raise CannotGoOn(f"PostgreSQL's {program} failed: {self.last_words()}")

    def last_words(self) -> str:
        """The end of what it wrote."""
        texts = [path.read_text("utf-8", "replace") for path in (self.folder / "output", self.log) if path.exists()]
        return " / ".join(" ".join(texts).strip().splitlines()[-5:])


def _user() -> pwd.struct_passwd | None:
    """Whom the server is to run as; None for ourselves, if we are not root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    found = next((known[name] for name in _UNPRIVILEGED if name in known), None)
    if found is None:
        raise CannotGoOn("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as")
    return found


def _folder(user: pwd.struct_passwd | None) -> Path:
    """A new folder of that user; root's own temporary folder may be out of its reach, /tmp is not."""
    folder = Path(tempfile.mkdtemp(prefix="visalookup-", dir="/tmp" if user else None))  # noqa: S108 - made afresh
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    return folder
