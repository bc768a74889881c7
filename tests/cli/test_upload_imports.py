"""The commands and the client that send records are installable alone: they know nothing of the server's inside."""

import subprocess
import sys

CODE = """
import sys
import eeds.cli.upload, eeds.client.record_frames
foreign = {"flask", "sqlalchemy", "psycopg", "marshmallow", "eeds.records", "eeds.meter", "eeds.web", "eeds.db"}
print(sorted(foreign & set(sys.modules)))
"""


def test_uploads_import_nothing_of_the_server() -> None:
    found = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
