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
from eeds.jobs.queue_name import queue_of
from eeds.jobs.queue_state import queue_state, relay_is_at_work, require_answer
from eeds.server.seed import DEV_TOKEN
from eeds.weather.errors import LACKS_WEATHER

# A run that was not queued for so long, or is still claimed so long after its lease has ended: no relay works.
RELAY_SECONDS = 2 * (LEASE_SECONDS + OFFER_AGAIN_SECONDS)


@dataclass(frozen=True)
class Finding:
    """What a check has found, with a remedy if it is a problem."""

    what: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"problem  {self.what}\n         {self.remedy}" if self.remedy else f"ok       {self.what}"


@click.command()
def doctor() -> None:
    """Check database, queue, relay, workers, runs and weather; exit status 1 if something is wrong."""
    settings = Settings.from_env()
    problems = 0
    for finding in findings(settings, Database(settings.direct_url)):
        click.echo(str(finding))
        problems += bool(finding.remedy)
    raise SystemExit(problems > 0)


def findings(settings: Settings, database: Database) -> Iterator[Finding]:
    """The findings of all checks; those that need the database are left out if it does not answer."""
    yield check_secret_key(settings)
    of_database = check_database(settings, database)
    yield of_database
    yield check_redis(settings)
    if not of_database.remedy:
        with database.connection() as connection:
            yield from check_queue(settings, queue_of(connection))
        yield check_dev_token(settings, database)
        with database.connection() as connection:
            yield check_relay(connection)
            yield check_runs(connection)
            yield check_weather(connection)


def check_secret_key(settings: Settings) -> Finding:
    """Whether tokens and sessions are signed with a key of this datastore's own."""
    if settings.secret_key == DEVELOPMENT_SECRET_KEY:
        return Finding("SECRET_KEY is not set: tokens are proven with a key that everybody knows.", "Set SECRET_KEY.")
    return Finding("SECRET_KEY is set")


def check_database(settings: Settings, database: Database) -> Finding:
    """Whether the database answers and has the schema of this code."""
    try:
        with database.connection() as connection:
            version = connection.info.parameter_status("server_version")
        missing = [migration.name for migration in migration_status(settings.direct_url) if not migration.applied]
    except (OperationalError, DatabaseAway) as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        return Finding(f"The database does not answer: {reason}", "Start it, or correct DATABASE_URL.")
    except ConfigurationError as error:
        return Finding(str(error), "Run the release of eeds that the database was brought up to.")
    if missing:
        return Finding(f"The schema lacks {', '.join(missing)}.", "Run: eeds db upgrade")
    return Finding(f"PostgreSQL {version}, schema current")


def check_redis(settings: Settings) -> Finding:
    """Whether the queue answers."""
    try:
        require_answer(settings.redis_url)
    except redis.RedisError as error:
        return Finding(f"The queue does not answer: {error}", "Start Redis, or correct REDIS_URL. The runs wait.")
    return Finding("The queue answers")


def check_queue(settings: Settings, name: str) -> Iterator[Finding]:
    """What waits in the queue of the database, and whether a worker and a relay are there; nothing if it does not
    answer."""
    try:
        queue = queue_state(settings.redis_url, name)
        at_work = relay_is_at_work(settings.redis_url, name)
    except redis.RedisError:
        return
    yield Finding(f"{queue.queued} jobs wait in the queue {name}")
    if queue.workers:
        yield Finding(f"{len(queue.workers)} workers")
    else:
        yield Finding("No worker listens to the queue.", "Start one: rq worker -c workers.settings")
    if at_work:
        yield Finding("The relay is at work")
    else:
        yield Finding("No relay is at work.", "Start it: python -m workers.relay")


def check_dev_token(settings: Settings, database: Database) -> Finding:
    """Whether the token of the development seed, which the documentation prints, is valid in production."""
    with database.session() as session:
        proof = digest(settings.secret_key, DEV_TOKEN)
        known = session.scalar(select(func.count()).where(Token.digest == proof, Token.revoked.is_(None)))
    if known and settings.env == "production":
        return Finding(f"The token {DEV_TOKEN}, which everybody knows, is valid here.", "Revoke it: eeds token revoke")
    return Finding("No token that everybody knows" if not known else "The development token is valid (EEDS_ENV)")


def check_relay(connection: PsycopgConnection) -> Finding:
    """Whether a relay queues runs, and takes back those of workers that have gone."""
    (neglected,) = connection.execute(query("runs/runs_without_relay"), {"seconds": RELAY_SECONDS}).fetchone() or (0,)
    if neglected:
        return Finding(f"{neglected} runs are not looked after.", "Start the relay: python -m workers.relay")
    return Finding("Every run is looked after")


def check_runs(connection: PsycopgConnection) -> Finding:
    """How many runs there are by status; never a problem."""
    states: dict[str, int] = dict(connection.execute(query("runs/run_states")).fetchall())
    return Finding(f"Runs: {', '.join(f'{number} {status}' for status, number in states.items())}")


def check_weather(connection: PsycopgConnection) -> Finding:
    """Whether the last runs of projects failed for want of temperatures."""
    counts = connection.execute(query("weather/projects_without_weather"), {"lacks_weather": LACKS_WEATHER})
    projects, without, example = counts.fetchone() or (0, 0, None)
    if without:
        return Finding(
            f"{without} of {projects} projects had no weather in their last run, as {example}.",
            "See the traceback of the run, and docs/weather.md: load temperatures, or set weather_station.",
        )
    return Finding(f"No project's last run lacked weather ({projects} projects)")
