"""`eeds export meter-input`, `eeds import results`: runs that other machines compute, without this database."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import msgspec
import psycopg
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from tqdm import tqdm

from eeds.accounts.principal import MACHINE
from eeds.config.settings import Settings
from eeds.db.engine import Database
from eeds.db.migrate import migration_status
from eeds.errors import ConfigurationError, EedsError
from eeds.jobs.status import FAILED, SUCCESS
from eeds.meter.provenance import versions
from eeds.meter.settings import InvalidSettings, parse_settings
from eeds.projects.selection import (
    ALL_PROJECTS,
    Selection,
    parse_selection,
    select_block,
    select_filter,
    select_group,
)
from eeds.runs.batch.export_input import LEFT_OUT, InputExport, LeftOut, chosen_projects, new_directory
from eeds.runs.batch.import_results import ALREADY_THERE, NotStored, files_of_results, import_results

LISTED = 20


class SettingsOfRuns(click.ParamType[dict[str, Any]]):
    """meter_settings, a JSON object."""

    name = "JSON"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, Any]:
        """The settings, as they were given."""
        try:
            settings = msgspec.json.decode(str(value), type=dict[str, Any])
        except msgspec.DecodeError:
            self.fail(f'{value} is no JSON object, such as {{"model": "daily"}}.', param, ctx)
        try:
            parse_settings(settings)
        except InvalidSettings as error:
            self.fail(str(error), param, ctx)
        return settings


@contextmanager
def own_database() -> Iterator[Database]:
    """The database that the environment names; raises ConfigurationError if it does not answer, or is of an earlier
    release."""
    settings = Settings.from_env()
    database = Database(settings.direct_url)
    try:
        missing = [migration.name for migration in migration_status(settings.direct_url) if not migration.applied]
        if missing:
            raise ConfigurationError(f"The schema lacks {', '.join(missing)}. Run: eeds db upgrade")
        yield database
    except (psycopg.OperationalError, OperationalError) as error:
        reason = error.orig if isinstance(error, OperationalError) else error
        raise ConfigurationError(f"The database does not answer: {str(reason).strip()}") from error
    finally:
        database.engine.dispose()


@click.command("meter-input")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--projects", metavar="1+3-5", help="Ids of projects, and ranges of ids.")
@click.option("--block", type=int, metavar="ID", help="The projects of a block.")
@click.option("--group", metavar="NAME", help="The projects of a group, by its name or id.")
@click.option("--filter", metavar="JSON", help='The projects that meet a filter, as {"zipcode": "50321"}.')
@click.option("--settings", type=SettingsOfRuns(), help="The meter_settings of the runs.")
@click.option(
    "--projects-per-file",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="A file is one piece of work.",
)
def meter_input(directory: Path, settings: dict[str, Any] | None, projects_per_file: int, **which: Any) -> None:
    """Write what the meter takes into the new DIRECTORY: of all projects, unless some are named.

    `eeds.meter.batch.run` computes each file in DIRECTORY/projects, on whatever machine, and `eeds import results`
    stores what it finds. Exit status 1 if projects are left out; then DIRECTORY/left_out.csv says why.
    """
    require_at_most_one(which)
    with own_database() as database, new_directory(directory) as part:
        with database.session() as session:
            ids = chosen_projects(session, selection_of(session, **which))
        left_out = write_with_progress(InputExport(database, part, settings, projects_per_file), ids)
        files = len(list(part.glob("projects/*.parquet")))
    click.echo(f"{len(ids) - left_out.total} projects, {files} files: {directory}")
    raise_problems(left_out, f"projects are left out, see {directory / LEFT_OUT}")


def require_at_most_one(which: Mapping[str, Any]) -> None:
    """Raises UsageError for options that would have to agree."""
    if sum(value is not None for value in which.values()) > 1:
        raise click.UsageError(
            "Say which projects by one of --projects 1+3-5, --block ID, --group NAME or --filter JSON."
        )


def selection_of(
    session: Session,
    projects: str | None = None,
    block: int | None = None,
    group: str | None = None,
    filter: str | None = None,
) -> Selection:
    """The projects that an option names, or all; raises UsageError for what cannot be understood, and Invalid."""
    if block is not None:
        return select_block(block)
    if group is not None:
        return select_group(session, MACHINE, group)
    if filter is not None:
        return select_filter(session, MACHINE, filter)
    try:
        return ALL_PROJECTS if projects is None else parse_selection(projects)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


class Problems:
    """How many there are, and the first of them."""

    def __init__(self) -> None:
        self.total = 0
        self.first: list[str] = []

    def add(self, problem: str) -> None:
        """Count a problem."""
        self.total += 1
        if len(self.first) < LISTED:
            self.first.append(problem)


def raise_problems(problems: Problems, what: str) -> None:
    """Raises EedsError if there are problems."""
    if problems.total:
        more = [f"... and {problems.total - LISTED} more"] if problems.total > LISTED else []
        raise EedsError("\n  ".join([f"{problems.total} {what}:", *problems.first, *more]))


def write_with_progress(export: InputExport, ids: Sequence[int]) -> Problems:
    """Write the projects with a progress bar; those that were left out."""
    left_out = Problems()
    with tqdm(total=len(ids), desc="meter-input", unit=" projects", leave=False, disable=None) as bar:
        for project in export.write(ids):
            if isinstance(project, LeftOut):
                left_out.add(f"project {project.project} ({project.project_id}): {project.reason}")
            bar.update()
    return left_out


@click.group("import")
def import_() -> None:
    """Store what other machines have computed."""


@import_.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True))
def results(path: Path) -> None:
    """Store what `eeds.meter.batch.run` has found, each project as if a worker had run it.

    PATH is the directory of `eeds export meter-input`, or one file of results. What was computed from data that have
    changed since is not stored. Importing again changes nothing. Exit status 1 if something was not stored.
    """
    files, problems = files_of_results(path)
    not_stored = Problems()
    for problem in problems:
        not_stored.add(problem.problem)
    fates, others = Counter[str](), Counter[str]()
    with (
        own_database() as database,
        tqdm(total=len(files), desc="results", unit=" files", leave=False, disable=None) as bar,
    ):
        for file in files:
            for outcome in import_results(database, file):
                if isinstance(outcome, NotStored):
                    not_stored.add(outcome.problem)
                else:
                    fates[outcome.fate] += 1
                    others.update(other_versions(outcome.versions))
            bar.update()
    report(fates, others)
    raise_problems(not_stored, "were not stored")


def other_versions(computed: Mapping[str, str]) -> Iterator[str]:
    """Versions with which something was computed that are others here."""
    for name, own in versions().items():
        if computed.get(name) != own:
            yield f"{name} {computed.get(name)} ({own} here)"


def report(fates: Counter[str], others: Counter[str]) -> None:
    """Print what became of the outcomes."""
    words = [f"{fates[fate]} {fate}" for fate in (SUCCESS, FAILED, ALREADY_THERE) if fates[fate]]
    click.echo(", ".join(words) or "nothing stored")
    if others:
        click.echo(f"Computed with other versions, as the provenance of the results says: {', '.join(sorted(others))}")
