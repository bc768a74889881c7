"""Climate zones of ZIP codes, from the gazetteer of eeds.weather."""

from collections.abc import Callable, Mapping
from functools import cache

from eeds.projects.filtering.criterion import Criterion
from eeds.weather.stations import ZCTAS, Zones, zones_of

ZoneSystem = Callable[[Zones], str]  # what a place is in one of the systems; empty = nothing
# The systems, by the field that they are.
ZONES: Mapping[str, ZoneSystem] = {
    "climate_zone": lambda zones: zones.iecc_zone + zones.iecc_moisture,
    "ba_climate_zone": lambda zones: zones.ba_zone,
    "ca_climate_zone": lambda zones: zones.ca_zone,
}


def zipcodes_where(system: ZoneSystem, criterion: Criterion) -> list[str]:
    """The ZIP codes whose zone meets a criterion."""
    return [code for zone, codes in zipcodes_by_zone(system).items() if criterion.holds(zone) for code in codes]


@cache
def zipcodes_by_zone(system: ZoneSystem) -> Mapping[str, list[str]]:
    """The ZIP codes of each zone: five digits each."""
    by_zone: dict[str, list[str]] = {}
    for number in range(1, len(ZCTAS.lines)):
        fields = ZCTAS.fields(number)
        zone = system(zones_of(fields))
        if zone:
            by_zone.setdefault(zone, []).append(fields["zipcode"])
    return by_zone
