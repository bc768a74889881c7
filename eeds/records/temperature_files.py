"""A file of temperatures as it is: a table of observations, or what PVGIS and NSRDB give for a place."""

from collections import defaultdict
from dataclasses import replace
from typing import IO

import numpy as np
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.errors import BodyTooLarge, Invalid
from eeds.formats.media_types import CSV
from eeds.records.history.finished import WEATHER, finish
from eeds.records.limits import LoadLimits, bounded
from eeds.records.operations import LoadOptions, load_records, read_batches, table_columns
from eeds.records.refused_rows import Loaded, Refusals
from eeds.records.temperatures import OBSERVATIONS, require_few_years, store_observations
from eeds.weather.series_files import is_series, read_series
from eeds.weather.station_ids import read_station

# Of a series every half hour, half of the times are whole hours, or one more.
MOST = 2 / 3
FIRST_LINE_BYTES = 4096
MAX_SERIES_MB = 64  # which is held: 20 years of PVGIS have 10 MB, a year of NSRDB by 5 minutes 12
WHICH_STATION = "The file names no station: say by --station (in the API station=) which one its temperatures are of."


def load_temperatures(
    session: Session,
    principal: Principal,
    media_type: str,
    body: IO[bytes],
    station: str | None,
    options: LoadOptions,
) -> Loaded:
    """Store the temperatures of a whole file, at any minute, as hours. `station` is whose they are, for files of PVGIS
    and NSRDB, which do not say it.

    Raises MalformedBody; Refused where a row of a table is bad and the load is not `partial`; Invalid with what is
    wrong in which line of the others, of which nothing is stored then.
    """
    if media_type == CSV and is_series(first_line(body)):
        return load_series(session, principal, body, station, options)
    if station is not None:
        raise Invalid({"station": ["A table says in its column station whose temperatures they are."]})
    observations = replace(OBSERVATIONS, hourly=hourly_stations(media_type, body, options.limits))
    body.seek(0)
    return load_records(session, principal, observations, media_type, body, options)


def hourly_stations(media_type: str, body: IO[bytes], limits: LoadLimits) -> frozenset[str]:
    """The stations of a table whose times are whole hours, or MOST of them: the others are mistakes then. Raises
    MalformedBody and BodyTooLarge."""
    from eeds.records.table_body import column_names  # see load_records

    table = table_columns(OBSERVATIONS, column_names(media_type, body))
    rows, whole = defaultdict[str, int](int), defaultdict[str, float](float)
    for batch in bounded(read_batches(OBSERVATIONS, media_type, table, body, keep_rows=False), limits):
        if batch.rows:
            start, number = batch.columns["start"], batch.columns["name"]
            is_whole = start == start.astype("datetime64[h]")
            n = len(batch.names)
            counts = np.bincount(number, minlength=n), np.bincount(number, weights=is_whole, minlength=n)
            for (name,), of_rows, of_whole in zip(batch.names, *(count.tolist() for count in counts), strict=True):
                rows[name] += of_rows
                whole[name] += of_whole
            require_few_years(len(rows))
    return frozenset(name for name, count in rows.items() if whole[name] > MOST * count)


def first_line(body: IO[bytes]) -> str:
    """The first line of a body, or its beginning, which is not read by that."""
    line = body.readline(FIRST_LINE_BYTES).decode("utf-8", "replace")
    body.seek(0)
    return line


def load_series(
    session: Session, principal: Principal, body: IO[bytes], station: str | None, options: LoadOptions
) -> Loaded:
    """Store the temperatures of a file of PVGIS or NSRDB."""
    if station is None:
        raise Invalid({"station": [WHICH_STATION]})
    try:
        name = read_station(station)
    except ValueError as error:
        raise Invalid({"station": [str(error)]}) from error
    text = body.read(MAX_SERIES_MB * 2**20 + 1)
    if len(text) > MAX_SERIES_MB * 2**20:
        raise BodyTooLarge(f"A file of PVGIS or NSRDB may have {MAX_SERIES_MB} MB; ask for fewer years at once.")
    starts, temps = read_series(text.decode("utf-8", "replace"))
    counts, notes = store_observations(session, np.full(starts.size, name), starts, temps, are_instants=True)
    finish(session, principal, WEATHER, counts)
    if options.dry_run:
        session.rollback()
    return Loaded(counts, Refusals(), (), notes)
