"""The command line as a person uses it: what it says, and how it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner, Result

from tests.conftest import DATA
from visalookup.cli import main


@dataclass(frozen=True, slots=True)
class CommandLine:
    """The program, run on one database and one data folder."""

    url: str
    folder: Path = DATA

    def run(self, *words: str) -> Result:
        environment = {"DATABASE_URL": self.url, "DATA_FOLDER": str(self.folder)}
        return CliRunner().invoke(main, words, env=environment)

    def says(self, *words: str) -> str:
        """What a command that succeeds prints."""
        result = self.run(*words)
        assert (result.exit_code, result.stderr) == (0, ""), result.output
        return result.stdout

    def refuses(self, *words: str) -> str:
        """The one line in which a command says why not."""
        result = self.run(*words)
        assert result.exit_code != 0
        assert isinstance(result.exception, SystemExit), "a traceback would be seen"
        assert result.stdout == ""
        (line,) = result.stderr.splitlines()
        assert line.startswith("Error: ")
        return line.removeprefix("Error: ")
