"""The list of commands, and that none of them waits for what the others need."""

import subprocess
import sys

import pytest

from eeds.cli import COMMANDS, cli
from tests.cli.conftest import Eeds

HEAVY = {"sqlalchemy", "psycopg", "numpy", "pyarrow", "redis", "eeds.db.tables"}


def test_every_command_is_where_the_list_says(eeds: Eeds) -> None:
    outcome = eeds("--help")
    assert outcome.status == 0
    shown = outcome.out.partition("Commands:\n")[2].splitlines()
    assert shown == [f"  {name:12}  {COMMANDS[name][1]}" for name in sorted(COMMANDS)]
    assert {name: command.name for name, command in cli.commands.items()} == {name: name for name in COMMANDS}


def test_a_command_that_is_not_there(eeds: Eeds) -> None:
    outcome = eeds("uplod")
    assert outcome.status == 2
    assert "No such command 'uplod'. Did you mean 'upload'?" in outcome.err


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
