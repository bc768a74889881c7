"""`eeds doctor`: what keeps this datastore from doing its work, and what to do about it."""

from collections.abc import Iterator
from dataclasses import dataclass

import click
import redis
from psycopg import OperationalError
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError as DatabaseAway

from eeds.accounts.tokens import digest
from eeds.config.settings import DEVELOPMENT_SECRET_KEY, Settings
from eeds.db.engine import Database, PsycopgConnection
from eeds.db.migrate import migration_status
from eeds.db.statements import query
from eeds.db.tables import Token
from eeds.errors import ConfigurationError
from eeds.jobs.leases import LEASE_SECONDS, OFFER_AGAIN_SECONDS
from eeds.jobs.queue_state import queue_state
from eeds.server.seed import DEV_TOKEN
from eeds.weather.errors import LACKS_WEATHER

# A run that nobody has told the queue of for so long, or that is still held so long after its lease: no relay works.
RELAY_SECONDS = 2 * (LEASE_SECONDS + OFFER_AGAIN_SECONDS)


@dataclass(frozen=True)
class Finding:
    """Something that was looked at; without a remedy it is as it should be."""

    what: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"problem  {self.what}\n         {self.remedy}" if self.remedy else f"ok       {self.what}"


@click.command()
def doctor() -> None:
    """Check database, queue, relay, workers, runs and weather; exit status 1 if something is wrong."""
    settings = Settings.from_env()
    problems = 0
    for finding in findings(settings, Database(settings.database_url)):
        click.echo(str(finding))
        problems += bool(finding.remedy)
    raise SystemExit(problems > 0)


def findings(settings: Settings, database: Database) -> Iterator[Finding]:
    """One after the other; what needs the database is left out where there is none."""
    yield of_secret_key(settings)
    found = of_database(settings, database)
    yield found
    yield from of_queue(settings)
    if not found.remedy:
        yield of_dev_token(settings, database)
        with database.connection() as connection:
            for check in (of_relay, of_runs, of_weather):
                yield check(connection)


def of_secret_key(settings: Settings) -> Finding:
    """Whether tokens are proven with a key that nobody knows."""
    if settings.secret_key == DEVELOPMENT_SECRET_KEY:
        return Finding("SECRET_KEY is not set: tokens are proven with a key that everybody knows.", "Set SECRET_KEY.")
    return Finding("SECRET_KEY is set")


def of_database(settings: Settings, database: Database) -> Finding:
    """Whether it answers and has the schema of this code."""
    try:
        with database.connection() as connection:
            version = connection.info.parameter_status("server_version")
        missing = [migration.name for migration in migration_status(settings.database_url) if not migration.applied]
    except (OperationalError, DatabaseAway) as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        return Finding(f"The database does not answer: {reason}", "Start it, or correct DATABASE_URL.")
    except ConfigurationError as error:
        return Finding(str(error), "Run the release of eeds that the database was brought up to.")
    if missing:
        return Finding(f"The schema lacks {', '.join(missing)}.", "Run: eeds db upgrade")
    return Finding(f"PostgreSQL {version}, schema current")


def of_queue(settings: Settings) -> Iterator[Finding]:
    """Whether it answers, and whether anybody works on it."""
    try:
        queue = queue_state(settings.redis_url)
    except redis.RedisError as error:
        yield Finding(f"The queue does not answer: {error}", "Start Redis, or correct REDIS_URL. The runs wait.")
        return
    yield Finding(f"The queue answers; {queue.queued} jobs wait in it")
    if queue.workers:
        yield Finding(f"{len(queue.workers)} workers")
    else:
        yield Finding("No worker listens to the queue.", "Start one: rq worker -c workers.settings eeds")


def of_dev_token(settings: Settings, database: Database) -> Finding:
    """The token of the development seed is printed in the documentation."""
    with database.session() as session:
        proof = digest(settings.secret_key, DEV_TOKEN)
        known = session.scalar(select(func.count()).where(Token.digest == proof, Token.revoked.is_(None)))
    if known and settings.env == "production":
        return Finding(f"The token {DEV_TOKEN}, which everybody knows, is valid here.", "Revoke it: eeds token revoke")
    return Finding("No token that everybody knows" if not known else "The development token is valid (EEDS_ENV)")


def of_relay(connection: PsycopgConnection) -> Finding:
    """Whether runs are given to the queue, and taken back from workers that have gone."""
    (neglected,) = connection.execute(query("runs/runs_without_relay"), {"seconds": RELAY_SECONDS}).fetchone() or (0,)
    if neglected:
        return Finding(f"{neglected} runs are not looked after.", "Start the relay: python -m workers.relay")
    return Finding("Every run is looked after")


def of_runs(connection: PsycopgConnection) -> Finding:
    """How many there are by status."""
    states = {status: number for status, number, _ in connection.execute(query("runs/run_states"))}
    return Finding(f"Runs: {', '.join(f'{number} {status}' for status, number in states.items())}")


def of_weather(connection: PsycopgConnection) -> Finding:
    """Whether projects lack weather."""
    found = connection.execute(query("weather/projects_without_weather"), {"lacks_weather": LACKS_WEATHER}).fetchone()
    projects, without, example = found or (0, 0, None)
    if without:
        return Finding(
            f"{without} of {projects} projects had no weather in their last run, as {example}.",
            "See the traceback of the run, and docs/weather.md: load temperatures, or set weather_station.",
        )
    return Finding(f"No project's last run lacked weather ({projects} projects)")
