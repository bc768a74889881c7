"""Commands that need the database are called as the command line's tests call theirs."""

from tests.cli.conftest import client, eeds, eeds_here, login, projects, scripted, server, write  # noqa: F401 - fixtures
