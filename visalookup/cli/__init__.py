"""The command line: answer questions, and manage the data and the service."""

from __future__ import annotations

from importlib import import_module

import click

_COMMANDS = {
    "agency": "visalookup.cli.agency:agency",
    "ask": "visalookup.cli.ask:ask",
    "audit": "visalookup.cli.audit:audit",
    "data": "visalookup.cli.data:data",
    "db": "visalookup.cli.database:database",
    "matrix": "visalookup.cli.matrix:print_matrix",
    "openapi": "visalookup.cli.openapi:openapi",
    "receipt": "visalookup.cli.receipt:receipt",
    "regime": "visalookup.cli.regime:regime",
    "serve": "visalookup.cli.serve:serve",
    "user": "visalookup.cli.user:user",
    "token": "visalookup.cli.token:token",
    "webhooks": "visalookup.cli.webhooks:webhooks",
}


class LazyGroup(click.Group):
    """A group that imports a command only when it is used, so that every command starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command with that name, imported now."""
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="visalookup", prog_name="visalookup")
def main() -> None:
    """Do I need a visa from X to Y? Every answer carries its source.

    DATABASE_URL names the database; the default is a SQLite file in instance/.
    """
