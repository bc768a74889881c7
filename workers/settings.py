"""Settings of `rq worker -c workers.settings`, which imports this before it makes its worker."""

import rq.serializers

from eeds.config import logs
from eeds.config.settings import Settings
from eeds.jobs.leases import QUEUE
from workers.schema_check import start_with_own_schema
from workers.worker import await_queue, report_fallback, warm_up

logs.configure()

settings = Settings.from_env()

REDIS_URL = settings.redis_url
QUEUES = [QUEUE]

# `rq worker` takes its serializer from the command line only, and pickle by default. The payload of our jobs
# is JSON, so that nobody who reaches the queue can run code in a worker.
setattr(rq.serializers, "DefaultSerializer", rq.serializers.JSONSerializer)  # noqa: B010 - a class to mypy

start_with_own_schema(settings)

# Jobs run in forks of the worker: what it has compiled before the first one, none of them has to compile.
warm_up(settings)

# `rq worker` gives up when it does not find the queue, and would have to be started and warmed up again.
await_queue(settings)
report_fallback(settings)
