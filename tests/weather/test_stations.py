"""Where ZIP codes are, and which stations are the best for them."""

import pytest

from eeds.weather.stations import (
    MAX_KM,
    Site,
    Zones,
    find_station,
    normalise_zipcode,
    rank_stations,
    seen_from,
    site_at,
    site_of_zipcode,
    station_of_wban,
)

DES_MOINES = Zones("5", "A", "Cold", "")


def site_of(zipcode: str) -> Site:
    site = site_of_zipcode(zipcode)
    assert site is not None
    return site


@pytest.mark.parametrize(
    ("text", "zipcode"),
    [
        ("50321", "50321"),
        ("  50321 ", "50321"),
        ("50321-1234", "50321"),
        ("50321 - 1234", "50321"),
        ("503211234", "50321"),
        ("ZIPCODE", None),
        ("5032", None),
        ("503211", None),
        ("50321-12", None),
        ("٥٠٣٢١", None),
        ("", None),
    ],
)
def test_normalising_a_zipcode(text: str, zipcode: str | None) -> None:
    assert normalise_zipcode(text) == zipcode


@pytest.mark.parametrize("zipcode", ["00000", "50306", "zipcode"])
def test_no_census_area(zipcode: str) -> None:
    """No such code, a post office's boxes, and the headings of the table."""
    assert site_of_zipcode(zipcode) is None


def test_the_first_and_the_last_census_area() -> None:
    assert site_of("00601").latitude == pytest.approx(18.18, abs=0.01)
    assert site_of("99929").latitude == pytest.approx(56.4, abs=0.1)


# the first station and the distance that eeweather 0.3.30 finds, which measures on the ellipsoid
@pytest.mark.parametrize(
    ("zipcode", "station", "km"),
    [
        ("50321", "725460", 1.8),
        ("91104", "722880", 22.5),
        ("94110", "724940", 15.1),
        ("10001", "725053", 3.9),
        ("99501", "702735", 0.5),
    ],
)
def test_the_best_station(zipcode: str, station: str, km: float) -> None:
    best = rank_stations(site_of(zipcode))[0]
    assert best.station.id == station
    assert best.km == pytest.approx(km, abs=0.06)
    assert best.climate_match is True


@pytest.mark.parametrize("zipcode", ["50321", "91104", "99501", "82414"])
def test_the_order_of_the_ranking(zipcode: str) -> None:
    site = site_of(zipcode)
    ranked = rank_stations(site)
    keys = [(c.station.quality != "high", c.station.zones != site.zones, c.km) for c in ranked]
    assert keys == sorted(keys)
    assert len({c.station.id for c in ranked}) == len(ranked) > 10
    assert all(0 <= c.km <= MAX_KM for c in ranked)
    assert {c.climate_match for c in ranked} == {True, False}


def test_a_nearer_station_in_another_climate_comes_later() -> None:
    """Over the mountains from Pasadena lies the desert: Burbank's zone goes before what is nearer."""
    ranked = rank_stations(site_of("91104"))
    matching = [c for c in ranked if c.station.quality == "high" and c.climate_match]
    others = [c for c in ranked if c.station.quality == "high" and not c.climate_match]
    assert others[0].km < matching[-1].km
    assert ranked.index(matching[-1]) < ranked.index(others[0])


def test_no_station_far_out_at_sea() -> None:
    assert rank_stations(site_at(35.0, -50.0)) == []


def test_a_point_has_the_climate_of_the_nearest_census_area() -> None:
    assert site_at(41.54, -93.67) == Site(41.54, -93.67, DES_MOINES)


def test_abroad_the_climate_is_not_known() -> None:
    site = site_at(52.83, 11.15)
    assert site.zones == Zones()
    nearest = rank_stations(site)[0]
    assert (nearest.station.id, nearest.station.name, nearest.climate_match) == ("102540", "SALZWEDEL", None)


def test_what_is_known_of_a_station() -> None:
    station = find_station("725460")
    assert station is not None
    assert (station.name, station.icao) == ("DES MOINES INTERNATIONAL AIRPORT", "KDSM")
    assert (station.latitude, station.longitude) == (41.534, -93.653)
    assert (station.zones, station.quality, station.wbans) == (DES_MOINES, "high", ("14933",))


def test_the_most_recent_wban_comes_first() -> None:
    burbank = find_station("722880")
    assert burbank is not None
    assert burbank.wbans == ("23152",)
    salzwedel = find_station("102540")
    assert salzwedel is not None
    assert (salzwedel.wbans, salzwedel.icao) == ((), "")


@pytest.mark.parametrize("id", ["999999", "", "station", "USW00014933"])
def test_unknown_stations(id: str) -> None:
    assert find_station(id) is None


def test_seeing_a_station_from_far() -> None:
    """New York to San Francisco International: 4,142 km on the ellipsoid."""
    station = find_station("724940")
    assert station is not None
    seen = seen_from(Site(40.779, -73.969, Zones("4", "A", "Mixed-Humid")), station)
    assert seen.km == pytest.approx(4142, rel=0.006)
    assert seen.climate_match is False


@pytest.mark.parametrize(
    ("wban", "latitude", "longitude", "station"),
    [
        ("14933", 41.53, -93.65, "725460"),
        ("26624", 69.73, -163.0, "701210"),  # an earlier number of the station
        ("99999", 41.53, -93.65, None),
        ("", 41.53, -93.65, None),
    ],
)
def test_the_station_of_a_wban_number(wban: str, latitude: float, longitude: float, station: str | None) -> None:
    found = station_of_wban(wban, latitude, longitude)
    assert (found.id if found else None) == station


def test_a_wban_number_of_several_stations_is_that_of_the_nearest() -> None:
    """San Juan's airport is listed twice, at different places."""
    both = [find_station("785260"), find_station("785263")]
    for station in both:
        assert station is not None
        nearest = station_of_wban("11641", station.latitude, station.longitude)
        assert nearest == station
