"""Files of utilities, each by its profile, and what a profile may say."""

from typing import Any

import pytest

from eeds.records.files.profiles import known_words, words_of
from tests.records.files.reading import Reading, read, readings

OPOWER = "Name,ANN\nAddress,1 MAIN ST\nAccount Number,17\nService,{service}\n\n"
SCE = (
    'Energy usage information\n"For location: 12 MAIN ST"\n\nMeter Reading Information\n'
    '"Type of readings: Electricity"\n\nDetailed Usage\n"Start date: 2021-01-01 00:00:00  for 1 days"\n\n'
    '"Data for period starting: 2021-01-01"\n'
    "Energy consumption time period,Usage(Real energy in kilowatt-hours),Reading quality\n"
    '"2021-01-01 00:00:00 to 2021-01-01 01:00:00","0.480",""\n'
    '"Data for period starting: 2021-01-02"\n'
    "Energy consumption time period,Usage(Real energy in kilowatt-hours),Reading quality\n"
    '"2021-01-02 00:00:00\xa0to\xa02021-01-02 01:00:00","0.490",""\n'
    "Energy Received\n"
    "Energy consumption time period,Usage(Real energy in kilowatt-hours),Reading quality\n"
    '"2021-01-01 00:00:00 to 2021-01-01 01:00:00","0.125",""\n'
)
SDGE = (
    "Name,ANN\nResource,{resource}\nMeter Number,00001\nInterval UOM,Minute(s)\nUOM,{unit}\n"
    "Meter Number,Date,Start Time,Duration,Consumption{more}\n"
)
ANSWERS: list[tuple[str, str, dict[str, str], list[Reading]]] = [
    (
        "Green Button CSV (PG&E, National Grid and others)",
        OPOWER.format(service="Electric 1")
        + "TYPE,DATE,START TIME,END TIME,USAGE,UNITS,COST,NOTES\n"
        + "Electric usage,2022-06-01,23:30,23:59,0.5,kWh,$0.15,\n"
        + "Electric usage,2022-06-02,00:00,00:29,0.25,kWh,$0.1,\n",
        {},
        [
            Reading("E_C_S 17 Electric 1", "2022-06-02T04:30", "2022-06-02T05:00", 0.5),
            Reading("E_C_S 17 Electric 1", "2022-06-02T05:00", "2022-06-02T05:30", 0.25),
        ],
    ),
    (
        "Green Button CSV (PG&E, National Grid and others)",
        OPOWER.format(service="Gas 2")
        + "TYPE,DATE,START TIME,END TIME,USAGE (therms),COST,NOTES\nNatural gas usage,2022-06-01,00:00,23:59,1.5,$2,\n",
        {},
        [Reading("NG_C_S 17 Gas 2", "2022-06-01T05:00", "2022-06-02T05:00", 1.5)],
    ),
    (
        "Green Button CSV (PG&E, National Grid and others)",
        OPOWER.format(service="Electric 1")
        + "TYPE,DATE,START TIME,END TIME,IMPORT (kWh),EXPORT (kWh),NOTES\n"
        + "Electric usage,2022-06-01,12:00,12:14,0.5,1.5,\n",
        {},
        [
            Reading("E_C_S 17 Electric 1", "2022-06-01T17:00", "2022-06-01T17:15", 0.5),
            Reading("E_OSG_U 17 Electric 1", "2022-06-01T17:00", "2022-06-01T17:15", 1.5),
        ],
    ),
    (
        "Green Button CSV of bills (PG&E and others)",
        OPOWER.format(service="Electric 1")
        + "TYPE,START DATE,END DATE,USAGE,UNITS,COST,NOTES\n"
        + "Electric billing,2022-06-14,2022-07-13,300,kWh,$99,\nElectric billing,2022-07-14,2022-08-12,350,kWh,$99,\n",
        {},
        [
            Reading("E_C_S 17 Electric 1", "2022-06-14T05:00", "2022-07-14T05:00", 300),
            Reading("E_C_S 17 Electric 1", "2022-07-14T05:00", "2022-08-13T05:00", 350),
        ],
    ),
    (
        "Green Button CSV (SCE)",
        SCE,
        {},
        [
            Reading("E_C_S 12 MAIN ST", "2021-01-01T06:00", "2021-01-01T07:00", 0.48),
            Reading("E_C_S 12 MAIN ST", "2021-01-02T06:00", "2021-01-02T07:00", 0.49),
            Reading("E_OSG_U 12 MAIN ST", "2021-01-01T06:00", "2021-01-01T07:00", 0.125),
        ],
    ),
    (
        "Green Button CSV (SCE, delivered and received)",
        '"For location: 12 MAIN ST"\n\nDetailed Usage\n'
        "Date,Energy Consumption time Period Start,Energy Consumption time Period End,Delivered,Received\n"
        '"07/28/2025 ","07/28/2025 11:45PM ","07/29/2025 12:00AM ","0.480","0.125"\n',
        {},
        [
            Reading("E_C_S 12 MAIN ST", "2025-07-29T04:45", "2025-07-29T05:00", 0.48),
            Reading("E_OSG_U 12 MAIN ST", "2025-07-29T04:45", "2025-07-29T05:00", 0.125),
        ],
    ),
    (
        "Green Button CSV (SDG&E)",
        SDGE.format(resource="Electric", unit="kWh", more=",Generation,Net")
        + '"00001","11/1/2022","12:00 AM","60","0.2200","","0.2200"\n'
        + '"00001","11/13/2022","1:00 PM","15","0","0.5","-0.5"\n',
        {},
        [
            Reading("E_C_S 00001", "2022-11-01T05:00", "2022-11-01T06:00", 0.22),
            Reading("E_C_S 00001", "2022-11-13T19:00", "2022-11-13T19:15", 0),
            Reading("E_OSG_U 00001", "2022-11-13T19:00", "2022-11-13T19:15", 0.5),
        ],
    ),
    (
        "Green Button CSV (SDG&E)",
        SDGE.format(resource="Gas", unit="Therms", more="") + '"00001","11/13/2022","12:00 AM","1440","1.25"\n',
        {},
        [Reading("NG_C_S 00001", "2022-11-13T06:00", "2022-11-14T06:00", 1.25)],
    ),
    (
        "ENERGY STAR Portfolio Manager meters",
        "Property Name,Portfolio Manager Property ID,Meter Name,Portfolio Manager Meter ID,Meter Type,"
        "Start Date,End Date,Usage/Quantity,Usage Units,Cost ($),Estimation\n"
        'City Hall,77,Boiler,901,Natural Gas,01/13/2022,02/13/2022,"1,234.5",therms,10,No\n'
        "City Hall,77,Main,902,Electric - Grid,01/13/2022,02/13/2022,900,kWh (thousand Watt-hours),10,Yes\n",
        {"project_id": ""},
        [
            Reading("NG_C_S 901", "2022-01-13T06:00", "2022-02-13T06:00", 1234.5),
            Reading("E_C_S 902", "2022-01-13T06:00", "2022-02-13T06:00", 900, True),
        ],
    ),
]


@pytest.mark.parametrize(("name", "text", "said", "expected"), ANSWERS)
def test_files_of_utilities(name: str, text: str, said: dict[str, str], expected: list[Reading]) -> None:
    file = read(text, **{"project_id": "house", **said})
    assert file.plan.profile == name
    assert readings(file) == expected
    assert file.taken.faults == []


def test_every_profile_has_a_test() -> None:
    assert {profile.name for profile in known_words().profiles} == {name for name, *_ in ANSWERS}


def words(**profile: Any) -> dict[str, Any]:
    """A data file with one profile."""
    said = {"name": "Example", "header": ["Read Date", "Daily Use"], **profile}
    return {"fields": {"start": ["start"]}, "fuels": {}, "estimated": {}, "sections": {}, "profile": [said]}


def test_a_profile_may_only_speak_of_fields() -> None:
    assert words_of(words(columns={"Read Date": "start"})).profiles[0].columns == {"read date": "start"}
    with pytest.raises(ValueError, match="The profile Example speaks of begin, which is no field"):
        words_of(words(columns={"Read Date": "begin"}))
