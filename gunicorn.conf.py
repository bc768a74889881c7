"""gunicorn's settings for `gunicorn wsgi:app`; PORT and WEB_CONCURRENCY are read by gunicorn itself."""

# Threads: uploads and streams wait for the network and the database, and Postgres does the work.
worker_class = "gthread"
threads = 4
# A large upload keeps its thread busy, not its worker: the timeout catches workers that hang.
timeout = 120
graceful_timeout = 20
# Keep each worker's memory in bounds whatever it has served.
max_requests = 10_000
max_requests_jitter = 1_000
