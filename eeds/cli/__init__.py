"""The `eeds` command."""

import sys

import click

from eeds import __version__
from eeds.cli.access import oauth_client, seed, token, user
from eeds.cli.runs import progress, run_meters
from eeds.cli.servers import db, up
from eeds.cli.upload import upload
from eeds.errors import EedsError


@click.group()
@click.version_option(__version__)
def cli() -> None:
    """The Energy Efficiency DataStore."""


for command in (up, db, user, token, oauth_client, seed, upload, run_meters, progress):
    cli.add_command(command)


def main() -> None:
    """Run the command; what the user did wrong is one line on stderr, never a traceback."""
    try:
        cli()
    except EedsError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
