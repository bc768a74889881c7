"""What the meter takes, of many projects, as files that `run` in eeds/meter/batch.py computes."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from shutil import rmtree
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.db.engine import Database, psycopg_connection
from eeds.db.tables import Project, ProjectWeather
from eeds.errors import Conflict, EedsError
from eeds.formats.messages import invalid_pk
from eeds.formats.spreadsheets import without_formula
from eeds.meter.batch_files import PART, RowWriter
from eeds.meter.batch_rows import PROJECTS, WEATHER, Hours, ProjectInput
from eeds.meter.provenance import input_hash
from eeds.projects.selection import NO_PROJECTS, Selection
from eeds.runs.batch.weather_files import WeatherFiles
from eeds.runs.inputs import RunInput, input_of
from eeds.runs.lifecycle import METER_CLASS

LEFT_OUT = "left_out.csv"


@dataclass(frozen=True)
class LeftOut:
    """A project of which a run would have FAILED before the meter, and why."""

    project: int
    project_id: str
    reason: str


@contextmanager
def new_directory(directory: Path) -> Iterator[Path]:
    """A directory under another name, which gets its own when the `with` block has ended without an error, and of which
    nothing is left otherwise. Raises Conflict if there is one of that name, and EedsError if it cannot be written."""
    if directory.exists():
        raise Conflict(f"{directory} is there already; choose another name.")
    part = directory.with_name(directory.name + PART)
    try:
        part.mkdir()
    except FileExistsError as error:
        raise Conflict(f"{part} is there, of an export that is at work or was killed; delete it.") from error
    except OSError as error:
        raise EedsError(f"{directory} cannot be written: {error.strerror}") from error
    try:
        yield part
        part.rename(directory)
    except OSError as error:
        raise EedsError(f"{directory} cannot be written: {error}") from error
    finally:
        rmtree(part, ignore_errors=True)


def chosen_projects(session: Session, selection: Selection) -> list[int]:
    """The ids of the projects, those of one weather station after the other; raises Invalid if there are none, or one
    of the ids given one by one does not exist."""
    stations = select(Project.id).outerjoin(ProjectWeather, ProjectWeather.project_id == Project.id)
    ids = list(session.scalars(stations.where(selection.condition).order_by(ProjectWeather.station, Project.id)))
    unknown = sorted(selection.ids.difference(ids))
    if unknown or not ids:
        raise selection.invalid([invalid_pk(id) for id in unknown] or [NO_PROJECTS])
    return ids


@dataclass
class InputExport:
    """An export into a directory that is there: projects/, weather/, and left_out.csv if a project is left out."""

    database: Database
    directory: Path
    meter_settings: Mapping[str, Any] | None
    projects_per_file: int
    weather: WeatherFiles = field(init=False)

    def __post_init__(self) -> None:
        for name in (PROJECTS, WEATHER):
            (self.directory / name).mkdir()
        self.weather = WeatherFiles(self.directory / WEATHER)

    def write(self, ids: Sequence[int]) -> Iterator[ProjectInput | LeftOut]:
        """Write the projects, one in memory at a time; each, when it is written or left out."""
        for number, begin in enumerate(range(0, len(ids), self.projects_per_file)):
            with RowWriter(self.directory / PROJECTS / f"{number:05}.parquet", ProjectInput) as file:
                for project in map(self.load, ids[begin : begin + self.projects_per_file]):
                    if isinstance(project, ProjectInput):
                        file.write(project)
                    else:
                        self.leave_out(project)
                    yield project

    def load(self, id: int) -> ProjectInput | LeftOut:
        """The input of a project as a worker would read it now, or why there is none."""
        name = ""
        try:
            with self.database.session() as session:
                project = session.get(Project, id)
                if project is None:
                    return LeftOut(id, name, "It was deleted while the projects were exported.")
                name = project.project_id
                return self.row_of(session, project, input_of(session, id, self.meter_settings))
        except EedsError as error:
            return LeftOut(id, name, str(error))

    def row_of(self, session: Session, project: Project, input: RunInput) -> ProjectInput:
        """A project as it is written, once its weather is."""
        weather = input.weather.weather
        return ProjectInput(
            project=project.id,
            name=project.project_id,
            input_sha256=input_hash(input.traces, weather, input.periods, input.settings),
            meter_class=METER_CLASS,
            meter_settings=self.meter_settings,
            settings=msgspec.to_builtins(input.settings),
            periods=input.periods,
            traces=tuple(input.traces),
            weather_file=self.weather.name_for(psycopg_connection(session), weather),
            hours=Hours.of(weather),
            origin=input.provenance,
        )

    def leave_out(self, project: LeftOut) -> None:
        """Add a line to left_out.csv."""
        file = self.directory / LEFT_OUT
        is_first = not file.exists()
        with file.open("a", encoding="utf-8", newline="") as text:
            writer = csv.writer(text, lineterminator="\n")
            if is_first:
                writer.writerow(each.name for each in fields(LeftOut))
            writer.writerow([project.project, without_formula(project.project_id), without_formula(project.reason)])
