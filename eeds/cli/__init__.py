"""The `eeds` command."""

import sys

import click

from eeds import __version__
from eeds.cli.lazy_commands import LaterGroup
from eeds.errors import EedsError

# The module of every command, and what the list of commands says of it.
COMMANDS = {
    "up": ("eeds.server.commands.datastore", "Run the whole datastore in the foreground until Ctrl-C."),
    "db": ("eeds.server.commands.datastore", "The database's schema."),
    "user": ("eeds.server.commands.access", "Users of the datastore."),
    "token": ("eeds.server.commands.access", "Bearer tokens for the API."),
    "oauth-client": ("eeds.server.commands.access", "OAuth2 clients: programs that fetch their tokens."),
    "seed": ("eeds.server.commands.access", "First contents of an empty database."),
    "upload": ("eeds.cli.upload", "Send files to a server."),
    "weather": ("eeds.server.commands.weather", "Temperatures of weather stations."),
    "run-meters": ("eeds.cli.runs", "Request a run of the meter for each of the projects."),
    "progress": ("eeds.cli.runs", "Count the latest run of each project by status."),
    "export": ("eeds.cli.export", "Download results, diagnostics or records as a file."),
    "doctor": ("eeds.server.commands.doctor", "Find what keeps the datastore from doing its work."),
}


@click.group(
    cls=LaterGroup,
    modules={name: module for name, (module, _) in COMMANDS.items()},
    told={name: told for name, (_, told) in COMMANDS.items()},
)
@click.version_option(__version__)
def cli() -> None:
    """The Energy Efficiency DataStore."""


def main() -> None:
    """Run the command; what the user did wrong is one line on stderr, never a traceback."""
    try:
        cli()
    except EedsError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
