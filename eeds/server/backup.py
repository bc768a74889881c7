"""A backup: the whole database as one file, made and read by PostgreSQL's own programs while all processes work on."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from eeds.db.engine import PsycopgConnection
from eeds.db.migrate import MIGRATION_LOCK
from eeds.db.statements import query
from eeds.errors import ConfigurationError, Conflict, EedsError, MalformedBody
from eeds.jobs.processes import Command
from eeds.server.binaries import client_programs

# How long to wait for those who have a table locked, such as a migration.
LOCK_SECONDS = 60
OUR_MARK = "schema_migrations"
# As `pg_restore --list` begins: ;     Dumped by pg_dump version: 17.2 (Debian 17.2-1)
VERSION_LINE = re.compile(r"^; +Dumped (from database|by pg_dump) version: (\d+)", re.MULTILINE)
# Everything in one transaction: whoever reads meanwhile sees what was there, and so it stays if anything goes wrong.
BEGIN = (
    f"BEGIN; SET LOCAL lock_timeout = '{LOCK_SECONDS}s'; SET LOCAL client_min_messages = warning;"
    f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK});\n"
)
COMMIT = "COMMIT;\n"


def back_up(url: str, file: Path) -> None:
    """Write the database, as it is at one moment, into a new file in pg_dump's custom format.

    The file appears under its name when it is whole, and nobody else may read it. Raises Conflict if there is one of
    that name, ConfigurationError if there is no pg_dump for this server, EedsError with what pg_dump says.
    """
    if file.exists():
        raise Conflict(f"{file} is there already; choose another name.")
    with psycopg.connect(url) as connection:
        programs = matching_programs(major_version(connection))
    options = ["--format=custom", "--no-toast-compression", f"--lock-wait-timeout={LOCK_SECONDS * 1000}"]
    with private_file(file) as partial:
        run([programs / "pg_dump", *options, f"--file={partial}", *target(url)], password_of(url))


def restore(url: str, file: Path, *, replace: bool) -> None:
    """Put a backup in the place of the database's tables and functions, all of it or nothing.

    Raises Conflict if the database has data and `replace` is not said, MalformedBody if the file is no backup of
    ours, ConfigurationError if there is no pg_restore for it, EedsError with what goes wrong meanwhile.
    """
    with psycopg.connect(url) as connection:
        server = major_version(connection)
        if not replace and (occupied := tables_in_use(connection)):
            raise Conflict(
                f"The database has data, in {', '.join(occupied)}; nothing was changed. Restore into an empty "
                "database, or say --replace to have them deleted and the backup in their place."
            )
    programs = matching_programs(server)
    archive = read_archive(file)
    if server < archive.server:
        raise ConfigurationError(
            f"{file} is from PostgreSQL {archive.server}, and this server is {server}; "
            f"restore into one of version {archive.server} or later."
        )
    if server < archive.program:
        programs = matching_programs(archive.program)
    reading: Command = [programs / "pg_restore", "--schema=public", "--no-owner", "--no-acl", "--file=-", file]
    writing: Command = [programs / "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", *target(url)]
    replay(reading, writing, password_of(url))


@dataclass(frozen=True)
class Archive:
    """Major versions of the server that a backup is of, and of the pg_dump that made it."""

    server: int
    program: int


def read_archive(file: Path) -> Archive:
    """What a backup says of itself; raises MalformedBody if it is none of ours."""
    newest = client_programs()[-1]
    listed = subprocess.run(  # noqa: S603 - PostgreSQL's own program
        [newest.directory / "pg_restore", "--list", file], capture_output=True, text=True, check=False
    )
    versions = {of: int(major) for of, major in VERSION_LINE.findall(listed.stdout)}
    if listed.returncode or len(versions) < 2:
        raise MalformedBody(f"{file} is no backup that can be read: {listed.stderr.strip() or 'it is cut off'}")
    if f" TABLE DATA public {OUR_MARK} " not in listed.stdout:
        raise MalformedBody(f"{file} is no backup of eeds: it has no table {OUR_MARK}.")
    return Archive(server=versions["from database"], program=versions["by pg_dump"])


def matching_programs(at_least: int) -> Path:
    """The directory of PostgreSQL's programs in the lowest major version that will do; raises ConfigurationError.

    Not in the highest: a later pg_restore writes settings that an earlier server does not know.
    """
    found = client_programs()
    for programs in found:
        if programs.major >= at_least:
            return programs.directory
    versions = ", ".join(str(programs.major) for programs in found) or "none"
    raise ConfigurationError(
        f"pg_dump, pg_restore and psql of PostgreSQL {at_least} or later are needed; found: {versions}. "
        f"Install them (Debian, Ubuntu: apt install postgresql-client-{at_least}), "
        "or set EEDS_PG_BINDIR to their directory."
    )


def major_version(connection: PsycopgConnection) -> int:
    """The server's, as 17."""
    return connection.info.server_version // 10_000


def tables_in_use(connection: PsycopgConnection) -> list[str]:
    """The tables that a restore would delete something of: those with rows, and all in a database that is not ours."""
    tables = [name for (name,) in connection.execute(query("backup/list_tables"))]
    if OUR_MARK not in tables:
        return tables
    return [name for name in tables if name != OUR_MARK and has_rows(connection, name)]


def has_rows(connection: PsycopgConnection, table: str) -> bool:
    """Whether there is anything in a table."""
    statement = sql.SQL("SELECT FROM public.{} LIMIT 1").format(sql.Identifier(table))
    return connection.execute(statement).fetchone() is not None


def target(url: str) -> list[str]:
    """The options that name the database to a program that nobody sits at; its password, which everybody could see
    there, is left out, and not empty: an empty one would be taken in the place of that of the environment."""
    parameters = {name: value for name, value in conninfo_to_dict(url).items() if name != "password"}
    return ["--no-password", f"--dbname={make_conninfo('', **parameters)}"]


def password_of(url: str) -> Mapping[str, str]:
    """The environment of the programs, with the password of the database."""
    password = conninfo_to_dict(url).get("password")
    return {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}


@contextmanager
def private_file(file: Path) -> Iterator[Path]:
    """A file to be written, which gets its name at the end of the block; raises EedsError if it cannot be made."""
    partial = file.with_name(f"{file.name}.partial")
    try:
        partial.touch(0o600)
        yield partial
        partial.rename(file)
    except OSError as error:
        raise EedsError(f"Cannot write {file}: {error.strerror}.") from error
    finally:
        partial.unlink(missing_ok=True)


def run(command: Command, env: Mapping[str, str]) -> None:
    """Run a program to its end; raises EedsError with what it complains of."""
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)  # noqa: S603 - PostgreSQL's
    if done.returncode:
        raise EedsError(done.stderr.strip())


def replay(reading: Command, writing: Command, env: Mapping[str, str]) -> None:
    """Pass the statements of one program to the other, in one transaction that is committed once all have been read;
    raises EedsError with what either complains of."""
    with TemporaryFile() as complaints:
        with (
            subprocess.Popen(reading, stdout=subprocess.PIPE, stderr=complaints) as reader,  # noqa: S603 - PostgreSQL's
            subprocess.Popen(  # noqa: S603
                writing, env=env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=complaints
            ) as writer,
        ):
            assert reader.stdout is not None
            assert writer.stdin is not None
            pass_on(reader, reader.stdout, writer.stdin)
        if reader.returncode or writer.returncode:
            complaints.seek(0)
            said = complaints.read().decode(errors="replace").strip()
            raise EedsError(f"Nothing was changed: {said}")


def pass_on(reader: "subprocess.Popen[bytes]", statements: IO[bytes], database: IO[bytes]) -> None:
    """Write a transaction around the statements; without its last line, whatever the reason, none of it happens."""
    try:
        database.write(f"{BEGIN}{query('backup/drop_tables_and_functions')}\n{query('backup/prefer_lz4')}\n".encode())
        copyfileobj(statements, database)
        statements.close()
        if reader.wait() == 0:
            database.write(f"{query('backup/compress_by_lz4')}\n{COMMIT}".encode())
        database.close()
    except BrokenPipeError:  # psql has ended with an error, which it has told
        reader.kill()
