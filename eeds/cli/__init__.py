"""The `eeds` command."""

import sys

import click

from eeds import __version__
from eeds.cli.lazy_commands import LazyGroup, Section
from eeds.errors import EedsError

REMOTE = Section(
    "Commands that talk to a server, named by --url and --token",
    {
        "upload": ("eeds.cli.upload", "Send files to a server."),
        "project": ("eeds.cli.projects", "Change a project, or delete it."),
        "block": ("eeds.cli.blocks", "Named selections of projects."),
        "group": ("eeds.cli.groups", "Filters of projects and traces under a name."),
        "attribute": ("eeds.cli.attributes", "Names and types of attributes of projects."),
        "run-meters": ("eeds.cli.runs", "Request a run of the meter for each of the projects."),
        "progress": ("eeds.cli.runs", "Count the latest run of each project by status."),
        "portfolio": ("eeds.cli.portfolio", "What projects have saved together, with bounds."),
        "savings": ("eeds.cli.savings", "What projects have saved, as a table or a file."),
        "loads": ("eeds.cli.loads", "What was sent, what it changed, and undoing it."),
        "runs": ("eeds.cli.run_changes", "Cancel runs, or have those that failed tried again."),
        "restate": ("eeds.cli.restatements", "Compare two results, or aggregations: what moved the savings."),
        "export": ("eeds.cli.export", "Results, diagnostics, records or the meter's input as files."),
    },
)
LOCAL = Section(
    "Commands that need the datastore's own database, named by DATABASE_URL or EEDS_DATA_DIR",
    {
        "up": ("eeds.server.commands.datastore", "Run the whole datastore in the foreground until Ctrl-C."),
        "db": ("eeds.server.commands.datastore", "The database's schema."),
        "backup": ("eeds.server.commands.backup", "Write the whole database into one file."),
        "restore": ("eeds.server.commands.backup", "Restore a backup into an empty database."),
        "user": ("eeds.server.commands.access", "Users of the datastore."),
        "token": ("eeds.server.commands.access", "Bearer tokens for the API."),
        "oauth-client": ("eeds.server.commands.access", "OAuth2 clients: programs that fetch their tokens."),
        "seed": ("eeds.server.commands.access", "First contents of an empty database."),
        "weather": ("eeds.server.commands.weather", "Temperatures of weather stations."),
        "import": ("eeds.server.commands.batch", "Store what other machines have computed."),
        "doctor": ("eeds.server.commands.doctor", "Find what keeps the datastore from doing its work."),
    },
)


@click.group(cls=LazyGroup, sections=(REMOTE, LOCAL))
@click.version_option(__version__)
def cli() -> None:
    """The Energy Efficiency DataStore.

    Some commands talk to a server over HTTP, from anywhere, with a token; the others run the datastore itself, on a
    machine that reaches its database.
    """


def main() -> None:
    """Run the command; what the user did wrong is one line on stderr, never a traceback."""
    try:
        cli()
    except EedsError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
