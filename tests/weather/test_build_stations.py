"""The tool that makes the tables of places: from a wheel with a few of them."""

import gzip
import sqlite3
import zipfile
from pathlib import Path

import pytest

from tools.build_stations import DATABASE, Facts, build
from tools.ghcnh_ids import Named, StationList

SCHEMA = """
    CREATE TABLE zcta_metadata (zcta_id, geometry, latitude, longitude, state, iecc_climate_zone, iecc_moisture_regime,
        ba_climate_zone, ca_climate_zone);
    CREATE TABLE isd_station_metadata (usaf_id, wban_ids, recent_wban_id, name, icao_code, latitude, longitude,
        elevation, state, quality, iecc_climate_zone, iecc_moisture_regime, ba_climate_zone, ca_climate_zone);
    CREATE TABLE tmy3_station_metadata (usaf_id, name, state, class);
    CREATE TABLE cz2010_station_metadata (usaf_id);
    INSERT INTO zcta_metadata VALUES ('50321', '{}', '41.53943911', '-93.67290876', 'IA', '5', 'A', 'Cold', NULL),
        ('55725', '{}', '48.26', '-92.3021', 'MN', NULL, NULL, NULL, NULL);
    INSERT INTO isd_station_metadata VALUES
        ('725460', '14933,99999,00102', '00102', 'DES MOINES', 'KDSM', '+41.534', '-093.653', '+0286.3', 'IA', 'high',
            '5', 'A', 'Cold', NULL),
        ('100000', '99999', '99999', 'NOWHERE', NULL, NULL, NULL, NULL, NULL, 'low', NULL, NULL, NULL, NULL),
        ('200000', '99999', '99999', 'ABROAD', NULL, '+01.000', '-002.000', NULL, NULL, 'low', NULL, NULL, NULL, NULL);
    INSERT INTO tmy3_station_metadata VALUES ('725460', 'Des Moines', 'IA', 'I');
    INSERT INTO cz2010_station_metadata VALUES ('200000');
"""

LISTED = """\
GHCN_ID,LATITUDE,LONGITUDE,ELEVATION,STATE,NAME,GSN,(US)HCN_(US)CRN,WMO_ID,ICAO
USI0000KDSM,41.5340,-93.6530,286.3,IA,DES MOINES,,,,KDSM
USW00014933,41.5339,-93.6531,286.3,IA,DES MOINES INTL AP,GSN,,72546,
"""


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """A wheel with the metadata of three stations and a ZIP code."""
    database = sqlite3.connect(tmp_path / "metadata.db")
    database.executescript(SCHEMA)
    database.close()
    path = tmp_path / "eeweather-0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(tmp_path / "metadata.db", DATABASE)
        archive.writestr("eeweather-0.dist-info/licenses/LICENSE", "the license")
    return path


def table(path: Path) -> list[str]:
    """The lines of a table, with commas for its tabs and semicolons for its commas."""
    text = gzip.decompress(path.read_bytes()).decode()
    return text.replace(",", ";").replace("\t", ",").split("\n")


def timezone_at(longitude: float, latitude: float) -> str:
    """The outlines of two zones, of which one is a neighbour's."""
    return "America/Chicago" if longitude < -93.0 else "America/Winnipeg"


def build_tables(wheel: Path, tmp_path: Path) -> None:
    listed = tmp_path / "ghcnh-station-list.csv"
    listed.write_text(LISTED, encoding="utf-8", newline="\r\n")
    build(wheel, Facts(timezone_at, "outlines 2026a", listed), tmp_path)


def test_building(wheel: Path, tmp_path: Path) -> None:
    build_tables(wheel, tmp_path)

    zones = "iecc_zone,iecc_moisture,ba_zone,ca_zone"
    assert table(tmp_path / "zctas.tsv.gz") == [
        f"zipcode,latitude,longitude,{zones},timezone",
        "50321,41.5394,-93.6729,5,A,Cold,,America/Chicago",
        "55725,48.2600,-92.3021,,,,,America/Chicago",
    ]
    assert table(tmp_path / "stations.tsv.gz") == [
        f"station,latitude,longitude,{zones},name,state,icao,elevation_m,quality,tmy3_class,cz2010,wbans,ghcnh",
        "200000,1.0000,-2.0000,,,,,ABROAD,,,,low,,1,,",
        "725460,41.5340,-93.6530,5,A,Cold,,DES MOINES,IA,KDSM,286.3,high,I,0,00102;14933,USW00014933;USI0000KDSM",
    ]
    assert (tmp_path / "LICENSE").read_text() == "the license"
    notice = (tmp_path / "NOTICE").read_text()
    assert "eeweather-0-py3-none-any.whl" in notice
    assert "outlines 2026a" in notice


def test_the_same_wheel_gives_the_same_bytes(wheel: Path, tmp_path: Path) -> None:
    names = ("zctas.tsv.gz", "stations.tsv.gz", "NOTICE")
    build_tables(wheel, tmp_path)
    once = [(tmp_path / name).read_bytes() for name in names]
    build_tables(wheel, tmp_path)
    assert [(tmp_path / name).read_bytes() for name in names] == once


def test_a_value_that_would_break_the_table(wheel: Path, tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "metadata.db")
    database.execute("UPDATE isd_station_metadata SET name = 'A' || char(9) || 'B'")
    database.commit()
    database.close()
    broken = tmp_path / "broken.whl"
    with zipfile.ZipFile(broken, "w") as archive:
        archive.write(tmp_path / "metadata.db", DATABASE)
        archive.writestr("eeweather-0.dist-info/licenses/LICENSE", "")
    with pytest.raises(AssertionError, match="has a tab or a newline"):
        build_tables(broken, tmp_path)


LIST = [
    ("USW00014933", "41.53", "-93.65", ""),
    ("RQW00011641", "18.43", "-66.01", "TJSJ"),
    ("RQL000SJNP4", "18.46", "-66.12", ""),
    ("USI0000KDSM", "41.53", "-93.66", ""),
    ("USA00725460", "41.53", "-93.65", ""),
    ("USM00072546", "41.50", "-93.65", ""),
    ("USC00725460", "41.53", "-93.65", ""),
]
NOAA = StationList([dict(zip(("GHCN_ID", "LATITUDE", "LONGITUDE", "ICAO"), row, strict=True)) for row in LIST])


@pytest.mark.parametrize(
    ("station", "ids"),
    [
        # by WBAN, ICAO code, USAF and WMO number, in this order; never by a number of another network
        (
            Named("725460", 41.534, -93.653, "KDSM", ["14933"]),
            ["USW00014933", "USI0000KDSM", "USA00725460", "USM00072546"],
        ),
        # the WBANs in their own order, of whatever country
        (Named("1", 18.4, -66.0, "", ["99998", "11641"]), ["RQW00011641"]),
        (Named("1", 18.4, -66.0, "TJSJ", []), ["RQW00011641"]),
        # the same number at another place
        (Named("1", 19.4, -66.0, "TJSJ", ["11641"]), []),
        # no number, but the same place; and one that is only near
        (Named("1", 18.461, -66.121, "", []), ["RQL000SJNP4"]),
        (Named("1", 18.48, -66.12, "", []), []),
    ],
)
def test_the_ids_of_a_station(station: Named, ids: list[str]) -> None:
    assert NOAA.ids_of(station) == ids
