"""First contents of a database: a demo user with a sample project for development, an admin for production."""

import secrets
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eeds.accounts.operations import create_token, create_user
from eeds.accounts.principal import SCOPES, Principal, principal_of
from eeds.accounts.tokens import store_token
from eeds.config.settings import Settings
from eeds.db.engine import Database
from eeds.db.tables import ConsumptionMetadata, Project, User, WeatherYear
from eeds.errors import ConfigurationError
from eeds.records import consumption
from eeds.records.batch import Batch
from eeds.records.history.finished import ENERGY, finish
from eeds.server.demo import sample
from eeds.weather.store import contents
from eeds.weather.years import SYNTHETIC, year_of

DEV_USER, DEV_PASSWORD, DEV_TOKEN = "demo", "demo-password", "tokstr"
PROD_USER = "admin"


def seed_dev(database: Database, settings: Settings) -> bool:
    """User demo / demo-password with token `tokstr`, owner 1 and the sample project ABC; False if they are there.

    Raises ConfigurationError in production: everybody knows the token.
    """
    if settings.env == "production":
        raise ConfigurationError("The development seed is for development; EEDS_ENV is production.")
    with database.session() as session:
        if not is_empty(session):
            return False
        user = create_user(session, DEV_USER, DEV_PASSWORD, is_admin=True)
        store_token(session, settings.secret_key, user, DEV_TOKEN, SCOPES, expires=None)
        store_sample_project(session, principal_of(session, user.id))
        store_sample_weather(session)
    return True


def store_sample_project(session: Session, principal: Principal) -> None:
    """The sample project with its traces and their records."""
    project = Project(
        project_owner_id=principal.owner_id,
        project_id=sample.PROJECT_ID,
        zipcode=sample.ZIPCODE,
        baseline_period_end=midnight(sample.BASELINE_END),
        reporting_period_start=midnight(sample.REPORTING_START),
    )
    session.add(project)
    session.flush()
    readings = consumption.ReadingStore(session, principal, optimistic=True)
    for trace in sample.traces():
        stored = ConsumptionMetadata(
            project_id=project.id, interpretation=trace.interpretation, unit=trace.unit, label=None
        )
        session.add(stored)
        session.flush()
        n = len(trace.columns["start"])
        readings.add(Batch(n, range(n), {"metadata_id": np.full(n, stored.id), **trace.columns}))
    finish(session, principal, ENERGY, readings.finish())


def store_sample_weather(session: Session) -> None:
    """Made-up temperatures for the sample project's station, so that the meter can be run on it at once."""
    hours, temperatures = sample.weather()
    years = year_of(hours)
    for year in np.unique(years).tolist():
        temps = temperatures[years == year]
        session.add(WeatherYear(station=sample.STATION, source=SYNTHETIC, year=year, **contents(year, temps)))


def midnight(day: str) -> datetime:
    """The beginning of a day in UTC."""
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def seed_prod(database: Database, settings: Settings) -> tuple[str, str]:
    """An admin user; returns its random password and token, which are stored nowhere else.

    Raises ConfigurationError if there are users already.
    """
    with database.session() as session:
        if not is_empty(session):
            raise ConfigurationError("There are users already; make more with: eeds user create NAME")
        password = secrets.token_urlsafe(16)
        user = create_user(session, PROD_USER, password, is_admin=True)
        return password, create_token(session, settings.secret_key, user)


def is_empty(session: Session) -> bool:
    """Whether nobody has been here yet."""
    return session.scalar(select(func.count()).select_from(User)) == 0
