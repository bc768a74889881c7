"""The list of commands, and that none of them waits for what the others need."""

import subprocess
import sys

import click
import pytest

from eeds.cli import LOCAL, REMOTE, cli
from tests.cli.conftest import Eeds

HEAVY = {"sqlalchemy", "psycopg", "numpy", "pyarrow", "redis", "eeds.db.tables"}

SERVER_LIBRARIES = {"sqlalchemy", "psycopg", "flask"}


def test_the_list_of_commands_has_what_needs_the_database_apart(eeds: Eeds) -> None:
    outcome = eeds("--help")
    assert outcome.status == 0
    _, remote, local = outcome.out.split("\nCommands that ")
    assert " ".join(remote.partition(":\n")[0].split()) == "talk to a server, named by --url and --token"
    assert local.startswith("need the datastore's own database, named by DATABASE_URL")
    for section, text in ((REMOTE, remote), (LOCAL, local)):
        lines = [line for line in text.splitlines()[1:] if line]
        assert lines == [f"  {name:12}  {line}" for name, (_, line) in section.commands.items()]


def test_every_command_is_where_the_list_says() -> None:
    context = click.Context(cli)
    names = cli.list_commands(context)
    assert sorted(names) == sorted([*REMOTE.commands, *LOCAL.commands])
    for name in names:
        command = cli.get_command(context, name)
        assert command is not None
        assert command.name == name


def test_a_command_that_is_not_there(eeds: Eeds) -> None:
    outcome = eeds("backpu")
    assert outcome.status == 2
    assert "No such command 'backpu'. Did you mean 'backup'?" in outcome.err


@pytest.mark.parametrize("command", [[], ["upload", "energy"]])
def test_what_is_not_needed_is_not_imported(command: list[str]) -> None:
    arguments = ["eeds", *command, "--help"]
    code = (
        f"import atexit, sys; sys.argv = {arguments}; from eeds.cli import main\n"
        f"atexit.register(lambda: print('imported', sorted({HEAVY} & sys.modules.keys())))\n"
        "main()"
    )
    outcome = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert outcome.stdout.startswith("Usage: ")
    assert outcome.stdout.endswith("imported []\n")


@pytest.mark.parametrize("package", ["eeds.client", "eeds.cli"])
def test_what_talks_to_a_server_can_be_installed_alone(package: str) -> None:
    """Each module of it, with the libraries of the server that it brings."""
    code = (
        "import sys\n"
        "from importlib import import_module\n"
        "from pkgutil import walk_packages\n"
        f"package = import_module({package!r})\n"
        f"names = [module.name for module in walk_packages(package.__path__, {package + '.'!r})]\n"
        "for name in [package.__name__, *names]:\n"
        "    before = set(sys.modules)\n"
        "    if not name.endswith('__main__'):\n"
        "        import_module(name)\n"
        f"    brought = sorted((set(sys.modules) - before) & {SERVER_LIBRARIES})\n"
        "    if brought:\n"
        "        print(name, brought)\n"
    )
    outcome = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert outcome.stdout == ""
