"""Results that no longer match what they were computed from: `stale_since`, `stale_because` (REASONS) and, where a load
of readings was the first to do it, `stale_load_id`.

Whoever changes an input marks, at the end of the transaction that changes it, the results that have looked at what
changed; nobody computes a hash to find out. A run that reads its input before such a change and stores its result
after it would slip through. So both take turns:

* Who changes readings, periods or attributes locks the projects (`lock_projects`), in order of id, when all is changed
  but for the marks. Who stores a result locks its project, and compares what the run has read with what is there then
  (eeds.runs.results.freshness). The second of the two begins its statements when the first has committed. If that is
  the run, it sees the change; if it is the change, it sees the result.
* Weather belongs to a station, and which projects are about to use it, nobody knows. So who changes it takes an
  advisory lock of the station alone (`lock_station`), and who stores a result shares it (`share_station`).

A row lock alone would not do: of two statements that begin together each sees what was there before both. Locks of
projects come before those of stations, and results are locked in order of id, each kind in one statement.

Marks are on the safe side: readings are taken to reach as far as their neighbours may be, and a result stays marked
though its readings are what they were.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from eeds.db.engine import PsycopgConnection
from eeds.db.statements import query

REASONS = READINGS, WEATHER, PERIODS, SETTINGS = "readings", "weather", "periods", "settings"
# Readings that are further apart are spread over no days: CalTRACK 2.2.2.2, 2.2.3.4.
LONGEST_DAYS = 70
# A start may be a plain date, which means a local midnight; the clocks of the earth are a day apart.
DATE = timedelta(days=1)
STATION = "station"


class Span(NamedTuple):
    """Readings of a trace that have changed: the starts of the first and of the last of them."""

    trace: int
    first: datetime
    last: datetime


def lock_projects(connection: PsycopgConnection, projects: Collection[int]) -> None:
    """Wait for those who store results of the projects, or mark them, until their transactions end; others wait for
    this one."""
    connection.execute(query("results/lock_projects"), {"projects": list(projects)})


def lock_station(connection: PsycopgConnection, station: str) -> None:
    """Wait for those who store results of a station, or change its weather; others wait for this transaction."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s), hashtext(%s))", [STATION, station])


def share_station(connection: PsycopgConnection, station: str) -> None:
    """Wait for those who change the weather of a station; they wait for this transaction."""
    connection.execute("SELECT pg_advisory_xact_lock_shared(hashtext(%s), hashtext(%s))", [STATION, station])


def mark(connection: PsycopgConnection, ids: Collection[int], reason: str, load_id: int | None = None) -> None:
    """Mark results for one of the REASONS."""
    if ids:
        connection.execute(query("results/mark_stale"), {"ids": list(ids), "reason": reason, "load_id": load_id})


def spans_of(connection: PsycopgConnection, traces: Collection[int]) -> list[Span]:
    """All readings of some traces."""
    rows = connection.execute(query("results/spans_of_traces"), {"traces": list(traces)})
    return [Span(*row) for row in rows]


def mark_readings(
    connection: PsycopgConnection, projects: Mapping[int, int], spans: Sequence[Span], load_id: int | None = None
) -> None:
    """After all readings of a transaction have changed, whose traces are locked: mark the results that have looked at
    the spans. `projects`: those of the traces that have one, as they were where traces are deleted or moved."""
    if not spans:
        return
    lock_projects(connection, set(projects.values()))
    # by a statement that begins when they are locked
    rows = connection.execute(query("results/may_be_stale"), {"projects": list(set(projects.values()))})
    open = {project for (project,) in rows}
    concerned = [span for span in spans if projects.get(span.trace) in open]
    if not concerned:
        return
    reaches = reaches_of(connection, {span.trace for span in concerned})
    parameters = {
        "projects": [projects[span.trace] for span in concerned],
        "first": [span.first - reaches[span.trace] for span in concerned],
        "last": [span.last + reaches[span.trace] for span in concerned],
        "longest": LONGEST_DAYS,
    }
    mark(connection, found(connection, "with_readings", parameters), READINGS, load_id)


def reaches_of(connection: PsycopgConnection, traces: Collection[int]) -> dict[int, timedelta]:
    """How far beyond a reading of each trace its neighbours may be, of which it is the end or the beginning: twice as
    far as they are on average, and a DATE."""
    longest = timedelta(days=LONGEST_DAYS)
    rows = connection.execute(query("results/spacing"), {"traces": list(traces)})
    usual = {id: min(timedelta(seconds=2 * seconds), longest) for id, seconds in rows}
    return {id: usual.get(id, longest) + DATE for id in traces}


def mark_temperatures(connection: PsycopgConnection, station: str, spans: Sequence[tuple[datetime, datetime]]) -> None:
    """After temperatures of a station have changed, between the two times of each span: mark the results that have
    looked at them."""
    if spans:
        lock_station(connection, station)
        first, last = ([span[end] for span in spans] for end in (0, 1))
        parameters = {"station": station, "first": first, "last": last}
        mark(connection, found(connection, "with_temperatures", parameters), WEATHER)


def mark_normal_year(connection: PsycopgConnection, station: str, kinds: Collection[str]) -> None:
    """After a normal year of a station has changed, or another one has come: mark the results that have one of these
    kinds."""
    lock_station(connection, station)
    parameters = {"station": station, "kinds": list(kinds)}
    mark(connection, found(connection, "with_normal_year", parameters), WEATHER)


def found(connection: PsycopgConnection, name: str, parameters: Mapping[str, object]) -> list[int]:
    """The ids of results by one of the statements, which locks them."""
    return [id for (id,) in connection.execute(query(f"results/{name}"), parameters)]
