"""Metrics for Prometheus: requests and records counted by each web process, and the state of runs and queue."""

import os
from collections.abc import Iterator
from dataclasses import asdict

import redis
from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY, Collector

from eeds.config.settings import Settings
from eeds.db.engine import Database, psycopg_connection
from eeds.db.statements import query
from eeds.jobs.queue_name import queue_of
from eeds.jobs.queue_state import queue_state
from eeds.records.refusals import Counts
from eeds.records.refused_rows import Refusals
from eeds.runs.progress import oldest_pending_seconds
from eeds.web.context import database, settings

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)

# gunicorn.conf.py gives several processes a directory to count in, and each of them its place.
TOGETHER = "PROMETHEUS_MULTIPROC_DIR" in os.environ
if TOGETHER:
    values.ValueClass = values.MultiProcessValue(  # type: ignore[no-untyped-call]
        lambda: os.environ["EEDS_WEB_PLACE"]
    )

REQUESTS = Counter("eeds_http_requests", "Requests answered.", ["method", "endpoint", "status"])
LATENCY = Histogram("eeds_http_request_seconds", "Until the answer was sent.", ["method", "endpoint"], buckets=SECONDS)
RECORDS = Counter("eeds_records", "Records of bulk loads by what became of them.", ["kind", "outcome"])

blueprint = Blueprint("metrics", __name__)


def count_records(resource: str, counts: Counts, refused: Refusals) -> None:
    """Count what became of the records of a load."""
    for outcome, number in {**asdict(counts), "refused": refused.records}.items():
        RECORDS.labels(resource, outcome).inc(number)


class State(Collector):
    """The state of runs and queue when they are read; without an answer of the queue its metrics are left out."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.database = database

    def collect(self) -> Iterator[Metric]:
        """Runs by status, the age of the oldest PENDING one, and the queue and its workers."""
        with self.database.session() as session:
            connection = psycopg_connection(session)
            rows, name = connection.execute(query("runs/run_states")).fetchall(), queue_of(connection)
            oldest = oldest_pending_seconds(session) or 0
        by_status = GaugeMetricFamily("eeds_runs", "Project runs.", labels=["status"])
        for status, number in rows:
            by_status.add_metric([status], number)
        yield by_status
        waited = "How long the oldest PENDING run has waited."
        yield GaugeMetricFamily("eeds_oldest_pending_run_seconds", waited, value=oldest)
        try:
            queue = queue_state(self.settings.redis_url, name)
        except redis.RedisError:
            return
        yield GaugeMetricFamily("eeds_queued_jobs", "Jobs that wait in the queue.", value=queue.queued)
        yield GaugeMetricFamily("eeds_workers", "Workers that listen to the queue.", value=len(queue.workers))
        fallbacks = "Workers started that fit with the library alone, for the compiled engine was not proven."
        yield CounterMetricFamily("eeds_meter_fallbacks", fallbacks, value=queue.fallbacks)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Counts of this service in Prometheus' text format, without names or data; raises without the database."""
    counted, state = REGISTRY, CollectorRegistry()
    if TOGETHER:
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    state.register(State(settings(), database()))
    return Response(generate_latest(counted) + generate_latest(state), content_type=CONTENT_TYPE_LATEST)
