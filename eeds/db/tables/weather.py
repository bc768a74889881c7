"""Temperatures of weather stations, normal years, and the station of each project."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from eeds.db.tables.base import Base, Identified


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


class WeatherChange(Identified, Base):
    """Hours of a station-year as they were before a change, from the first to the last that it changed."""

    __tablename__ = "weather_changes"
    __table_args__ = (Index("ix_weather_changes_station", "station", "year", "source", "id"),)

    station: Mapped[str]
    source: Mapped[str]
    year: Mapped[int] = mapped_column(SmallInteger)
    changed: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    hour: Mapped[int] = mapped_column(SmallInteger)
    temps: Mapped[list[float]]


class WeatherNormalChange(Identified, Base):
    """A normal year as it was before a change."""

    __tablename__ = "weather_normal_changes"
    __table_args__ = (Index("ix_weather_normal_changes_station", "station", "kind", "id"),)

    station: Mapped[str]
    kind: Mapped[str]
    changed: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
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
