"""Settings of `rq worker -c workers.settings`, which imports this before it makes its worker."""

from eeds.config import logs
from eeds.config.settings import Settings
from workers.lease_keeper import start_keeper
from workers.own_jobs import take_own_jobs_only
from workers.own_queue import listen_to
from workers.schema_check import start_with_own_schema
from workers.worker import await_queue, report_fallback, warm_up

logs.configure()

settings = Settings.from_env()

# Before this process becomes large, for that is a fork of it.
start_keeper(settings)

# Nobody who reaches the queue can run code in a worker.
take_own_jobs_only()

REDIS_URL = settings.redis_url
queue = start_with_own_schema(settings)
QUEUES = listen_to(queue)

# Jobs run in forks of the worker: what it has compiled before the first one, none of them has to compile.
warm_up(settings)

# `rq worker` gives up when it does not find the queue, and would have to be started and warmed up again.
await_queue(settings)
report_fallback(settings, queue)
