"""Runs that wait for weather: PENDING, and no worker is given them, until a download has ended."""

from sqlalchemy.orm import Session

from eeds.db.engine import psycopg_connection
from eeds.db.statements import query
from eeds.jobs.leases import LeaseLost
from eeds.runs.lifecycle import ClaimedRun
from eeds.weather.downloads import missing_for_run, request_download
from eeds.weather.errors import TooFewHours


def wait_for_weather(session: Session, run: ClaimedRun, lacking: TooFewHours) -> str:
    """Have the temperatures that a run lacks fetched, and let it wait for them, in the session's transaction; what it
    waits for. Raises NoWeather if they cannot be fetched, and LeaseLost."""
    connection = psycopg_connection(session)
    missing = missing_for_run(connection, run.id, lacking)
    if missing is None:
        raise lacking
    waiting_for = str(missing)
    parameters = {
        "id": run.id,
        "attempt": run.attempts,
        "download_id": request_download(connection, missing),
        "waiting_for": waiting_for,
    }
    if connection.execute(query("runs/wait_for_weather"), parameters).rowcount != 1:
        raise LeaseLost(f"{run} is no longer in the hands of attempt {run.attempts}")
    return waiting_for
