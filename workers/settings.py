"""Settings of `rq worker -c workers.settings`, which imports this before it makes its worker."""

import rq.serializers

from eeds.config import Settings
from eeds.runs import QUEUE
from workers.worker import warm_up

settings = Settings.from_env()

REDIS_URL = settings.redis_url
QUEUES = [QUEUE]

# `rq worker` takes its serializer from the command line only, and pickle where it is not told. The payload of our jobs
# is JSON, so that nobody who reaches the queue can run code in a worker.
setattr(rq.serializers, "DefaultSerializer", rq.serializers.JSONSerializer)  # noqa: B010 - a class to mypy

# Jobs run in forks of the worker: what it has compiled before the first one, none of them has to compile.
warm_up(settings)
