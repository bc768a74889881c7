"""Builds the tables of places in eeds/weather/data: where ZIP codes and weather stations are, in which climate and
in which time zone, and under which ids GHCNh has the stations.

    pip download --no-deps eeweather==0.3.30
    pip install tzfpy==2.1.1
    curl -O https://www.ncei.noaa.gov/oa/global-historical-climatology-network/hourly/doc/ghcnh-station-list.csv
    python -m tools.build_stations eeweather-0.3.30-py3-none-any.whl ghcnh-station-list.csv

tzfpy is needed for this script alone: it holds the outlines of the world's time zones, which are OpenStreetMap's.
The same versions give the same bytes.
"""

import argparse
import gzip
import hashlib
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tools.ghcnh_ids import Named, StationList, read_station_list

DATA = Path(__file__).parent.parent / "eeds" / "weather" / "data"
DATABASE = "eeweather/resources/metadata.db"

# 4 digits of a degree are 11 m, better than any of these positions is known.
ZCTAS = """
    SELECT zcta_id AS zipcode, printf('%.4f', latitude) AS latitude, printf('%.4f', longitude) AS longitude,
        iecc_climate_zone AS iecc_zone, iecc_moisture_regime AS iecc_moisture, ba_climate_zone AS ba_zone,
        ca_climate_zone AS ca_zone
    FROM zcta_metadata
    ORDER BY zcta_id
"""
# A station without a position can be neither ranked nor checked. 99999 is not a WBAN id, but says that there is none.
STATIONS = """
    SELECT usaf_id AS station, printf('%.4f', latitude) AS latitude, printf('%.4f', longitude) AS longitude,
        iecc_climate_zone AS iecc_zone, iecc_moisture_regime AS iecc_moisture, ba_climate_zone AS ba_zone,
        ca_climate_zone AS ca_zone, name, state, icao_code AS icao, recent_wban_id, wban_ids,
        CAST(elevation AS REAL) AS elevation_m, quality, tmy3.class AS tmy3_class, cz2010.usaf_id IS NOT NULL AS cz2010
    FROM isd_station_metadata AS isd
    LEFT JOIN (SELECT usaf_id, class FROM tmy3_station_metadata) AS tmy3 USING (usaf_id)
    LEFT JOIN cz2010_station_metadata AS cz2010 USING (usaf_id)
    WHERE latitude IS NOT NULL AND longitude IS NOT NULL
    ORDER BY usaf_id
"""
NO_WBAN = "99999"

TimezoneAt = Callable[[float, float], str]  # of a longitude and a latitude, degrees
# The centres of two Census areas on a river lie on its other bank, for the outlines are simplified by up to 111 m.
OTHER_BANK = {"America/Winnipeg": "America/Chicago", "America/Matamoros": "America/Chicago"}

NOTICE = """\
stations.tsv.gz and zctas.tsv.gz are excerpts of the metadata of eeweather
Copyright 2018-2023 OpenEEmeter contributors
https://github.com/openeemeter/eeweather
Licensed under the Apache License, Version 2.0; see LICENSE in this directory.

Made by tools/build_stations.py from {name}
(sha256 {sha256}).
Changed: columns left out and renamed, positions rounded to 4 digits, stations without a position left out,
the WBAN ids of a station in one column, most recent first.

The column timezone of zctas.tsv.gz is derived from timezone-boundary-builder
https://github.com/evansiroky/timezone-boundary-builder
whose data are from OpenStreetMap, (c) OpenStreetMap contributors, https://www.openstreetmap.org/copyright
It is made available under the Open Database License (ODbL) v1.0: https://opendatacommons.org/licenses/odbl/1-0/

Made with {outlines}: the zone that the centre of each Census area lies in.

The column ghcnh of stations.tsv.gz is from NOAA's list of the stations of GHCNh, which is in the public domain
https://www.ncei.noaa.gov/oa/global-historical-climatology-network/hourly/doc/ghcnh-station-list.csv
(sha256 {list_sha256}): the ids whose number and position, or position alone, are the station's.
"""


@dataclass(frozen=True)
class Facts:
    """What the tables are made from, besides eeweather's."""

    timezone_at: TimezoneAt
    outlines: str  # which outlines of time zones those are
    station_list: Path  # NOAA's


def build(wheel: Path, facts: Facts, data: Path) -> None:
    """Write stations.tsv.gz, zctas.tsv.gz, LICENSE and NOTICE into the directory `data`."""
    listed = read_station_list(facts.station_list)
    with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory() as scratch:
        database = sqlite3.connect(archive.extract(DATABASE, scratch))
        database.row_factory = sqlite3.Row
        write_table(data / "zctas.tsv.gz", [zcta(row, facts.timezone_at) for row in database.execute(ZCTAS)])
        write_table(data / "stations.tsv.gz", [station(row, listed) for row in database.execute(STATIONS)])
        database.close()
        license_name = next(name for name in archive.namelist() if name.endswith("/LICENSE"))
        (data / "LICENSE").write_bytes(archive.read(license_name))
    notice = NOTICE.format(
        name=wheel.name,
        sha256=sha256_of(wheel),
        outlines=facts.outlines,
        list_sha256=sha256_of(facts.station_list),
    )
    (data / "NOTICE").write_text(notice, encoding="utf-8")


def sha256_of(path: Path) -> str:
    """The hash of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def zcta(row: sqlite3.Row, timezone_at: TimezoneAt) -> dict[str, object]:
    """A Census area with the time zone of its centre, by the name that the IANA's list has for it."""
    zone = timezone_at(float(row["longitude"]), float(row["latitude"]))
    return {**row, "timezone": OTHER_BANK.get(zone, zone)}


def station(row: sqlite3.Row, listed: StationList) -> dict[str, object]:
    """A station with its WBAN ids in one column, the most recent first, and those of GHCNh, the likeliest first."""
    columns = dict(row)
    wbans = [columns.pop("recent_wban_id"), *columns.pop("wban_ids").split(",")]
    wbans = list(dict.fromkeys(wban for wban in wbans if wban != NO_WBAN))
    latitude, longitude = float(row["latitude"]), float(row["longitude"])
    ghcnh = listed.ids_of(Named(row["station"], latitude, longitude, row["icao"] or "", wbans))
    return {**columns, "wbans": ",".join(wbans), "ghcnh": ",".join(ghcnh)}


def write_table(path: Path, rows: list[dict[str, object]]) -> None:
    """Tab-separated text with a line of headings; an empty field is an unknown value."""
    lines = [line(rows[0]), *(line(row.values()) for row in rows)]
    path.write_bytes(gzip.compress("\n".join(lines).encode(), compresslevel=9, mtime=0))


def line(values: Iterable[object]) -> str:
    """One line of a table."""
    fields = ["" if value is None else str(value) for value in values]
    assert not any(set("\t\n") & set(field) for field in fields), f"A value has a tab or a newline: {fields}"
    return "\t".join(fields)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("wheel", type=Path, help="eeweather-VERSION-py3-none-any.whl")
    parser.add_argument("station_list", type=Path, help="ghcnh-station-list.csv")
    arguments = parser.parse_args()
    import tzfpy

    outlines = f"tzfpy {version('tzfpy')} (outlines of {tzfpy.data_version()})"
    build(arguments.wheel, Facts(tzfpy.get_tz, outlines, arguments.station_list), DATA)


if __name__ == "__main__":
    main()
