"""The GHCNh source against a real server: which file is a station's, and every way in which NOAA may fail."""

import hashlib
import os
from collections.abc import Iterator

import numpy as np
import pytest

from eeds.config.settings import GHCNH_URLS
from eeds.weather.sources import BadFile, NotAvailable, SourceDown
from eeds.weather.sources.download import Downloads
from eeds.weather.sources.ghcnh import Ghcnh
from eeds.weather.stations import ghcnh_ids
from tests.weather.file_server import DROP, Answer, FileServer, serving
from tests.weather.ghcnh_files import ANKENY_PLACE, DES_MOINES_ID, Observation, hourly, path_of, psv_1_0_1, psv_1_1_0

DES_MOINES = "725460"
PATH = path_of(DES_MOINES_ID, 2014)
# a station that GHCNh has under two ids
LAKE_CHARLES, FIRST_ID, SECOND_ID = "722400", "USW00003937", "USI0000KLCH"
LAKE_CHARLES_PLACE = (30.1247, -93.2284)
FIRST_PATH, SECOND_PATH = path_of(FIRST_ID, 2014), path_of(SECOND_ID, 2014)
GOOD = psv_1_1_0(hourly(2014, hours=48))
BUSY = Answer(503, b"Slow Down")
NO_FILE = "GHCNh has no file for that year."


@pytest.fixture(scope="module")
def _noaa() -> Iterator[FileServer]:
    with serving() as server:
        yield server


@pytest.fixture
def noaa(_noaa: FileServer) -> FileServer:
    """A server with nothing on it."""
    _noaa.files, _noaa.answers, _noaa.asked = {}, [], []
    return _noaa


@pytest.fixture
def mirror() -> Iterator[FileServer]:
    """Another one."""
    with serving() as server:
        yield server


def source(*servers: FileServer, max_bytes: int = 2**22) -> Ghcnh:
    """The source with its files on these."""
    return Ghcnh([server.url for server in servers], Downloads(max_bytes=max_bytes))


def test_a_year(noaa: FileServer) -> None:
    noaa.files[PATH] = GOOD
    found = source(noaa).fetch(DES_MOINES, 2014)
    assert found is not None
    assert (found.url, found.sha256) == (f"{noaa.url}{PATH}", hashlib.sha256(GOOD).hexdigest())
    assert found.temps.dtype == np.float64
    assert found.temps.shape == (8760,)
    np.testing.assert_allclose(found.temps[:48], 50.0)
    # the last observation is at 23:53 on 2 January, and is believed for an hour
    assert found.temps[48] == 50.0
    assert np.isnan(found.temps[49:]).all()


def test_a_leap_year_of_the_old_version(noaa: FileServer) -> None:
    noaa.files[path_of(DES_MOINES_ID, 2012)] = psv_1_0_1(hourly(2012, "-40"))
    found = source(noaa).fetch(DES_MOINES, 2012)
    assert found is not None
    np.testing.assert_array_equal(found.temps, np.full(8784, -40.0))


def test_a_version_that_is_known_is_not_sent_again(noaa: FileServer) -> None:
    noaa.files[PATH] = GOOD
    first = source(noaa).fetch(DES_MOINES, 2014)
    assert first is not None
    assert first.etag is not None
    known = {first.url: first.etag}
    assert source(noaa).fetch(DES_MOINES, 2014, known) is None
    noaa.files[PATH] = psv_1_1_0(hourly(2014, hours=49))
    assert source(noaa).fetch(DES_MOINES, 2014, known) is not None


def test_an_etag_is_not_sent_to_another_server(noaa: FileServer, mirror: FileServer) -> None:
    """It is the mirror's own affair what its ETags mean."""
    noaa.files[PATH] = mirror.files[PATH] = GOOD
    first = source(noaa).fetch(DES_MOINES, 2014)
    assert first is not None
    assert source(mirror).fetch(DES_MOINES, 2014, {first.url: first.etag}) is not None


# Which file ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("station", "ids"),
    [
        (DES_MOINES, ["USW00014933"]),
        # two WBANs, of which GHCNh has the earlier; two stations at one place
        ("701210", ["USW00026624"]),
        ("722268", ["USW00093843", "USW00013839"]),
        (LAKE_CHARLES, [FIRST_ID, SECOND_ID]),
        # territories: Puerto Rico, the Virgin Islands, Guam, the Northern Marianas, American Samoa
        ("785260", ["RQW00011641"]),
        ("785430", ["VQW00011640"]),
        ("912120", ["GQW00041415"]),
        ("912320", ["CQW00041418", "CQC00914855"]),
        ("785203", ["RQI0000TJPS"]),
        # by its USAF number; by its place alone
        ("722153", ["USA00722153"]),
        ("997172", ["VQL000LAMV3"]),
        # GHCN's own, one of them with a hyphen; one of somebody's; one that NOAA's list does not have
        ("USW00014933", ["USW00014933"]),
        ("ASU094921-1", ["ASU094921-1"]),
        ("roof", []),
        ("702924", []),
    ],
)
def test_ids_of_a_station(station: str, ids: list[str]) -> None:
    assert ghcnh_ids(station) == ids


def lake_charles(place: tuple[float, float] = LAKE_CHARLES_PLACE, id: str = SECOND_ID) -> bytes:
    """A file of some hours."""
    return psv_1_1_0(hourly(2014, hours=5), id, place)


def test_the_next_id_if_there_is_no_file(noaa: FileServer) -> None:
    noaa.files[SECOND_PATH] = lake_charles()
    found = source(noaa).fetch(LAKE_CHARLES, 2014)
    assert found is not None
    assert found.url.endswith("GHCNh_USI0000KLCH_2014.psv")
    assert noaa.asked == [FIRST_PATH, SECOND_PATH]


def test_the_next_id_if_the_file_is_of_another_place(noaa: FileServer) -> None:
    noaa.files[FIRST_PATH] = lake_charles(ANKENY_PLACE, FIRST_ID)
    with pytest.raises(NotAvailable, match=r"^GHCNh has no file for that year\.$"):
        source(noaa).fetch(LAKE_CHARLES, 2014)
    noaa.files[SECOND_PATH] = lake_charles()
    assert source(noaa).fetch(LAKE_CHARLES, 2014) is not None


def test_no_file_but_one_of_another_place(noaa: FileServer) -> None:
    """Ankeny is 18 km away from Des Moines."""
    noaa.files[PATH] = psv_1_1_0(hourly(2014, hours=5), place=ANKENY_PLACE)
    with pytest.raises(NotAvailable, match=r"^GHCNh's file USW00014933 is of another place, 19 km away\.$"):
        source(noaa).fetch(DES_MOINES, 2014)


def test_the_place_of_a_station_by_ghcns_own_id_is_not_known(noaa: FileServer) -> None:
    noaa.files[PATH] = psv_1_1_0(hourly(2014, hours=5), place=ANKENY_PLACE)
    assert source(noaa).fetch(DES_MOINES_ID, 2014) is not None


def test_a_station_that_ghcnh_does_not_know(noaa: FileServer) -> None:
    with pytest.raises(NotAvailable, match=r"^GHCNh has no station that is roof\.$"):
        source(noaa).fetch("roof", 2014)
    assert noaa.asked == []


def test_a_file_without_a_temperature_of_the_year(noaa: FileServer) -> None:
    seen = [Observation("2014-05-01T00:53:00", ""), Observation("2013-12-31T23:53:00", "1")]
    noaa.files[PATH] = psv_1_1_0(seen)
    with pytest.raises(NotAvailable, match=r"has no temperature in that year\.$"):
        source(noaa).fetch(DES_MOINES_ID, 2014)


# Failures ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 410])
def test_no_file_anywhere(noaa: FileServer, mirror: FileServer, status: int) -> None:
    noaa.answers = [Answer(status), Answer(status)]
    with pytest.raises(NotAvailable) as raised:
        source(noaa, mirror).fetch(DES_MOINES, 2014)
    assert str(raised.value) == NO_FILE
    assert len(noaa.asked) == len(mirror.asked) == len(ghcnh_ids(DES_MOINES))


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_busy_then_good(noaa: FileServer, status: int) -> None:
    noaa.files[PATH] = GOOD
    noaa.answers = [Answer(status, Retry_After="0"), Answer(status, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT")]
    assert source(noaa).fetch(DES_MOINES, 2014) is not None
    assert len(noaa.asked) == 3


CUT = Answer(200, GOOD, cut=100)
HTML = Answer(200, b"<html>The service is under maintenance</html>")


@pytest.mark.parametrize(
    ("answers", "kind", "message"),
    [
        ([BUSY] * 3, SourceDown, "URL answered 503 three times; try again later."),
        ([BUSY, DROP, Answer(429)], SourceDown, "URL answered 429 three times; try again later."),
        ([DROP] * 3, SourceDown, "URL did not answer (ConnectionError) three times; try again later."),
        ([CUT] * 3, SourceDown, "URL broke off its answer three times; try again later."),
        (
            [Answer(403)],
            SourceDown,
            "URL answered 403; see whether it is the right address, and try again later.",
        ),
        ([Answer(200)], BadFile, "URL is empty."),
        ([HTML], BadFile, "URL is no GHCNh file: it has no column station, "),
        ([Answer(200, psv_1_1_0(hourly(2014, hours=5), "USW00094971"))], BadFile, "URL is the file of another station"),
        ([Answer(200, GOOD * 100)], BadFile, "URL is larger than 0.5 MB."),
        ([Answer(301, Location="/elsewhere"), Answer(403)], SourceDown, "URL answered 403; "),
        ([Answer(301, Location=PATH)] * 40, SourceDown, "URL cannot be read: Exceeded 30 redirects."),
        ([Answer(200, b"not gzip", Content_Encoding="gzip")] * 3, SourceDown, "URL broke off its answer three times"),
    ],
)
def test_failures(noaa: FileServer, answers: list[Answer], kind: type[Exception], message: str) -> None:
    noaa.files[PATH] = GOOD
    noaa.answers = list(answers)
    with pytest.raises(kind) as raised:
        source(noaa, max_bytes=2**19).fetch(DES_MOINES, 2014)
    assert str(raised.value).replace(f"{noaa.url}{PATH}", "URL").startswith(message)
    assert len(noaa.answers) in (0, 9)


def test_nobody_listens() -> None:
    with serving() as server:
        gone = source(server)
    with pytest.raises(SourceDown, match=r"did not answer \(ConnectionError\) three times; try again later\.$"):
        gone.fetch(DES_MOINES, 2014)


def test_no_such_address() -> None:
    with pytest.raises(SourceDown, match=r"^http://:1/.* cannot be read: "):
        Ghcnh(["http://:1"], Downloads()).fetch(DES_MOINES, 2014)


@pytest.mark.parametrize("answers", [[BUSY] * 3, [DROP] * 3, [Answer(403)], [HTML], [Answer(200)], [CUT] * 3])
def test_the_second_base_if_the_first_fails_and_first_from_then_on(
    noaa: FileServer, mirror: FileServer, answers: list[Answer]
) -> None:
    noaa.answers = list(answers)
    mirror.files |= {PATH: GOOD, path_of(DES_MOINES_ID, 2015): psv_1_1_0(hourly(2015, hours=5))}
    both = source(noaa, mirror)
    found = both.fetch(DES_MOINES, 2014)
    assert found is not None
    assert found.url == f"{mirror.url}{PATH}"
    asked = len(noaa.asked)
    assert both.fetch(DES_MOINES, 2015) is not None
    assert len(noaa.asked) == asked


def test_the_second_base_if_the_first_has_no_such_file(noaa: FileServer, mirror: FileServer) -> None:
    mirror.files[PATH] = GOOD
    assert source(noaa, mirror).fetch(DES_MOINES, 2014) is not None


@pytest.mark.parametrize("first", [True, False])
def test_of_a_base_that_fails_nobody_knows_whether_it_has_the_file(
    noaa: FileServer, mirror: FileServer, first: bool
) -> None:
    """And another id is not tried in its place: an outage never changes the file."""
    noaa.answers = [BUSY] * 3
    mirror.files[SECOND_PATH] = lake_charles()
    with pytest.raises(SourceDown, match=r"answered 503 three times"):
        source(*((noaa, mirror) if first else (mirror, noaa))).fetch(LAKE_CHARLES, 2014)


# NOAA itself ---------------------------------------------------------------------------------------------------------


class TestLive:
    """Does NOAA still answer as this module's server does? Only when asked for: a test is not to depend on it."""

    @pytest.fixture(autouse=True)
    def only_loopback(self) -> None:
        """In place of the fixture that fails every connection to elsewhere."""

    @pytest.mark.skipif(os.environ.get("WEATHER_LIVE") != "1", reason="asks NOAA's servers; set WEATHER_LIVE=1")
    @pytest.mark.parametrize("base", GHCNH_URLS)
    def test_des_moines(self, base: str) -> None:
        found = Ghcnh([base], Downloads()).fetch(DES_MOINES, 2014)
        assert found is not None
        assert np.count_nonzero(~np.isnan(found.temps)) > 0.95 * 8760
        assert 44 < np.nanmean(found.temps) < 56  # the mean of a year there is about 50 degF
        with pytest.raises(NotAvailable):
            Ghcnh([base], Downloads()).fetch(DES_MOINES, 1901)
