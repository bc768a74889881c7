"""Which projects of a table have a ZIP code that no weather station is found by, and nothing else that says where they
are; and which have a time zone that is none."""

from collections.abc import Iterator, Sequence

from eeds.meter.settings import timezones
from eeds.projects.upload_rows import Problem, ProjectRow
from eeds.weather.stations import normalise_zipcode, site_of_zipcode

PLACES = ({"weather_station"}, {"latitude", "longitude"})
NO_PLACE = (
    "This is no ZIP code of a US Census area: unless the project has them already, it needs the attribute "
    "weather_station, or latitude and longitude, before it can be run."
)
NO_ZONE = "This is no IANA time zone, as America/Los_Angeles is; correct it before the project is run."


def without_place(rows: Sequence[ProjectRow], zipcode_column: str) -> Iterator[Problem]:
    """A warning for each project that no run could find a weather station for."""
    known: dict[str, bool] = {}
    for row in rows:
        zipcode = row.fields.get("zipcode", "")
        given = {name.lower() for name in row.attributes}
        if not zipcode or any(place <= given for place in PLACES):
            continue
        if zipcode not in known:
            digits = normalise_zipcode(zipcode)
            known[zipcode] = digits is not None and site_of_zipcode(digits) is not None
        if not known[zipcode]:
            yield Problem(row.line, zipcode_column, zipcode, NO_PLACE)


def without_zone(rows: Sequence[ProjectRow]) -> Iterator[Problem]:
    """A warning for each project whose attribute timezone no run can take."""
    for row in rows:
        for name, value in row.attributes.items():
            if name.lower() == "timezone" and value not in timezones():
                yield Problem(row.line, name, str(value), NO_ZONE)
