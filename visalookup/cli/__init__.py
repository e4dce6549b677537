"""The command line: ask, and look after the data."""

from __future__ import annotations

import click

from visalookup.cli.ask import ask
from visalookup.cli.data import data
from visalookup.cli.database import database
from visalookup.cli.openapi import openapi
from visalookup.cli.regime import regime
from visalookup.cli.serve import serve


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="visalookup", prog_name="visalookup")
def main() -> None:
    """Do I need a visa from X to Y? Every answer carries its source.

    The database is named by DATABASE_URL: a SQLite file in instance/ if it is left out.
    """


for command in (ask, data, database, openapi, regime, serve):
    main.add_command(command)
