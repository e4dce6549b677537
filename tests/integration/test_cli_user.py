"""Accounts on the command line, where all of them begin."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from tests.integration.command_line import CommandLine
from visalookup.cli import main

PASSWORD = "four words without sense"  # noqa: S105

pytestmark = pytest.mark.usefixtures("quick_passwords")


@pytest.fixture
def line(small: CommandLine) -> CommandLine:
    return small


def typed(line: CommandLine, text: str, *words: str) -> Result:
    """The result of a command into which somebody types."""
    return CliRunner().invoke(main, words, input=text, env={"DATABASE_URL": line.url})


def add(line: CommandLine, name: str = "edith", role: str = "editor", password: str = PASSWORD) -> Result:
    words = ("user", "add", name, "--role", role, "--display-name", "Editor on duty", "--password-stdin")
    return typed(line, f"{password}\n", *words)


def test_the_password_is_asked_for_twice_and_shown_never(line: CommandLine) -> None:
    words = ("user", "add", "edith", "--role", "editor", "--display-name", "Editor on duty")
    result = typed(line, f"{PASSWORD}\n{PASSWORD}\n", *words)
    assert (result.exit_code, result.stdout) == (0, "edith may sign in at /staff as editor.\n")
    assert "at least 12 characters" in result.stderr
    assert PASSWORD not in result.output
    assert typed(line, f"{PASSWORD}\nanother\n", *words).exit_code != 0


def test_nobody_gets_a_password_that_nobody_chose(line: CommandLine) -> None:
    result = typed(line, "", "user", "add", "edith", "--role", "editor", "--display-name", "Edith")
    assert result.exit_code != 0
    assert "There is no account yet" in line.says("user", "list")


@pytest.mark.parametrize(
    ("password", "why"), [("", "too short"), ("edith-edith-edith", "account's name"), ("a" * 600, "too long")]
)
def test_a_weak_password_is_refused_with_one_line_that_says_why(line: CommandLine, password: str, why: str) -> None:
    result = add(line, password=password)
    assert result.exit_code == 1
    (told,) = result.stderr.splitlines()
    assert told.startswith("Error: The password")
    assert why in told


def test_an_account_is_listed_with_its_role_and_what_became_of_it(line: CommandLine) -> None:
    assert add(line).exit_code == 0
    assert add(line, "ada", "administrator").exit_code == 0
    assert line.says("user", "role", "edith", "publisher") == "edith is now publisher.\n"
    assert line.says("user", "role", "edith", "publisher") == "edith is already publisher.\n"
    assert line.says("user", "disable", "edith") == "edith is now disabled.\n"
    ada, edith = line.says("user", "list").splitlines()
    assert ada.split()[:2] == ["ada", "administrator"]
    assert edith.split()[:2] == ["edith", "publisher"]
    assert "disabled since" in edith
    assert line.says("user", "enable", "edith") == "edith may sign in again.\n"
    assert "disabled" not in line.says("user", "list")


def test_another_password_is_given_to_an_account_that_is_there(line: CommandLine) -> None:
    add(line)
    result = typed(line, "another of four words\n", "user", "password", "edith", "--password-stdin")
    assert (result.exit_code, "is changed" in result.stdout) == (0, True)
    assert "No account is named 'paul'" in line.refuses("user", "password", "paul")


def test_what_cannot_be_done_is_one_clear_line(line: CommandLine) -> None:
    add(line, "ada", "administrator")
    assert "last administrator" in line.refuses("user", "disable", "ada")
    assert "last administrator" in line.refuses("user", "role", "ada", "editor")
    assert "nothing to switch off" in line.refuses("user", "reset-two-factor", "ada")
    assert "No account is named" in line.refuses("user", "enable", "nobody")
    assert "choose another name" in add(line, "ada").stderr
