"""The client talks to the server that the command line's tests have."""

from tests.cli.conftest import client, eeds, eeds_here, login, projects, scripted, server, write  # noqa: F401 - fixtures
