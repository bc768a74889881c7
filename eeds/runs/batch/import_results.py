"""What `run` in eeds/meter/batch.py has computed, stored as workers do: each project in a transaction."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.db.engine import Database, psycopg_connection
from eeds.db.tables import Project, ProjectResult, ProjectRun
from eeds.errors import ConfigurationError, EedsError
from eeds.jobs.leases import claim_job, fail_job
from eeds.jobs.status import FAILED, SUCCESS
from eeds.meter.batch_files import BatchFileError, read_rows
from eeds.meter.batch_rows import PROJECTS, RESULTS, ProjectOutcome
from eeds.meter.provenance import input_hash, versions
from eeds.meter.types import MeterResult
from eeds.runs.inputs import RunInput, input_of
from eeds.runs.lifecycle import RUNS, ClaimedRun
from eeds.runs.results.freshness import succeed_with
from eeds.runs.results.store import save

ALREADY_THERE = "already there"
# What computes: a result of others is of other formulas.
FORMULAS = ("meter", "opendsm")
COMPUTE_AGAIN = "Export it again and compute that, or request a run of it."


@dataclass(frozen=True)
class Stored:
    """What became of a project's outcome: its run is SUCCESS or FAILED, or it was already there. `versions` are those
    that it was computed with."""

    fate: str
    versions: Mapping[str, str]


@dataclass(frozen=True)
class NotStored:
    """A project's outcome, or a file of them, that was not stored, and why."""

    problem: str


class Refused(EedsError):
    """The outcome of a project must not be stored; the text says why, and what to do."""


def files_of_results(path: Path) -> tuple[list[Path], list[NotStored]]:
    """The files that a path means: one, those in a directory, or those of an export with the files that have none yet.
    Raises EedsError if there are none."""
    if path.is_file():
        return [path], []
    exported = sorted((path / PROJECTS).glob("*.parquet"))
    files = sorted((path / RESULTS if exported else path).glob("*.parquet"))
    lacking = {file.name for file in exported} - {file.name for file in files}
    if not files:
        raise EedsError(f"{path} has no results; compute its projects by eeds.meter.batch.run.")
    compute = "has no results yet; compute it by eeds.meter.batch.run, and import again."
    return files, [NotStored(f"{path / PROJECTS / name} {compute}") for name in sorted(lacking)]


def import_results(database: Database, file: Path) -> Iterator[Stored | NotStored]:
    """Store the outcomes in a file, one after the other; what became of each, when it is committed. What has been read
    of a broken file stays stored; importing it again changes nothing of that."""
    try:
        for outcome in read_rows(file, ProjectOutcome, "file of results"):
            try:
                with database.session() as session:
                    stored = Stored(store_outcome(session, outcome), outcome.versions)
            except Refused as error:
                yield NotStored(f"{file}, project {outcome.project} ({outcome.name}): {error}")
            else:
                yield stored
    except BatchFileError as error:
        yield NotStored(str(error))


def store_outcome(session: Session, outcome: ProjectOutcome) -> str:
    """Store a run of the project that has ended, with its result or the reason that there is none, in the session's
    transaction; returns SUCCESS, FAILED or ALREADY_THERE. Raises Refused if a run would look at other data now."""
    refuse_other_formulas(outcome.versions)
    if session.get(Project, outcome.project) is None:
        raise Refused("There is no project of that id. Import into the datastore that exported it.")
    input = unchanged_input(session, outcome)
    if is_stored(session, outcome):
        return ALREADY_THERE
    run = begin_run(session, outcome)
    if outcome.result is None:
        fail_job(psycopg_connection(session), run, outcome.message or "")
        return FAILED
    succeed_with(session, run, input, save(session, run, with_origin(input, outcome.result), outcome.result))
    return SUCCESS


def refuse_other_formulas(computed: Mapping[str, str]) -> None:
    """Raises Refused for what another release has computed."""
    own = versions()
    for name in FORMULAS:
        if computed.get(name) != own[name]:
            raise Refused(
                f"It was computed by another release: {name} {computed.get(name)}, which is {own[name]} here. "
                f"Install this release of eeds where it is computed. {COMPUTE_AGAIN}"
            )


def unchanged_input(session: Session, outcome: ProjectOutcome) -> RunInput:
    """What a run of the project would be computed from now; raises Refused unless that is what was computed."""
    try:
        input = input_of(session, outcome.project, outcome.meter_settings)
    except EedsError as error:
        raise Refused(f"It has changed since it was exported, and cannot be computed any more: {error}") from error
    found = input_hash(input.traces, input.weather.weather, input.periods, input.settings)
    if found != outcome.input_sha256:
        raise Refused(
            "Its readings, periods, attributes or weather have changed since it was exported: input_sha256 is "
            f"{found} now, and {outcome.input_sha256} was computed. {COMPUTE_AGAIN}"
        )
    return input


def is_stored(session: Session, outcome: ProjectOutcome) -> bool:
    """Whether the project's latest result has the same input and versions, or its latest run FAILED for the same
    reason."""
    if outcome.result is None:
        runs = select(ProjectRun.status, ProjectRun.traceback).where(ProjectRun.project_id == outcome.project)
        latest = session.execute(runs.order_by(ProjectRun.id.desc()).limit(1)).one_or_none()
        return latest is not None and tuple(latest) == (FAILED, outcome.message)
    results = select(ProjectResult.provenance).where(ProjectResult.project_id == outcome.project)
    stored = session.scalars(results.order_by(ProjectResult.id.desc()).limit(1)).one_or_none() or {}
    same = outcome.result.provenance
    return all(stored.get(name) == same[name] for name in ("input_sha256", "versions"))


def begin_run(session: Session, outcome: ProjectOutcome) -> ClaimedRun:
    """A run of the project in our hands; nobody else sees it before it has ended. Raises ConfigurationError if the
    database has become that of another release meanwhile."""
    row = ProjectRun(project_id=outcome.project, meter_class=outcome.meter_class, meter_settings=outcome.meter_settings)
    session.add(row)
    session.flush()
    run = claim_job(psycopg_connection(session), RUNS, row.id)
    if run is None:
        raise ConfigurationError(
            "The schema of the database is not that of this release any more; nothing more is stored."
        )
    return run


def with_origin(input: RunInput, result: MeterResult) -> RunInput:
    """The input with what the export said of where its weather and its time zone came from."""
    weather = replace(input.weather, provenance=result.provenance["weather"])
    return replace(input, weather=weather, zone=result.provenance["timezone"])
