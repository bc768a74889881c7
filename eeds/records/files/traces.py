"""The traces that the readings of a file go to, their units, and the zones of their projects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import visible
from eeds.db.array_parameters import among
from eeds.db.engine import psycopg_connection
from eeds.db.tables import ConsumptionMetadata, Project
from eeds.formats.messages import invalid_pk
from eeds.formats.units import NeedsHeatingValue, factor, unit_named
from eeds.records.files.taken import Source
from eeds.records.trace_names import Name, TraceNames, Unknown
from eeds.weather.zone import timezones_of_projects

ELECTRICITY = "E_"
WATT_HOURS = ("Wh", "kWh", "MWh", "GWh")
UNIT_ADVICE = "The file does not say the unit; add a column unit, or give the option unit."


@dataclass(frozen=True)
class TraceOfFile:
    """Where the readings of a source go: the trace, by what values are multiplied for its unit, and the local zone."""

    id: int
    project_id: str
    interpretation: str
    label: str | None
    unit: str
    factor: float
    zone: tzinfo | None = None
    zone_name: str = ""


Found = TraceOfFile | Unknown


def find_traces_of_file(
    session: Session, principal: Principal, sources: Sequence[Source], zone: tzinfo | None, heat: float | None
) -> list[Found]:
    """The trace of each source, made if it is not there; or what is wrong. `zone` is that of all projects, if it was
    said, and `heat` the heating value of gas in volumes, in MJ/m3."""
    named = {source for source in sources if source.metadata_id is None}
    stored = stored_units(session, principal, named)
    names = {
        source: Name(
            source.project_id,
            source.interpretation,
            source.label,
            stored.get(source[1:4]) or own_unit(source.interpretation, source.unit),
        )
        for source in sources
        if source.metadata_id is None and source.unit
    }
    meanings = TraceNames(session, principal)
    meanings.look_up([*dict.fromkeys(names.values())])
    ids = {source: meanings.traces[name] for source, name in names.items()}
    known = stored_traces(
        session, principal, [*filter(None, (source.metadata_id for source in sources)), *known_ids(ids)]
    )
    zones = {} if zone else zones_of(session, [project for _, project in known.values()])
    found: list[Found] = []
    for source in sources:
        id = source.metadata_id if source.metadata_id is not None else ids.get(source, Unknown("unit", UNIT_ADVICE))
        if isinstance(id, Unknown):
            found.append(id)
        elif id not in known:
            found.append(Unknown("metadata_id", invalid_pk(id)))
        else:
            trace, project = known[id]
            name = "" if project is None else zones.get(project, "")
            here = zone or (ZoneInfo(name) if name else None)
            found.append(in_unit_of(replace(trace, zone=here, zone_name=name), source, heat))
    return found


def known_ids(ids: Mapping[Source, int | Unknown]) -> list[int]:
    """The ids among the meanings of names."""
    return [id for id in ids.values() if isinstance(id, int)]


def own_unit(interpretation: str, sent: str) -> str:
    """The unit that a new trace has: KWH for electricity and for what is sent in watt-hours, THM for other fuels."""
    unit = unit_named(sent)
    is_electric = interpretation.startswith(ELECTRICITY) or (unit is not None and unit.name in WATT_HOURS)
    return "KWH" if is_electric else "THM"


def stored_units(
    session: Session, principal: Principal, sources: set[Source]
) -> dict[tuple[str, str, str | None], str]:
    """The units of the traces that there are, by project, interpretation and label."""
    if not sources:
        return {}
    trace = ConsumptionMetadata
    rows = session.execute(
        select(Project.project_id, trace.interpretation, trace.label, trace.unit)
        .join(Project, Project.id == trace.project_id)
        .where(among(Project.project_id, {source.project_id for source in sources}), visible(principal, Project))
    )
    return {(row.project_id, row.interpretation, row.label): row.unit for row in rows}


def stored_traces(
    session: Session, principal: Principal, ids: Sequence[int]
) -> dict[int, tuple[TraceOfFile, int | None]]:
    """Traces by their ids, and the ids of their projects."""
    trace = ConsumptionMetadata
    columns = trace.id, Project.project_id, trace.interpretation, trace.label, trace.unit
    rows = session.execute(
        select(*columns, trace.project_id.label("project"))
        .outerjoin(Project, Project.id == trace.project_id)
        .where(among(trace.id, {*ids}), visible(principal, trace))
    )
    return {
        row.id: (TraceOfFile(row.id, row.project_id or "", row.interpretation, row.label, row.unit, 1.0), row.project)
        for row in rows
    }


def zones_of(session: Session, projects: Sequence[int | None]) -> Mapping[int, str]:
    """The zones of projects, by their ids."""
    ids = sorted({id for id in projects if id is not None})
    return timezones_of_projects(psycopg_connection(session), ids) if ids else {}


def in_unit_of(trace: TraceOfFile, source: Source, heat: float | None) -> Found:
    """The trace with the factor from the unit of the source."""
    if not source.unit:
        return trace  # of an id, whose values are in the trace's unit
    sent, own = unit_named(source.unit), unit_named(trace.unit)
    if sent is None or own is None:
        return Unknown("unit", f'"{source.unit}" is no unit that is known.')
    try:
        return replace(trace, factor=factor(sent, own, heat, trace.interpretation))
    except NeedsHeatingValue as error:
        return Unknown("unit", str(error))
