"""Settings of `rq worker -c workers.settings`, which imports this before it makes its worker."""

from eeds.config import logs
from eeds.config.settings import Settings
from eeds.jobs.leases import QUEUE
from workers.own_jobs import take_own_jobs_only
from workers.schema_check import start_with_own_schema
from workers.worker import await_queue, report_fallback, warm_up

logs.configure()

settings = Settings.from_env()

REDIS_URL = settings.redis_url
QUEUES = [QUEUE]

# Nobody who reaches the queue can run code in a worker.
take_own_jobs_only()

start_with_own_schema(settings)

# Jobs run in forks of the worker: what it has compiled before the first one, none of them has to compile.
warm_up(settings)

# `rq worker` gives up when it does not find the queue, and would have to be started and warmed up again.
await_queue(settings)
report_fallback(settings)
