"""Temperatures of weather stations, normal years, and the station of each project."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from eeds.db.tables.base import Base


class WeatherYear(Base):
    """One UTC year of hourly temperatures of a station, degrees Fahrenheit, NaN = missing."""

    __tablename__ = "weather_years"

    station: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    temps: Mapped[list[float]]
    n_observed: Mapped[int] = mapped_column(Integer)
    first_hour: Mapped[datetime | None]
    last_hour: Mapped[datetime | None]
    url: Mapped[str | None]
    etag: Mapped[str | None]
    sha256: Mapped[str | None]
    fetched_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class WeatherFetch(Base):
    """Why the last attempt to fetch a station-year gave nothing."""

    __tablename__ = "weather_fetches"

    station: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    absent: Mapped[bool]
    message: Mapped[str]
    tried: Mapped[datetime] = mapped_column(server_default=text("now()"))


class WeatherNormal(Base):
    """A normal year of a station: 8,760 hours of local standard time, degrees Fahrenheit."""

    __tablename__ = "weather_normals"

    station: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    utc_offset: Mapped[float]
    temps: Mapped[list[float]]


class ProjectWeather(Base):
    """The weather station pinned to a project."""

    __tablename__ = "project_weather"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    station: Mapped[str]
    normal_station: Mapped[str | None]
    kind: Mapped[str | None]
    km: Mapped[float | None]
    climate_match: Mapped[bool | None]
    method: Mapped[str]
    chosen_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
