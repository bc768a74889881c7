"""Places by id and by position: the tables in eeds/weather/data, read when they are first asked for."""

import gzip
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DATA = Path(__file__).parent / "data"
EARTH_RADIUS_KM = 6371.0088  # the mean one (IUGG); against the ellipsoid a distance is at most 0.6 % off

Fields = dict[str, str]


class Gazetteer:
    """A table of places, `id<TAB>latitude<TAB>longitude<TAB>...`. A line is split only when it is used: most
    processes look at a handful of them."""

    def __init__(self, file: str) -> None:
        self.file = file

    @cached_property
    def lines(self) -> list[str]:
        """The table's lines, headings first."""
        return gzip.decompress((DATA / self.file).read_bytes()).decode().split("\n")

    @cached_property
    def line_of(self) -> dict[str, int]:
        """The number of the line of each id."""
        return {line.partition("\t")[0]: number for number, line in enumerate(self.lines)}

    @cached_property
    def positions(self) -> NDArray[np.float64]:
        """Latitude and longitude of every place, degrees, as an array of two rows."""
        return np.array([line.split("\t", 3)[1:3] for line in self.lines[1:]], dtype=np.float64).T

    def read(self) -> None:
        """Read it all, for a process whose forks would each read it again."""
        _ = self.line_of, self.positions

    def fields(self, number: int) -> Fields:
        """A line by its headings; an unknown value is empty."""
        return dict(zip(self.lines[0].split("\t"), self.lines[number].split("\t"), strict=True))

    def find(self, id: str) -> Fields | None:
        """The place of that id, by the headings; None if there is none."""
        number = self.line_of.get(id)
        return self.fields(number) if number else None

    def near(self, latitude: float, longitude: float, radius_km: float) -> list[tuple[float, Fields]]:
        """The places within so many km of a point, each with its distance, nearest first."""
        km = distance_km(latitude, longitude, self.positions[0], self.positions[1])
        order = np.argsort(km, kind="stable")
        return [(float(km[i]), self.fields(i + 1)) for i in order[: np.count_nonzero(km <= radius_km)]]

    def nearest(self, latitude: float, longitude: float, radius_km: float) -> Fields | None:
        """The place nearest to a point; None if there is none within so many km."""
        degrees = np.degrees(radius_km / EARTH_RADIUS_KM)  # no place that is further north or south is within it
        band = np.flatnonzero(np.abs(self.positions[0] - latitude) <= degrees)
        km = distance_km(latitude, longitude, self.positions[0, band], self.positions[1, band])
        if not band.size or km.min() > radius_km:
            return None
        return self.fields(int(band[km.argmin()]) + 1)


def distance_km(
    latitude: float, longitude: float, latitudes: NDArray[np.float64] | float, longitudes: NDArray[np.float64] | float
) -> NDArray[np.float64]:
    """Great-circle distances of a point to some others by the haversine formula; positions in degrees."""
    phi, others = np.radians(latitude), np.radians(latitudes)
    half_phi, half_lambda = (others - phi) / 2, np.radians(np.asarray(longitudes) - longitude) / 2
    haversine = np.sin(half_phi) ** 2 + np.cos(phi) * np.cos(others) * np.sin(half_lambda) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(haversine)))
